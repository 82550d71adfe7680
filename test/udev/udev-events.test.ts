import { concat, NEVER, Observable, of, throwError, timer } from 'rxjs';
import { map, mergeMap } from 'rxjs/operators';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import { MonitorEnded } from '../../adapters/udev/monitor-process.ts';
import { udevEvents } from '../../adapters/udev/udev-events.ts';

const text = (sequence: number) =>
  `KERNEL[1.0] add /x (block)\nACTION=add\nDEVPATH=/block/sda\nDEVTYPE=disk\nSEQNUM=${sequence}\n\n`;

const scheduler = () => new TestScheduler((actual, expected) => expect(actual).toEqual(expected));

/** Events as their numbers, and what else happens. */
function listen(test: TestScheduler, output$: Observable<string>) {
  const reasons: string[] = [];
  const startsMs: number[] = [];
  const counted$ = new Observable<string>((subscriber) => {
    startsMs.push(test.now());
    return output$.subscribe(subscriber);
  });
  const onUnavailable = (reason: string) => reasons.push(reason);
  const events$ = udevEvents({ onUnavailable, output$: counted$, scheduler: test });
  return { events$: events$.pipe(map((event) => String(event.sequence))), reasons, startsMs };
}

/** A monitor that dies after so many milliseconds. */
const dying = (test: TestScheduler, afterMs: number) =>
  timer(afterMs, test).pipe(mergeMap(() => throwError(() => new MonitorEnded('it ended (1)', null))));

describe('events of block devices', () => {
  it('come from the text of the monitor', () => {
    const test = scheduler();
    test.run(({ hot, expectObservable }) => {
      const pieces = { a: text(1) + text(2).slice(0, 40), b: text(2).slice(40) };
      const { events$ } = listen(test, hot('a---b', pieces));
      expectObservable(events$, '9ms !').toBe('1---2');
    });
  });

  it('start nothing before somebody listens, and end it when he leaves', () => {
    const test = scheduler();
    test.run(({ cold, flush, expectObservable, expectSubscriptions }) => {
      const output$ = cold('-----');
      const { events$, startsMs } = listen(test, output$);
      expect(startsMs).toEqual([]);
      expectObservable(events$, '---!').toBe('');
      expectSubscriptions(output$.subscriptions).toBe('^--!');
      flush();
      expect(startsMs).toEqual([0]);
    });
  });

  it('go on with a new monitor when it died, without what the old one left unsaid', () => {
    const test = scheduler();
    test.run(({ expectObservable, flush }) => {
      let starts = 0;
      const output$ = new Observable<string>((subscriber) => {
        starts += 1;
        const half = concat(of(text(1), text(9).slice(0, -1)), dying(test, 5));
        return (starts === 1 ? half : concat(of(`\n${text(2)}`), NEVER)).subscribe(subscriber);
      });
      const { events$, reasons } = listen(test, output$);
      expectObservable(events$, '9s !').toBe('1 1004ms 2');
      flush();
      expect(reasons).toEqual([]);
    });
  });

  it('are asked for again and again, ever more seldom, and told once to be unavailable', () => {
    const test = scheduler();
    test.run(({ expectObservable, flush }) => {
      const { events$, reasons, startsMs } = listen(test, dying(test, 0));
      expectObservable(events$, '200s !').toBe('');
      flush();
      expect(startsMs.map((ms) => ms / 1_000)).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183]);
      expect(reasons).toEqual(['it ended (1)']);
    });
  });

  it('are not said to be unavailable for a monitor that died twice', () => {
    const test = scheduler();
    test.run(({ expectObservable, flush }) => {
      let starts = 0;
      const output$ = new Observable<string>((subscriber) => {
        starts += 1;
        return (starts <= 2 ? dying(test, 0) : NEVER).subscribe(subscriber);
      });
      const { events$, reasons } = listen(test, output$);
      expectObservable(events$, '200s !').toBe('');
      flush();
      expect(reasons).toEqual([]);
    });
  });

  it('forget old deaths once a monitor spoke', () => {
    const test = scheduler();
    test.run(({ expectObservable, flush }) => {
      const output$ = concat(of(text(1)), dying(test, 99_000));
      const { events$, reasons, startsMs } = listen(test, output$);
      expectObservable(events$, '950s !').toBe(`1${' 99999ms 1'.repeat(9)}`);
      flush();
      expect(startsMs).toHaveLength(10);
      expect(reasons).toEqual([]);
    });
  });

  it.each(['ENOENT', 'EACCES'])('end without an error where there is no udevadm: %s', (code) => {
    const test = scheduler();
    test.run(({ expectObservable, flush }) => {
      const missing$ = throwError(() => new MonitorEnded(`spawn udevadm ${code}`, code));
      const { events$, reasons, startsMs } = listen(test, missing$);
      expectObservable(events$).toBe('|');
      flush();
      expect(startsMs).toEqual([0]);
      expect(reasons).toEqual([`spawn udevadm ${code}`]);
    });
  });

  it('survive a start that fails in another way', () => {
    const test = scheduler();
    test.run(({ expectObservable, flush }) => {
      let starts = 0;
      const output$ = new Observable<string>((subscriber) => {
        starts += 1;
        if (starts === 1) throw new TypeError('no streams');
        return concat(of(text(5)), NEVER).subscribe(subscriber);
      });
      const { events$ } = listen(test, output$);
      expectObservable(events$, '9s !').toBe('1000ms 5');
      flush();
    });
  });
});
