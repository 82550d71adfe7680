import { describe, expect, it } from 'vitest';
import { random } from '../../lab/random.ts';
import { atOf, entriesBefore, piecesOf, type State, stateAt, statesOf } from './states.ts';
import type { Entry } from './write-log.ts';

/** `w` a write of four sectors, `f` a flush; other disks write in between. */
const logOf = (kinds: string): Entry[] =>
  [...kinds].map((kind, index) => {
    const at = index * 2;
    if (kind === 'f') return { kind: 'flush', at };
    return { kind: 'write', at, offset: index * 2048, bytes: Buffer.alloc(2048, index + 1) };
  });

/** What the state leaves of each write of the log: all of it, some, or nothing. */
function left(entries: readonly Entry[], state: State): string {
  return entries
    .map((entry, index) => {
      if (entry.kind === 'flush') return '|';
      if (index < state.durable) return 'X';
      const kept = state.kept.find((one) => one.entry === index);
      if (kept === undefined) return '.';
      return kept.fromSector === 0 && kept.toSector === 4 ? 'x' : '/';
    })
    .join('');
}

const all = (kinds: string, start = 0, count = 10_000) => {
  const entries = logOf(kinds);
  return statesOf(entries, start, count, random(3)).map((state) => ({ state, sight: left(entries, state) }));
};

describe('the states that a power cut can leave', () => {
  it('keep what was flushed, whatever else', () => {
    for (const { state, sight } of all('wwfwwwfww')) {
      expect(sight.slice(0, state.durable)).toMatch(/^[X|]*$/);
      expect(['f', undefined]).toContain('wwfwwwfww'[state.durable - 1]);
    }
  });

  it('never hold what was written after the cut', () => {
    for (const { state, sight } of all('wwfwwwfww')) expect(sight.slice(state.cut)).toMatch(/^[.|]*$/);
  });

  it('are each prefix, each flushed state, and subsets with torn writes', () => {
    const sights = all('wwfwww').map(({ sight }) => sight);
    for (const prefix of ['x.|...', 'XX|...', 'XX|x..', 'XX|xx.', 'XX|xxx']) expect(sights).toContain(prefix);
    expect(sights).toContain('XX|.x.');
    expect(sights).toContain('XX|..x');
    expect(sights.some((sight) => sight.includes('/'))).toBe(true);
  });

  it('are all different, as bytes', () => {
    const entries = logOf('wwfwwwfww');
    const bytes = statesOf(entries, 0, 10_000, random(5)).map((state) => {
      const disk = Buffer.alloc(9 * 2048);
      for (const entry of entries.slice(0, state.durable)) {
        if (entry.kind === 'write') entry.bytes.copy(disk, entry.offset);
      }
      for (const piece of piecesOf(entries, state)) piece.bytes.copy(disk, piece.offset);
      return disk.toString('latin1');
    });
    expect(new Set(bytes).size).toBe(bytes.length);
  });

  it('belong to the latest cut that leaves the same bytes: most was promised by then', () => {
    const entries = logOf('wwww');
    const nothing = all('wwww').filter(({ sight }) => sight === '....');
    expect(nothing).toHaveLength(1);
    expect(nothing.map(({ state }) => atOf(entries, state))).toEqual([Number.POSITIVE_INFINITY]);
  });

  it('begin after what was written before', () => {
    const states = all('wwfwwfww', 3);
    expect(Math.min(...states.map(({ state }) => state.cut))).toBeGreaterThan(3);
  });

  it('are as many as asked for, the same for the same seed, and in the order in which they can be played', () => {
    const entries = logOf('wwwwwwwwwwwwfwwwwwwwwwwww');
    const states = statesOf(entries, 0, 200, random(7));
    expect(states).toHaveLength(200);
    expect(statesOf(entries, 0, 200, random(7))).toEqual(states);
    expect(statesOf(entries, 0, 200, random(8))).not.toEqual(states);
    const order = states.map(({ durable }) => durable);
    expect(order).toEqual([...order].sort((a, b) => a - b));
  });

  it('are few where little was written', () => {
    expect(all('').length).toBe(0);
    expect(all('f').length).toBe(0);
    expect(all('wf').map(({ sight }) => sight)).toEqual(expect.arrayContaining(['.|', 'x|']));
  });
});

describe('a cut of several disks at one moment', () => {
  it('finds what each had written by then', () => {
    const entries = logOf('wfw');
    expect([0, 1, 2, 3, 4, 5].map((at) => entriesBefore(entries, at))).toEqual([0, 1, 1, 2, 2, 3]);
    expect(stateAt(entries, 2, random(1))).toMatchObject({ kind: 'prefix', durable: 2, kept: [] });
    expect(stateAt(entries, 3, random(1))).toMatchObject({ kind: 'subset', durable: 2 });
  });

  it('comes right before the next entry of the disk', () => {
    const entries = logOf('wfw');
    expect(atOf(entries, stateAt(entries, 1, random(1)))).toBe(2);
  });
});

describe('the bytes that a state adds', () => {
  it('are the sectors that survived, in their place', () => {
    const entries = logOf('ww');
    const state: State = {
      kind: 'subset',
      cut: 2,
      durable: 0,
      kept: [{ entry: 1, fromSector: 1, toSector: 3 }],
    };
    expect(piecesOf(entries, state)).toEqual([{ offset: 2048 + 512, bytes: Buffer.alloc(1024, 2) }]);
  });
});
