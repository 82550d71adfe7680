import { beforeEach, describe, expect, test } from 'vitest';
import { VirtualClock } from '../../adapters/memory/virtual-clock.ts';
import type { Opening } from '../../adapters/sqlite/sqlite-store.ts';
import { wholeStore } from '../../bin/whole-store.ts';
import type { Store } from '../../services/ports.ts';
import { flush } from '../runtime/kit.ts';

const RECORDS = 40;
let told: string[] = [];
let clock: VirtualClock;
let ending = false;
beforeEach(() => {
  told = [];
  clock = new VirtualClock();
  ending = false;
});

/** Each step takes so long, and tells in which order things happen. */
function begin(done: readonly number[], { stepMs = 0, fails = false } = {}) {
  const store = {} as Store;
  const opening = {
    log: { close: () => void told.push('closed') },
    *steps() {
      for (const at of done) {
        told.push(`step ${at}`);
        clock.advance(stepMs);
        yield { done: at, records: RECORDS };
      }
    },
    finish: () => {
      told.push('whole');
      if (fails) throw new Error('no room');
      return store;
    },
  } as unknown as Opening;
  const result = wholeStore({
    opening,
    board: {
      leds: { show: ({ signal }) => void told.push(signal), stop: async () => void told.push('dark') },
    },
    manager: {
      starting: () => void told.push('a minute more'),
      status: (line) => void told.push(line),
      stopping: () => void told.push('stopping'),
      stop: async () => undefined,
    },
    clock,
    info: (text) => void told.push(`log: ${text}`),
    isEnding: () => ending,
  });
  return { result, store };
}

/** Lets the loop have its turn so often. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) {
    await flush();
    clock.advance(1);
  }
  await flush();
}

const line = (percent: number) => `listing the library anew for this version: ${percent} %`;

describe('a start that has to make the read models', () => {
  test('blinks first, gives the loop its turn after each step, and has a store when they are whole', async () => {
    const { result, store } = begin([10, 40]);
    expect(told).toEqual(['booting', 'step 10', 'a minute more', line(25), `log: ${line(25)}`]);
    await turns(1);
    expect(told.slice(5)).toEqual(['step 40', `log: ${line(100)}`]);
    await turns(1);
    expect(told.slice(7)).toEqual(['whole']);
    expect(await result).toBe(store);
  });

  test('that has nothing to make is silent', async () => {
    const { result, store } = begin([]);
    expect(await result).toBe(store);
    expect(told).toEqual(['booting', 'whole']);
  });

  test('logs each tenth once, and tells the service manager every ten seconds', async () => {
    const { result } = begin([0, 1, 2, 3, 4, 5, 39, 40], { stepMs: 4000 });
    await turns(9);
    await result;
    const logged = told.filter((text) => text.startsWith('log'));
    expect(logged).toEqual([0, 10, 97, 100].map((percent) => `log: ${line(percent)}`));
    const asked = told.filter((text) => text === 'a minute more');
    expect(asked).toHaveLength(3);
  });

  test('that is told to end stops between two steps, lets the lights go, and is no store', async () => {
    const { result } = begin([10, 20, 40]);
    await turns(1);
    ending = true;
    await turns(1);
    expect(await result).toBeNull();
    expect(told.slice(-3)).toEqual(['stopping', 'closed', 'dark']);
    expect(told).not.toContain('step 40');
    expect(told).not.toContain('whole');
  });

  test('that fails lets the lights go, too', async () => {
    const { result } = begin([], { fails: true });
    await expect(result).rejects.toThrow('no room');
    expect(told.slice(-3)).toEqual(['stopping', 'closed', 'dark']);
  });
});
