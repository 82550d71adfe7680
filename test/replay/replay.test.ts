import { describe, expect, it } from 'vitest';
import { memoryStore } from '../../adapters/memory/memory-store.ts';
import { VirtualClock } from '../../adapters/memory/virtual-clock.ts';
import type { Command } from '../../machines/commands.ts';
import { initialState } from '../../machines/decide.ts';
import type { Fact } from '../../machines/facts.ts';
import { backupId, driveId } from '../../machines/ids.ts';
import { readRecording } from '../../services/journal/recording.ts';
import { EMPTY_STATUS_VIEW, foldStatus } from '../../services/projections/status.ts';
import { lightChanged, lightLine } from '../../services/projections/timeline.ts';
import { lightTrace, replay } from '../../services/replay.ts';
import { Runtime } from '../../services/runtime/runtime.ts';
import type { LightLine } from '../../services/shapes.ts';
import { file, settled } from '../journal/facts.ts';
import {
  backupFinished,
  backupPlanned,
  cardAttached,
  daemonStarted,
  devicesKnown,
  driveAttached,
  timerElapsed,
} from '../machines/story.ts';

// A backup is named after the day and the number of the fact that began it.
const ID = backupId('20261121-5');
const space = (low: boolean): Fact => ({
  type: 'SpaceChanged',
  driveId: driveId('drive-D'),
  freeBytes: low ? 1 : 2,
  low,
});
const STORY: readonly Fact[] = [
  daemonStarted(),
  devicesKnown(),
  driveAttached('D'),
  cardAttached('A'),
  timerElapsed('settleDelay'),
  backupPlanned(ID, 'A'),
  settled(ID, { card: 'card-A', drive: 'drive-D', copied: [file('a.jpg')] }),
  { type: 'CardRead', backupId: ID },
  space(true),
  { type: 'BackupFlushed', backupId: ID },
  { type: 'BackupVerified', backupId: ID },
  backupFinished(ID, 'A'),
  space(true),
];

/** Runs the story as the daemon does and keeps what it decided and showed. */
async function live() {
  const store = memoryStore();
  const clock = new VirtualClock({ startAt: '2026-11-21T10:00:00.000Z' });
  const commands: Command[] = [];
  const runtime = new Runtime({
    log: store.log,
    clock,
    execute: (command) => commands.push(command),
    warn: (text) => {
      throw new Error(text);
    },
  });
  const lights: LightLine[] = [];
  let last: LightLine | null = null;
  let view = EMPTY_STATUS_VIEW;
  runtime.decided$.subscribe(({ record, state }) => {
    const line = lightLine(record, state);
    if (lightChanged(last, line)) lights.push(line);
    last = line;
    view = foldStatus(view, record);
  });
  for (const fact of STORY) {
    await runtime.submit(fact);
    clock.advance(1000);
  }
  await runtime.stop();
  return { store, commands, lights, view, state: runtime.state };
}

describe('replay', () => {
  it('decides what the daemon decided, gives its commands and executes none', async () => {
    const { store, commands, state } = await live();
    const steps = [...replay(store.log.read())];
    expect(steps.flatMap((step) => step.commands)).toEqual(commands);
    expect(commands.map(({ type }) => type)).toContain('backup.start');
    const end = steps.at(-1)?.state;
    expect(end?.appliance.value).toEqual(state.appliance.value);
    expect(end?.appliance.context).toEqual(state.appliance.context);
  });

  it('shows the lights that the daemon showed, from the journal and from its export', async () => {
    const { store, lights } = await live();
    expect([...lightTrace(store.log.read())]).toEqual(lights);
    const { records } = readRecording(`${[...store.log.lines()].join('\n')}\n`);
    expect([...lightTrace(records)]).toEqual(lights);
    expect(lights.map(({ seq, signal }) => `${seq} ${signal}`)).toEqual([
      '1 booting',
      '2 waiting',
      '3 ready',
      '4 attention',
      '5 copying',
      '8 verifying',
      '12 ready',
    ]);
  });

  it('gives the status view that the daemon had', async () => {
    const { store, view } = await live();
    expect([...store.log.read()].reduce(foldStatus, EMPTY_STATUS_VIEW)).toEqual(view);
    expect(view.lowSpace).toEqual([{ driveId: 'drive-D', since: '2026-11-21T10:00:08.000Z' }]);
  });

  it('gives the same light without the facts about single files', async () => {
    const { store, lights } = await live();
    expect([...lightTrace(store.log.read({ skipFileFacts: true }))]).toEqual(lights);
  });

  it('has a step for each record, in order, with a light only where it changes', async () => {
    const { store } = await live();
    const records = [...store.log.read()];
    const steps = [...replay(records)];
    expect(steps.map(({ record }) => record)).toEqual(records);
    expect(steps[0]?.light).not.toBeNull();
    expect(steps[5]?.light).toBeNull();
    expect(steps.filter(({ light }) => light !== null).map(({ light }) => light)).toEqual([
      ...lightTrace(records),
    ]);
  });

  it('has nothing to say of an empty journal', () => {
    expect([...replay([])]).toEqual([]);
    expect(initialState().backups.size).toBe(0);
  });

  it('goes no further than it is asked', async () => {
    const { store } = await live();
    const records = store.log.read()[Symbol.iterator]();
    const steps = replay({ [Symbol.iterator]: () => records });
    expect(steps.next().value?.record.seq).toBe(1);
    expect(records.next().value?.seq).toBe(2);
  });
});
