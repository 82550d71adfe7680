import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { VirtualClock } from '../../adapters/memory/virtual-clock.ts';
import { Ending } from '../../bin/ending.ts';
import type { Fact } from '../../machines/facts.ts';
import { flush } from '../runtime/kit.ts';

let machine: (action: string) => Promise<void>;
let actions: string[];
let facts: Fact[];
let said: string[];
let ending: Ending;
let clock: VirtualClock;
/** How recording goes. */
let taken: Promise<void>;
let unhook: () => void;

beforeEach(() => {
  [actions, facts, said] = [[], [], []];
  machine = async (action) => void actions.push(action);
  clock = new VirtualClock();
  ending = new Ending({ end: (action) => machine(action) }, clock);
  taken = Promise.resolve();
  const report = (fact: Fact) => {
    facts.push(fact);
    return taken;
  };
  const say = (text: string) => void said.push(text);
  // Vitest has handlers of its own.
  unhook = ending.onSignals({ report }, say, say);
});
afterEach(() => unhook());

/** As the kernel would, but only to what listens here. */
const signal = (name: 'SIGTERM' | 'SIGINT') => void process.listeners(name).at(-1)?.(name);

async function isOver(): Promise<boolean> {
  let over = false;
  ending.ended.then(
    () => {
      over = true;
    },
    () => {
      over = true;
    },
  );
  await flush();
  return over;
}

describe('a signal', () => {
  test.each([
    'SIGTERM',
    'SIGINT',
  ] as const)('%s after the start is a wish: the chart ends it', async (name) => {
    await ending.unlessAsked(async () => undefined);
    signal(name);
    expect(facts).toEqual([{ type: 'ShutdownRequested', action: 'stop' }]);
    expect(await isOver()).toBe(false);
    await ending.end('stop');
    expect(await isOver()).toBe(true);
  });

  test.each([
    ['never takes it', () => new Promise<void>(() => undefined)],
    ['refuses it', () => Promise.reject(new Error('the fact queue is full'))],
  ])('that the journal %s ends the daemon after 10 s, not before', async (_how, recording) => {
    await ending.unlessAsked(async () => undefined);
    taken = recording();
    signal('SIGTERM');
    await flush();
    clock.advance(9999);
    expect(await isOver()).toBe(false);
    clock.advance(1);
    expect(await isOver()).toBe(true);
    expect(said.at(-1)).toMatch(/takes no facts/);
    expect(actions).toEqual([]);
  });

  test('that is recorded leaves the end to the chart, however long that takes', async () => {
    await ending.unlessAsked(async () => undefined);
    signal('SIGTERM');
    await flush();
    expect(clock.armed).toBe(0);
    clock.advance(60_000);
    expect(await isOver()).toBe(false);
  });

  test('before the first listing has ended is heard too', async () => {
    let started = false;
    const listing = new Promise<void>(() => undefined);
    const starting = ending
      .unlessAsked(() => listing)
      .then(() => {
        started = true;
      });
    signal('SIGTERM');
    expect(facts).toEqual([{ type: 'ShutdownRequested', action: 'stop' }]);
    expect(ending.asked).toBe(true);
    await flush();
    expect(started).toBe(false);
    await ending.end('stop');
    await starting;
    expect(await isOver()).toBe(true);
  });

  test('before the journal is folded ends at once, and nothing is started', async () => {
    signal('SIGTERM');
    let begun = false;
    await ending.unlessAsked(async () => {
      begun = true;
    });
    expect([begun, facts, await isOver()]).toEqual([false, [], true]);
  });

  test('a second one finds nobody: the kernel ends us', () => {
    const before = process.listenerCount('SIGTERM');
    signal('SIGINT');
    expect(process.listenerCount('SIGTERM')).toBe(before - 1);
  });

  test('of systemd, while we switch the machine off ourselves, changes nothing', async () => {
    await ending.unlessAsked(async () => undefined);
    await ending.end('poweroff');
    signal('SIGTERM');
    expect(facts).toEqual([]);
    expect(said).toEqual([]);
  });

  test('is not heard any more after unhook', () => {
    const before = process.listenerCount('SIGTERM');
    unhook();
    expect(process.listenerCount('SIGTERM')).toBe(before - 1);
  });
});

describe('the end', () => {
  test.each([
    'poweroff',
    'reboot',
    'stop',
  ] as const)('%s is what the machine is asked for', async (action) => {
    await ending.end(action);
    expect(actions).toEqual([action]);
    expect(await isOver()).toBe(true);
  });

  test('that the machine refuses is a failure of the daemon, and of the command', async () => {
    machine = async () => Promise.reject(new Error('Access denied'));
    await expect(ending.end('poweroff')).rejects.toThrow('Access denied');
    await expect(ending.ended).rejects.toThrow('Access denied');
  });
});

test('a start that fails is told, unless the end came first', async () => {
  await expect(ending.unlessAsked(() => Promise.reject(new Error('no journal')))).rejects.toThrow(
    'no journal',
  );
  const late = new Ending({ end: async () => undefined }, clock);
  let fail: (error: Error) => void = () => undefined;
  const starting = late.unlessAsked(
    () =>
      new Promise((_, reject) => {
        fail = reject;
      }),
  );
  await late.end('stop');
  await starting;
  fail(new Error('stopped while it started'));
  await flush();
});
