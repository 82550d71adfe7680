import { expect, test } from 'vitest';
import { memoryStore } from '../../adapters/memory/memory-store.ts';
import type { Fact } from '../../machines/facts.ts';
import type { EventLog } from '../../services/ports.ts';
import { Runtime } from '../../services/runtime/runtime.ts';
import { cardAttached, daemonStarted, devicesKnown, driveAttached, timerElapsed } from '../machines/story.ts';
import { flush, runtimeKit, VirtualClock } from './kit.ts';

/** Tells of each step when it happens. */
function told() {
  const steps: string[] = [];
  const { log } = memoryStore();
  const spied: EventLog = {
    append: async (facts) => {
      steps.push(`append ${facts.map(({ fact }) => fact.type).join(' ')}`);
      await flush();
      const records = await log.append(facts);
      steps.push(`synced ${log.head().seq}`);
      return records;
    },
    read: (query) => log.read(query),
    lines: (query) => log.lines(query),
    head: () => log.head(),
    close: () => log.close(),
  };
  const runtime: Runtime = new Runtime({
    log: spied,
    clock: new VirtualClock(),
    execute: (command) => steps.push(`execute ${command.type} ${runtime.state.appliance.value.door}`),
    warn: (text) => steps.push(text),
  });
  runtime.decided$.subscribe(({ record, commands, before, state }) => {
    const change = before === state ? 'same' : 'changed';
    const names = commands.map((command) => command.type).join(' ');
    steps.push(`project ${record.fact.type} ${change} [${names}]`);
  });
  return { steps, runtime };
}

test('a fact is appended and synced, decided, projected, and only then executed', async () => {
  const { steps, runtime } = told();
  const submitted = runtime.submit(cardAttached('A')).then(() => steps.push('resolved'));
  await submitted;
  expect(steps).toEqual([
    'append CardAttached',
    'synced 1',
    'project CardAttached changed [timer.arm]',
    'execute timer.arm settling',
    'resolved',
  ]);
});

test('the submitter gets the record, the states around it and the commands', async () => {
  const { runtime } = runtimeKit();
  const decided = await runtime.submit(cardAttached('A'));
  expect(decided.record).toMatchObject({ seq: 1, fact: cardAttached('A') });
  expect(decided.before).not.toBe(decided.state);
  expect(decided.state).toBe(runtime.state);
  expect(decided.commands).toEqual([{ type: 'timer.arm', timer: 'settleDelay', delayMs: 1000 }]);
});

test('facts are recorded in the order in which they were submitted, with the time of the submission', async () => {
  const kit = runtimeKit();
  const facts: Fact[] = [daemonStarted(), driveAttached('D'), devicesKnown(), cardAttached('A')];
  const all = facts.map((fact) => {
    kit.clock.advance(10);
    return kit.runtime.submit(fact);
  });
  kit.clock.advance(5000);
  const decided = await Promise.all(all);
  expect(decided.map(({ record }) => record.fact)).toEqual(facts);
  expect(decided.map(({ record }) => record.seq)).toEqual([1, 2, 3, 4]);
  const times = decided.map(({ record }) => record.monoMs - 12_345.678);
  expect(times.map(Math.round)).toEqual([10, 20, 30, 40]);
});

test('a fact that is submitted while a command is executed comes behind those that wait already', async () => {
  const kit: ReturnType<typeof runtimeKit> = runtimeKit({
    execute: ({ type }) => {
      if (type === 'timer.arm') void kit.runtime.submit(timerElapsed('settleDelay'));
    },
  });
  await kit.tell(daemonStarted(), devicesKnown(), cardAttached('A'), driveAttached('D'));
  await kit.runtime.stop();
  expect(kit.recorded()).toEqual([
    'DaemonStarted',
    'DevicesKnown',
    'CardAttached',
    'DriveAttached',
    'TimerElapsed',
  ]);
  expect(kit.signal()).toBe('copying');
});

test('a fact that is submitted while a projection runs is decided after the present one', async () => {
  const kit = runtimeKit();
  const seen: string[] = [];
  kit.runtime.decided$.subscribe(({ record, state }) => {
    expect(kit.runtime.state).toBe(state);
    seen.push(record.fact.type);
    if (record.fact.type === 'DaemonStarted') void kit.runtime.submit({ type: 'Acknowledged' });
  });
  await kit.tell(daemonStarted(), devicesKnown());
  await kit.runtime.stop();
  expect(seen).toEqual(['DaemonStarted', 'DevicesKnown', 'Acknowledged']);
});

test('what piles up during one sync is committed at once, at most 256 facts', async () => {
  const kit = runtimeKit();
  let open = (): void => undefined;
  kit.log.gate = new Promise((resolve) => {
    open = resolve;
  });
  const facts = Array.from({ length: 601 }, () => devicesKnown());
  const all = kit.tell(...facts);
  open();
  await all;
  expect(kit.log.tried).toEqual([1, 256, 256, 88]);
  expect(kit.log.head().seq).toBe(601);
});

test('stop waits for what was submitted and takes nothing more', async () => {
  const kit = runtimeKit();
  const last = kit.runtime.submit(daemonStarted());
  await kit.runtime.stop();
  expect(kit.recorded()).toEqual(['DaemonStarted']);
  await last;
  await expect(kit.runtime.submit(devicesKnown())).rejects.toThrow('the runtime has stopped');
  await kit.runtime.stop();
  expect(kit.recorded()).toEqual(['DaemonStarted']);
});

test('a runtime that took nothing stops at once', async () => {
  const kit = runtimeKit();
  await kit.runtime.stop();
  kit.runtime.loseTrack('too late');
  await flush();
  expect(kit.recorded()).toEqual([]);
});
