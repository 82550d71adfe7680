import { Subject } from 'rxjs';
import { beforeEach, describe, expect, test } from 'vitest';
import { decide, initialState } from '../../machines/decide.ts';
import type { Fact, FactRecord } from '../../machines/facts.ts';
import { PowerOff, type PowerOffAfter } from '../../services/power-off.ts';
import type { Decided } from '../../services/runtime/runtime.ts';
import {
  AT,
  backupFailed,
  backupFinished,
  card,
  cardAttached,
  cardDetached,
  daemonStarted,
  devicesKnown,
  driveAttached,
  driveDetached,
  power,
  timerElapsed,
} from '../machines/story.ts';
import { VirtualClock } from '../runtime/kit.ts';

const MINUTE_MS = 60_000;

/** The service beside a chart that is told facts. */
class Bench {
  readonly clock = new VirtualClock();
  readonly asked: Fact[] = [];
  busy = false;
  readonly service: PowerOff;
  readonly #decided = new Subject<Decided>();
  #state = initialState();
  #seq = 0;

  constructor(after: PowerOffAfter) {
    const submit = (fact: Fact) => {
      this.asked.push(fact);
      this.tell(fact);
    };
    this.service = new PowerOff({
      decided$: this.#decided,
      clock: this.clock,
      after,
      busy: () => this.busy,
      submit,
    });
    this.service.start();
    this.tell(daemonStarted(), devicesKnown(), driveAttached('D'));
  }

