import { describe, expect, test } from 'vitest';
import { contextOf, type DecisionState, lightOf, phaseOf, signalsOf } from '../../machines/decide.ts';
import type { Fact, FactOf } from '../../machines/facts.ts';
import { backupId, driveId } from '../../machines/ids.ts';
import {
  backupFailed,
  backupFinished,
  backupPlanned,
  backupRequested,
  card,
  cardAttached,
  cardDetached,
  daemonStarted,
  devicesKnown,
  driveAttached,
  timerElapsed,
} from '../machines/story.ts';
import { runtimeKit } from './kit.ts';

const BEGIN = [daemonStarted(), driveAttached('D'), devicesKnown()];
/** The fact that settles the first card is record 5. */
const COPYING = [...BEGIN, cardAttached('A'), timerElapsed('settleDelay')];
const ID = backupId('20261121-5');
const READ: Fact = { type: 'CardRead', backupId: ID };
const FAULT: Fact = { type: 'InternalErrorOccurred', reason: 'internal', detail: 'x' };
const END: Fact = { type: 'ShutdownRequested', action: 'poweroff' };
const SETTLED: FactOf<'FilesSettled'> = {
  type: 'FilesSettled',
  backupId: ID,
  cardId: card('A').id,
  driveId: driveId('drive-D'),
  verifiedFrom: 'medium',
  copied: [],
  duplicates: [],
  failed: [],
};

/** Where in the chart, the signal there, and the signals after a restart: started, and when devices are known. */
const STATES: readonly (readonly [string, readonly Fact[], string, string])[] = [
  ['boot', [daemonStarted()], 'booting', 'ready'],
  ['ready.clear', BEGIN, 'ready', 'ready'],
  ['ready.attention', [...BEGIN, cardAttached('A', 'manual')], 'attention', 'ready'],
  ['ready.waiting', [daemonStarted(), devicesKnown()], 'waiting', 'ready'],
  ['copying.well.reading', COPYING, 'copying', 'error'],
  ['copying.well.verifying', [...COPYING, READ], 'verifying', 'error'],
  ['copying.troubled.reading', [...COPYING, FAULT], 'error', 'error'],
  ['copying.troubled.verifying', [...COPYING, FAULT, READ], 'error', 'error'],
  ['error', [...BEGIN, FAULT], 'error', 'error'],
  ['error of a failed card', [...COPYING, backupFailed(ID, 'A', 'verify-mismatch')], 'error', 'error'],
  ['shutdown.stopping', [...COPYING, END], 'shutting-down', 'error'],
  ['shutdown.releasing', [...BEGIN, END], 'shutting-down', 'ready'],
  ['shutdown.off', [...BEGIN, END, { type: 'DrivesReleased' }], 'off', 'ready'],
  ['door.settling', [...BEGIN, cardAttached('A')], 'attention', 'ready'],
  ['button.pressed', [...BEGIN, { type: 'ButtonPressed' }], 'ready', 'ready'],
  ['button.held', [...BEGIN, { type: 'ButtonPressed' }, timerElapsed('holdDelay')], 'shutting-down', 'ready'],
  ['presses.counting', [...BEGIN, { type: 'ButtonPressed' }, { type: 'ButtonReleased' }], 'ready', 'ready'],
];

/** All that decisions follow from, comparable. */
function picture(state: DecisionState) {
  return {
    value: state.appliance.value,
    context: contextOf(state),
    signals: signalsOf(state),
    phases: [...state.backups.keys()].map((id) => [id, phaseOf(state, id)]),
    timers: [...state.timers],
  };
}

async function lived(facts: readonly Fact[]) {
  const kit = runtimeKit();
  await kit.tell(...facts);
  return kit;
}

