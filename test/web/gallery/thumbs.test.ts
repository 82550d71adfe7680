import { describe, expect, test } from 'vitest';
import { type Loaded, type ThumbState, Thumbs } from '../../../adapters/web/gallery/thumbs.ts';

interface Asked {
  readonly id: string;
  readonly signal: AbortSignal;
  readonly answer: (loaded: Loaded) => Promise<void>;
  readonly fail: () => Promise<void>;
}

/** A box that answers when the test says so, and timers that run when it says so. */
function given(options: { atOnce?: number; kept?: number } = {}) {
  const asked: Asked[] = [];
  const timers = new Map<() => void, number>();
  const released: string[] = [];
  const thumbs = new Thumbs({
    ...options,
    load: (id, signal) =>
      new Promise<Loaded>((resolve, reject) => {
        signal.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')));
        asked.push({
          id,
          signal,
          answer: async (loaded) => settled(() => resolve(loaded)),
          fail: async () => settled(() => reject(new TypeError('no answer'))),
        });
      }),
    release: (url) => released.push(url),
    setTimer: (ms, run) => {
      timers.set(run, ms);
      return () => timers.delete(run);
    },
  });
  const states = new Map<string, ThumbState['kind'][]>();
  const watch = (id: string) => {
    const seen: ThumbState['kind'][] = [];
    states.set(id, seen);
    return thumbs.watch(id, ({ kind }) => seen.push(kind));
  };
  /** Timers that wait no longer than this run. */
  const pass = (ms: number) => {
    for (const [run, after] of [...timers]) {
      if (after > ms) continue;
      timers.delete(run);
      run();
    }
  };
  return { thumbs, asked, released, states, timers, watch, pass, ids: () => asked.map(({ id }) => id) };
}

async function settled(act: () => void): Promise<void> {
  act();
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
}

const ready = (url: string): Loaded => ({ kind: 'ready', url });
const SETTLE = 60;

describe('pictures in view', () => {
  test('are asked for a few at once, the next when one has come', async () => {
    const { asked, watch, pass, ids, states } = given({ atOnce: 2 });
    for (const id of ['a', 'b', 'c', 'd']) watch(id);
    pass(SETTLE);
    expect(ids()).toEqual(['a', 'b']);
    await asked[0]?.answer(ready('blob:a'));
    expect(ids()).toEqual(['a', 'b', 'c']);
    expect(states.get('a')).toEqual(['waiting', 'ready']);
  });

  test('are four at once where nothing else is said', () => {
    const { watch, pass, ids } = given();
    for (let at = 0; at < 20; at += 1) watch(`p${at}`);
    pass(SETTLE);
    expect(ids()).toHaveLength(4);
  });

  test('what is only passed is never asked for', () => {
    const { watch, pass, ids } = given();
    const leave = watch('a');
    leave();
    watch('b');
    pass(SETTLE);
    expect(ids()).toEqual(['b']);
  });

  test('what leaves the view is given up, and its place is free', async () => {
    const { asked, watch, pass, ids } = given({ atOnce: 1 });
    const leave = watch('a');
    watch('b');
    pass(SETTLE);
    await settled(leave);
    expect(asked[0]?.signal.aborted).toBe(true);
    expect(ids()).toEqual(['a', 'b']);
  });

  test('one that two look at is asked for once, and stays while one of them does', async () => {
    const { asked, watch, pass, ids } = given();
    const leave = watch('a');
    watch('a');
    pass(SETTLE);
    expect(ids()).toEqual(['a']);
    leave();
    leave();
    expect(asked[0]?.signal.aborted).toBe(false);
  });

  test('an answer that comes too late is released', async () => {
    const { asked, watch, pass, released } = given();
    const leave = watch('a');
    pass(SETTLE);
    const answered = asked[0]?.answer(ready('blob:a'));
    leave();
    await answered;
    expect(released).toEqual(['blob:a']);
  });
});

