import { beforeEach, expect, test, vi } from 'vitest';
import type { Command } from '../../machines/commands.ts';
import { cardAttached, daemonStarted, devicesKnown, driveAttached } from '../machines/story.ts';
import { flush, runtimeKit, storeWith } from './kit.ts';

/** Fact types whose decision throws, and those that lead to a state without a light. */
const broken = vi.hoisted(() => ({ throwing: new Set<string>(), dark: new Set<string>() }));

vi.mock('../../machines/decide.ts', async (original) => {
  const real = await original<typeof import('../../machines/decide.ts')>();
  const decide: typeof real.decide = (state, record) => {
    const { type } = record.fact;
    if (broken.throwing.has(type)) throw new Error(`no guard for ${type}`);
    const decision = real.decide(state, record);
    if (!broken.dark.has(type)) return decision;
    const appliance = Object.assign(Object.create(Object.getPrototypeOf(decision.state.appliance)), {
      ...decision.state.appliance,
      tags: new Set(),
    });
    return { ...decision, state: { ...decision.state, appliance } };
  };
  return { ...real, decide };
});

beforeEach(() => {
  broken.throwing.clear();
  broken.dark.clear();
});

async function ready() {
  const kit = runtimeKit();
  await kit.tell(daemonStarted(), driveAttached('D'), devicesKnown());
  expect(kit.signal()).toBe('ready');
  return kit;
}

test('a decision that throws leaves the state, becomes a fact, and the next fact is decided', async () => {
  const kit = await ready();
  broken.throwing.add('CardAttached');
  const before = kit.runtime.state;
  const decided = await kit.runtime.submit(cardAttached('A'));
  expect(decided).toMatchObject({ state: before, commands: [] });
  await kit.tell({ type: 'ButtonPressed' });
  expect(kit.recorded().slice(3)).toEqual(['CardAttached', 'InternalErrorOccurred', 'ButtonPressed']);
  expect([...kit.log.read({ after: 4 })][0]?.fact).toMatchObject({
    reason: 'internal',
    detail: 'decision on CardAttached: no guard for CardAttached',
  });
  expect(kit.signal()).toBe('error');
  expect(kit.warnings).toEqual(['decision on CardAttached: no guard for CardAttached']);
});

test('a state without a light counts as a failed decision: the lights would freeze', async () => {
  const kit = await ready();
  broken.dark.add('CardAttached');
  await kit.tell(cardAttached('A'));
  await kit.runtime.stop();
  expect(kit.recorded().slice(3)).toEqual(['CardAttached', 'InternalErrorOccurred']);
  expect(kit.signal()).toBe('error');
});

test('a chart that cannot take its own failure is not asked for ever and never shows green', async () => {
  const kit = await ready();
  broken.throwing.add('CardAttached').add('InternalErrorOccurred');
  await kit.tell(cardAttached('A'));
  await flush();
  await kit.tell({ type: 'Acknowledged' });
  expect(kit.recorded().slice(3)).toEqual(['CardAttached', 'InternalErrorOccurred', 'Acknowledged']);
  expect(kit.signal()).toBe('booting');
});

test('a command that throws becomes a fact, and the others are executed', async () => {
  const done: string[] = [];
  const execute = ({ type }: Command) => {
    if (type === 'backup.start') throw new Error('no such card');
    done.push(type);
  };
  const kit = runtimeKit({ execute });
  await kit.tell(daemonStarted(), devicesKnown(), driveAttached('D'), cardAttached('A', 'manual'));
  await kit.tell({ type: 'ButtonPressed' }, { type: 'ButtonReleased' });
  await flush();
  expect(done).toEqual(['timer.arm', 'timer.arm', 'timer.disarm', 'timer.arm']);
  expect([...kit.log.read()].at(-1)?.fact).toMatchObject({ detail: 'backup.start: no such card' });
  expect(kit.signal()).toBe('error');
});

test('a projection that throws stops neither the loop nor the other projections', async () => {
  const uncaught: unknown[] = [];
  const catchIt = (error: unknown) => uncaught.push(error);
  const others = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException').on('uncaughtException', catchIt);
  try {
    const kit = runtimeKit();
    const seen: string[] = [];
    kit.runtime.decided$.subscribe(() => {
      throw new Error('a bug in a view');
    });
    kit.runtime.decided$.subscribe(({ record }) => seen.push(record.fact.type));
    await kit.tell(daemonStarted(), cardAttached('A'));
    expect(seen).toEqual(['DaemonStarted', 'CardAttached']);
    expect(kit.commands).toHaveLength(1);
    await vi.waitFor(() => expect(uncaught).toHaveLength(2));
  } finally {
    process.removeListener('uncaughtException', catchIt);
    for (const other of others) process.on('uncaughtException', other);
  }
});

test('a record that could not be decided when it was new does not prevent a start', async () => {
  const store = await storeWith(daemonStarted(), cardAttached('A'), driveAttached('D'), devicesKnown());
  broken.throwing.add('CardAttached');
  const kit = runtimeKit({}, store);
  kit.runtime.restore();
  expect(kit.warnings).toEqual(['record 2, CardAttached, is passed over: no guard for CardAttached']);
  await kit.tell(daemonStarted(), driveAttached('D'), devicesKnown());
  expect(kit.signal()).toBe('ready');
});

test('a journal that cannot be read is not passed over', () => {
  const kit = runtimeKit();
  kit.log.read = () => {
    throw new Error('damaged');
  };
  expect(() => kit.runtime.restore()).toThrow('damaged');
});