describe('a restart', () => {
  test.each(
    STATES,
  )('in %s: the journal folds to the same state and to no command', async (_, facts, signal) => {
    const before = await lived(facts);
    expect(lightOf(before.runtime.state).signal).toBe(signal);
    const after = runtimeKit({}, before.store);
    after.runtime.restore();
    expect(picture(after.runtime.state)).toEqual(picture(before.runtime.state));
    expect(after.commands).toEqual([]);
    expect(after.log.tried).toEqual([]);
  });

  test.each(
    STATES,
  )('in %s: boots, and recovers when devices are known', async (_, facts, _signal, recovered) => {
    const before = await lived(facts);
    const after = runtimeKit({}, before.store);
    after.runtime.restore();
    expect(after.signal()).toBe('booting');
    await after.tell(daemonStarted());
    expect(after.signal()).toBe('booting');
    expect(contextOf(after.runtime.state)).toMatchObject({ cards: [], drives: [], running: [], queue: [] });
    expect(after.runtime.state.timers.size).toBe(0);
    expect(after.commands.every((command) => command.type === 'timer.disarm')).toBe(true);
    await after.tell(driveAttached('D'), devicesKnown());
    expect(after.signal()).toBe(recovered);
  });

  test('in mid copy: the same card goes on once it has settled, and ends green', async () => {
    const before = await lived(COPYING);
    const after = runtimeKit({}, before.store);
    after.runtime.restore();
    await after.tell(daemonStarted(), driveAttached('D'), cardAttached('A', 'manual'), devicesKnown());
    expect(after.signal()).toBe('attention');
    await after.tell(timerElapsed('settleDelay'));
    expect(after.signal()).toBe('copying');
    const start = after.commands.find((command) => command.type === 'backup.start');
    expect(start).toMatchObject({ card: card('A') });
    expect(start?.backupId).not.toBe(ID);
    await after.tell(backupFinished(start?.backupId ?? ID, 'A'));
    expect(after.signal()).toBe('ready');
  });

  test('in mid copy without the card: error 6 until it is acknowledged', async () => {
    const before = await lived(COPYING);
    const after = runtimeKit({}, before.store);
    after.runtime.restore();
    await after.tell(daemonStarted(), driveAttached('D'), devicesKnown());
    expect(lightOf(after.runtime.shown)).toEqual({ signal: 'error', code: 6, activity: null });
    await after.tell({ type: 'Acknowledged' });
    expect(after.signal()).toBe('ready');
  });

  test('a card that was backed up before is not known to be so after a restart', async () => {
    const before = await lived([...COPYING, backupFinished(ID, 'A')]);
    expect(before.signal()).toBe('ready');
    const after = runtimeKit({}, before.store);
    after.runtime.restore();
    await after.tell(daemonStarted(), driveAttached('D'), cardAttached('A', 'manual'), devicesKnown());
    expect(after.signal()).toBe('attention');
  });

  test('with cards in the queue: they are unfinished too', async () => {
    const requests = ['B', 'C'].flatMap((label) => [cardAttached(label, 'manual'), backupRequested(label)]);
    const before = await lived([...COPYING, ...requests]);
    const after = runtimeKit({}, before.store);
    after.runtime.restore();
    await after.tell(daemonStarted(), driveAttached('D'), devicesKnown());
    const subjects = contextOf(after.runtime.state).errors.map((error) => error.subject);
    expect(subjects.toSorted()).toEqual(['A', 'B', 'C']);
  });

  test('does not read facts about single files: there may be a million', async () => {
    const before = await lived([...COPYING, backupPlanned(ID, 'A'), SETTLED]);
    const queries: unknown[] = [];
    const { log } = before;
    const read = log.read.bind(log);
    log.read = (query) => {
      queries.push(query);
      return read(query);
    };
    const after = runtimeKit({ log }, before.store);
    after.runtime.restore();
    expect(queries).toEqual([{ skipFileFacts: true }]);
    expect(picture(after.runtime.state)).toEqual(picture(before.runtime.state));
  });

  test('twice in a row gives the state of one', async () => {
    const kit = await lived([...BEGIN, cardAttached('A'), daemonStarted(), daemonStarted(), devicesKnown()]);
    expect(kit.signal()).toBe('waiting');
  });

  test('a pulled card is an error before and after', async () => {
    const before = await lived([...COPYING, cardDetached('A')]);
    const after = runtimeKit({}, before.store);
    after.runtime.restore();
    await after.tell(daemonStarted(), driveAttached('D'), devicesKnown());
    expect(lightOf(after.runtime.shown)).toMatchObject({ signal: 'error', code: 6 });
  });
});