describe('pictures that were seen', () => {
  test('are there at once when they come back into view', async () => {
    const { asked, watch, pass, ids, states } = given();
    const leave = watch('a');
    pass(SETTLE);
    await asked[0]?.answer(ready('blob:a'));
    leave();
    watch('a');
    pass(SETTLE);
    expect(states.get('a')).toEqual(['ready']);
    expect(ids()).toEqual(['a']);
  });

  test('are kept up to a number; the one that was left first goes', async () => {
    const { asked, watch, pass, released } = given({ kept: 1 });
    const leave = [watch('a'), watch('b')];
    pass(SETTLE);
    await asked[0]?.answer(ready('blob:a'));
    await asked[1]?.answer(ready('blob:b'));
    for (const one of leave) one();
    expect(released).toEqual(['blob:a']);
  });
});

describe('pictures that are not to be had', () => {
  test('none and away are said, and not asked for again', async () => {
    const { asked, watch, pass, states, timers } = given();
    watch('a');
    watch('b');
    pass(SETTLE);
    await asked[0]?.answer({ kind: 'none' });
    await asked[1]?.answer({ kind: 'away' });
    expect(states.get('a')).toEqual(['waiting', 'none']);
    expect(states.get('b')).toEqual(['waiting', 'away']);
    expect(timers.size).toBe(0);
  });

  test('later is asked again after the time that the box said, all together and a few at once', async () => {
    const { asked, watch, pass, ids, states, timers } = given({ atOnce: 2 });
    for (const id of ['a', 'b', 'c']) watch(id);
    pass(SETTLE);
    for (let at = 0; at < 3; at += 1) await asked[at]?.answer({ kind: 'later', afterMs: 30_000 });
    expect([...timers.values()]).toEqual([30_000]);
    pass(29_999);
    expect(ids()).toHaveLength(3);
    pass(30_000);
    expect(ids()).toEqual(['a', 'b', 'c', 'a', 'b']);
    expect(states.get('a')).toEqual(['waiting', 'later']);
    await asked[3]?.answer(ready('blob:a'));
    expect(states.get('a')).toEqual(['waiting', 'later', 'ready']);
  });

  test('a box that says "later, now" is not asked all the time', async () => {
    const { asked, watch, pass, timers } = given();
    watch('a');
    pass(SETTLE);
    await asked[0]?.answer({ kind: 'later', afterMs: 0 });
    expect([...timers.values()]).toEqual([5_000]);
  });

  test('what left the view meanwhile is not asked for again, and the timer goes with the last one', async () => {
    const { asked, watch, pass, timers } = given();
    const leave = watch('a');
    pass(SETTLE);
    await asked[0]?.answer({ kind: 'later', afterMs: 30_000 });
    leave();
    expect(timers.size).toBe(0);
  });

  test('a box that does not answer is asked again, more slowly', async () => {
    const { asked, watch, pass, ids, states } = given();
    watch('a');
    pass(SETTLE);
    await asked[0]?.fail();
    expect(states.get('a')).toEqual(['waiting', 'lost']);
    pass(10_000);
    expect(ids()).toEqual(['a', 'a']);
  });
});

test('are all let go of when nobody may look any more, kept, shown or under way', async () => {
  const { thumbs, asked, released, timers, watch, pass } = given();
  const leave = watch('kept');
  pass(60);
  await asked[0]?.answer({ kind: 'ready', url: 'blob:kept' });
  const stop = watch('shown');
  leave();
  pass(60);
  await asked[1]?.answer({ kind: 'ready', url: 'blob:shown' });
  watch('coming');
  watch('later');
  pass(60);
  await asked[3]?.answer({ kind: 'later', afterMs: 9000 });
  thumbs.clear();
  expect(released).toEqual(['blob:kept', 'blob:shown']);
  expect([asked[2]?.signal.aborted, timers.size]).toEqual([true, 0]);
  // Its cell goes a little later: the picture is not taken back into memory.
  stop();
  thumbs.clear();
  expect(released).toHaveLength(2);
});
