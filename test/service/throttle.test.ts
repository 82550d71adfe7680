import { expect, test } from 'vitest';
import { VirtualClock } from '../../adapters/memory/virtual-clock.ts';
import { COPYING_BYTES_PER_SECOND, Throttle } from '../../services/throttle.ts';
import { turns } from '../http/kit.ts';

function setUp() {
  const clock = new VirtualClock();
  const state = { busy: true };
  return { clock, state, throttle: new Throttle({ clock, isBusy: () => state.busy }) };
}

test('nobody waits while nothing is copied', async () => {
  const { clock, state, throttle } = setUp();
  state.busy = false;
  for (let block = 0; block < 100; block += 1) await throttle.pay(1 << 20);
  expect(clock.armed).toBe(0);
});

test('while a copy is made, all together read a MiB a second', async () => {
  const { clock, throttle } = setUp();
  const seconds = 10;
  let read = 0;
  const reader = async () => {
    for (;;) {
      await throttle.pay(COPYING_BYTES_PER_SECOND / 4);
      read += COPYING_BYTES_PER_SECOND / 4;
    }
  };
  for (let at = 0; at < 3; at += 1) void reader();
  for (let step = 0; step < seconds * 20; step += 1) {
    await turns(1);
    clock.advance(50);
  }
  // The first block is free.
  expect(read / COPYING_BYTES_PER_SECOND).toBeGreaterThan(seconds - 0.5);
  expect(read / COPYING_BYTES_PER_SECOND).toBeLessThanOrEqual(seconds + 0.25);
});

test('what was not read meanwhile is not made up for', async () => {
  const { clock, throttle } = setUp();
  await throttle.pay(COPYING_BYTES_PER_SECOND);
  clock.advance(60_000);
  await throttle.pay(COPYING_BYTES_PER_SECOND);
  let paid = false;
  void throttle.pay(1).then(() => {
    paid = true;
  });
  clock.advance(999);
  await turns(2);
  expect(paid).toBe(false);
  clock.advance(1);
  await turns(2);
  expect(paid).toBe(true);
});

/** Calls to drives, each until it is told to end. */
function callsOn({ throttle }: ReturnType<typeof setUp>, roots: readonly string[]) {
  const begun: number[] = [];
  const ends: ((failed: boolean) => void)[] = [];
  const calls = roots.map((root, at) =>
    throttle
      .during(root, () => {
        begun.push(at);
        return new Promise<void>((resolve, reject) => {
          ends[at] = (failed) => (failed ? reject(new Error('EIO')) : resolve());
        });
      })
      .catch((error: Error) => error.message),
  );
  return { begun, ends, calls };
}

test('two calls to a drive are under way at most, in their order, and one that fails makes room', async () => {
  const { begun, ends, calls } = callsOn(setUp(), ['/a', '/a', '/a', '/a']);
  await turns(2);
  expect(begun).toEqual([0, 1]);
  ends[1]?.(true);
  await turns(2);
  expect(begun).toEqual([0, 1, 2]);
  ends[0]?.(false);
  await turns(2);
  for (const at of [2, 3]) ends[at]?.(false);
  expect(await Promise.all(calls)).toEqual([undefined, 'EIO', undefined, undefined]);
  expect(begun).toEqual([0, 1, 2, 3]);
});

test('a drive that hangs holds up its own calls alone, and three are under way in all', async () => {
  const { begun, ends } = callsOn(setUp(), ['/hangs', '/hangs', '/hangs', '/a', '/b', '/a']);
  await turns(2);
  expect(begun).toEqual([0, 1, 3]);
  ends[3]?.(false);
  await turns(2);
  expect(begun).toEqual([0, 1, 3, 4]);
  ends[4]?.(true);
  await turns(2);
  expect(begun).toEqual([0, 1, 3, 4, 5]);
});
