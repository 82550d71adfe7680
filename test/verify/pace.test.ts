import { Subject } from 'rxjs';
import { beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../adapters/memory/virtual-clock.ts';
import { UserError } from '../../services/errors.ts';
import { Pace } from '../../services/verify/pace.ts';
import { AT_ONCE } from '../../services/verify/run.ts';
import { flush } from '../runtime/kit.ts';

const MB = 1e6;

let clock: VirtualClock;
let changed: Subject<void>;
let busy: boolean;
let stop: AbortController;
beforeEach(() => {
  clock = new VirtualClock();
  changed = new Subject();
  busy = false;
  stop = new AbortController();
});

function paceAt(rateBytesPerSecond: number | null): Pace {
  const backups = { isBusy: () => busy, changed$: changed };
  return new Pace({ clock, rateBytesPerSecond, backups, stop: stop.signal });
}

/** Whether it has gone on. */
function watch(work: Promise<void>): { done: boolean; error: unknown } {
  const seen = { done: false, error: null as unknown };
  work.then(
    () => {
      seen.done = true;
    },
    (error: unknown) => {
      seen.error = error;
    },
  );
  return seen;
}

function backup(runs: boolean): void {
  busy = runs;
  changed.next();
}

describe('a rate', () => {
  it('makes a reader wait until what it read is paid for', async () => {
    const pace = paceAt(10 * MB);
    const seen = watch(pace.spend(5 * MB));
    clock.advance(499);
    await flush();
    expect(seen.done).toBe(false);
    clock.advance(1);
    await flush();
    expect(seen.done).toBe(true);
  });

  it('holds over many small blocks, although a timer cannot wait for each', async () => {
    const pace = paceAt(10 * MB);
    const startMs = clock.monoMs();
    for (let block = 0; block < 1000; block += 1) {
      const seen = watch(pace.spend(10_000));
      await flush();
      if (!seen.done) clock.advance(10);
      await flush();
      expect(seen.done).toBe(true);
    }
    const tookMs = clock.monoMs() - startMs;
    expect(tookMs).toBeGreaterThanOrEqual(990);
    expect(tookMs).toBeLessThanOrEqual(1010);
  });

  it('does not make up for the time in which nothing was read', async () => {
    const pace = paceAt(10 * MB);
    await pace.spend(1000);
    clock.advance(60_000);
    const seen = watch(pace.spend(10 * MB));
    clock.advance(999);
    await flush();
    expect(seen.done).toBe(false);
  });

  it('that is not set makes nobody wait, and nothing is left behind', async () => {
    const pace = paceAt(null);
    await pace.spend(1e12);
    expect(clock.armed).toBe(0);
    expect(pace.spentBytes).toBe(1e12);
  });
});

describe('a backup', () => {
  it('goes first: a reader waits until none runs', async () => {
    const pace = paceAt(null);
    backup(true);
    expect(pace.isHeldUp).toBe(true);
    const seen = [watch(pace.clear()), watch(pace.spend(1))];
    changed.next();
    await flush();
    expect(seen.map(({ done }) => done)).toEqual([false, false]);
    backup(false);
    await flush();
    expect(seen.map(({ done }) => done)).toEqual([true, true]);
    expect(pace.isHeldUp).toBe(false);
    expect(changed.observed).toBe(false);
  });

  it('that begins while the rate makes it wait is waited for as well', async () => {
    const pace = paceAt(MB);
    const seen = watch(pace.spend(MB));
    backup(true);
    clock.advance(1000);
    await flush();
    expect(seen.done).toBe(false);
    backup(false);
    await flush();
    expect(seen.done).toBe(true);
  });

  it('that does not run holds nobody up', async () => {
    const pace = paceAt(null);
    await pace.clear();
    expect(changed.observed).toBe(false);
  });
});

describe('a stop', () => {
  const why = new UserError('test' as never, 75, 'stopped', 'go on');

  it.each(['rate', 'backup'] as const)('ends the waiting for the %s at once', async (what) => {
    const pace = paceAt(what === 'rate' ? 1 : null);
    if (what === 'backup') backup(true);
    const seen = watch(pace.spend(100));
    stop.abort(why);
    await flush();
    expect(seen).toEqual({ done: false, error: why });
    expect(clock.armed).toBe(0);
    expect(changed.observed).toBe(false);
  });

  it('that came before lets nothing begin', async () => {
    stop.abort(why);
    await expect(paceAt(null).clear()).rejects.toBe(why);
    await expect(paceAt(null).spend(1)).rejects.toBe(why);
    await expect(paceAt(1).spend(100)).rejects.toBe(why);
    expect(clock.armed).toBe(0);
  });

  it('never comes where there is nobody to stop it', async () => {
    const pace = new Pace(AT_ONCE);
    await pace.clear();
    await pace.spend(1e12);
    expect(pace.isHeldUp).toBe(false);
  });
});