  tell(...facts: readonly Fact[]): this {
    for (const fact of facts) {
      this.#seq += 1;
      const record = { seq: this.#seq, at: AT, fact } as FactRecord;
      const before = this.#state;
      const { state, commands } = decide(before, record);
      this.#state = state;
      this.#decided.next({ record, before, state, commands });
    }
    return this;
  }

  copy(label = 'A'): this {
    return this.tell(cardAttached(label), timerElapsed('settleDelay'));
  }

  /** The backup of a card ends well. */
  done(label = 'A', trusted = true): this {
    return this.tell(backupFinished(this.backupOf(label), label, trusted));
  }

  backupOf(label: string) {
    const running = this.#state.appliance.context.running.find((backup) => backup.card.label === label);
    if (running === undefined) throw new Error(`${label} is not being backed up`);
    return running.backupId;
  }

  pass(ms: number): this {
    this.clock.advance(ms);
    return this;
  }
}

const OFF = [{ type: 'ShutdownRequested', action: 'poweroff' }];
let bench: Bench;

describe('never', () => {
  test('is never', () => {
    bench = new Bench('never')
      .copy()
      .done()
      .tell(cardDetached('A'))
      .pass(100 * 3_600_000);
    expect(bench.asked).toEqual([]);
    expect(bench.clock.armed).toBe(0);
  });
});

describe('after ten minutes', () => {
  beforeEach(() => {
    bench = new Bench(10 * MINUTE_MS);
  });

  test('in which nothing happened the machine is switched off, once', () => {
    expect(bench.pass(10 * MINUTE_MS - 1).asked).toEqual([]);
    expect(bench.pass(1).asked).toEqual(OFF);
    expect(bench.pass(100 * MINUTE_MS).asked).toEqual(OFF);
    expect(bench.clock.armed).toBe(0);
  });

  test.each([
    ['a card', cardAttached('A', 'manual')],
    ['a drive that goes', driveDetached('D')],
    ['a button', { type: 'ButtonPressed' }],
    ['an announcement', { type: 'DeviceAnnounced', device: 'sdb' }],
    ['an acknowledgement', { type: 'Acknowledged' }],
  ] as [string, Fact][])('begin anew with %s', (_, fact) => {
    bench.pass(9 * MINUTE_MS).tell(fact);
    expect(bench.pass(9 * MINUTE_MS).asked).toEqual([]);
    expect(bench.pass(MINUTE_MS).asked).toEqual(OFF);
  });

  test.each([
    ['the temperature', { ...power('warning'), check: 'temperature' }],
    ['the clock', { type: 'ClockSet', offsetMs: 5000 }],
  ] as [string, Fact][])('go on when only %s changes', (_, fact) => {
    bench.pass(9 * MINUTE_MS).tell(fact);
    expect(bench.pass(MINUTE_MS).asked).toEqual(OFF);
  });

  test('do not count while a backup runs, however large its files are', () => {
    bench.copy().pass(60 * MINUTE_MS);
    expect(bench.asked).toEqual([]);
    bench.done();
    expect(bench.pass(9 * MINUTE_MS).asked).toEqual([]);
    expect(bench.pass(MINUTE_MS).asked).toEqual(OFF);
  });

  test('do not count while a drive is verified', () => {
    bench.busy = true;
    expect(bench.pass(60 * MINUTE_MS).asked).toEqual([]);
    bench.busy = false;
    expect(bench.pass(10 * MINUTE_MS).asked).toEqual(OFF);
  });

  test('are over also while an error waits: it is shown again after the next start', () => {
    bench.copy();
    bench.tell(backupFailed(bench.backupOf('A'), 'A', 'verify-mismatch'));
    expect(bench.pass(10 * MINUTE_MS).asked).toEqual(OFF);
  });

  test('end with the service', () => {
    bench.service.stop();
    expect(bench.tell({ type: 'ButtonPressed' }).pass(60 * MINUTE_MS).asked).toEqual([]);
    expect(bench.clock.armed).toBe(0);
  });
});

describe('when a card that is safe was pulled', () => {
  beforeEach(() => {
    bench = new Bench('card-removed');
  });

  test('the machine is switched off, after the moment in which a reader may bounce', () => {
    bench
      .copy()
      .done()
      .pass(60 * MINUTE_MS)
      .tell(cardDetached('A'));
    expect(bench.pass(4999).asked).toEqual([]);
    expect(bench.pass(1).asked).toEqual(OFF);
  });

  test.each([
    ['comes back', [cardAttached('A')]],
    ['is announced again', [{ type: 'DeviceAnnounced', device: 'sda1' }]],
    ['is followed by another', [cardAttached('B', 'manual')]],
  ] as [string, Fact[]][])('not when it %s at once', (_, facts) => {
    bench
      .copy()
      .done()
      .tell(cardDetached('A'), ...facts);
    expect(bench.pass(60 * MINUTE_MS).asked).toEqual([]);
  });

  test('also when the machine itself has something to say meanwhile', () => {
    bench.copy().done().tell(cardDetached('A'), { type: 'ClockSet', offsetMs: 1 });
    expect(bench.pass(5000).asked).toEqual(OFF);
  });

  test.each([
    ['was never backed up', (at: Bench) => at.tell(cardAttached('A', 'manual'), timerElapsed('settleDelay'))],
    ['is being backed up', (at: Bench) => at.copy()],
    ['was verified from the cache only', (at: Bench) => at.copy().done('A', false)],
    ['failed', (at: Bench) => at.copy().tell(backupFailed(at.backupOf('A'), 'A', 'card-unreadable'))],
  ])('not when it %s', (_, begin) => {
    begin(bench);
    expect(bench.tell(cardDetached('A')).pass(60 * MINUTE_MS).asked).toEqual([]);
  });

  test('not while another card is attached; the last one counts', () => {
    bench.copy().copy('B').done().done('B');
    expect(bench.tell(cardDetached('A')).pass(MINUTE_MS).asked).toEqual([]);
    expect(bench.tell(cardDetached('B')).pass(MINUTE_MS).asked).toEqual(OFF);
  });

  test('not while an error is latched', () => {
    bench.copy().done().tell({ type: 'CardRefused', device: 'x', reason: 'mount-failed', detail: '' });
    bench.tell({ type: 'DeviceDetached', device: 'x' }, cardDetached('A'));
    expect(bench.pass(MINUTE_MS).asked).toEqual([]);
  });

  test('not while a drive is verified', () => {
    bench.busy = true;
    expect(bench.copy().done().tell(cardDetached('A')).pass(MINUTE_MS).asked).toEqual([]);
  });

  test('not when the end was asked for already, nor after a restart', () => {
    bench.copy().done().tell({ type: 'ShutdownRequested', action: 'stop' }, cardDetached('A'));
    expect(bench.pass(MINUTE_MS).asked).toEqual([]);
    bench = new Bench('card-removed').copy().done().tell(daemonStarted(), devicesKnown(), cardDetached('A'));
    expect(bench.pass(MINUTE_MS).asked).toEqual([]);
  });

  test('not when it is a folder that a command had named; a folder put in by the simulated board counts', () => {
    const folder = (start: 'auto' | 'manual'): Fact[] => [
      { type: 'CardAttached', card: { ...card('A'), kind: 'folder' }, start },
      timerElapsed('settleDelay'),
    ];
    bench.tell(...folder('manual'), {
      ...{ type: 'BackupRequested', cardId: card('A').id, by: 'person', driveId: null, fit: false },
    });
    expect(bench.done().tell(cardDetached('A')).pass(MINUTE_MS).asked).toEqual([]);
    bench.tell(...folder('auto'));
    expect(bench.done().tell(cardDetached('A')).pass(MINUTE_MS).asked).toEqual(OFF);
  });
});
