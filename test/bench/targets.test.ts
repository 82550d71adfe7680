import { describe, expect, test } from 'vitest';
import { aRun, cpTook, ours, rsynced, workload } from './made.ts';
import { resultOf } from './result.ts';
import { atLeast, atMost, type Limit, rounded, targetWords } from './targets.ts';
import type { Run } from './turns.ts';
import { FULL, type WorkloadId } from './workloads.ts';

const limitsOf = (id: WorkloadId, run: Run): readonly Limit[] => resultOf(workload(id), [run]).limits;

function limit(id: WorkloadId, what: string, run: Run): Limit {
  const found = limitsOf(id, run).find((one) => one.what === what);
  if (found === undefined) throw new Error(`${id} has no target for "${what}"`);
  return found;
}

/** Against cp of 1000 ms and a verified rsync of 2000 + 2000 ms. */
const SPEED: readonly (readonly [WorkloadId, string, number])[] = [
  ['A', '× cp', 1050],
  ['A', '× verified rsync', 2800],
  ['B', '× cp', 1100],
  ['B', '× verified rsync', 1200],
  ['C', '× verified rsync', 2400],
  ['D', '× cp', 1300],
  ['D', '× verified rsync', 4000],
  ['E', '× verified rsync', 1200],
  ['F1', '× verified rsync', 200],
  ['F2', '× rsync -acn', 1200],
  ['F3', '× (0.05 × verified rsync + 1.10 × cp of the new files)', 1300],
];

describe('the targets of the table in copy-engine.md', () => {
  test.each(SPEED)('%s: %s holds at %d ms, and not above', (id, what, atMs) => {
    expect(limit(id, what, aRun({ imagetank: ours(atMs) }))).toMatchObject({ ok: true });
    expect(limit(id, what, aRun({ imagetank: ours(atMs * 1.01) }))).toMatchObject({ ok: false });
  });

  test.each(
    SPEED.filter(([, what]) => what.includes('rsync')),
  )('%s: %s is not reached where rsync is not installed', (id, what) => {
    const { value, ok } = limit(id, what, aRun({ rsync: null }));
    expect({ value, ok }).toEqual({ value: null, ok: false });
  });

  test.each(FULL.map(({ id }) => id))('%s: 90 MB of memory', (id) => {
    expect(limit(id, 'MB of memory', aRun({ imagetank: ours(1, { rssBytes: 90e6 }) })).ok).toBe(true);
    expect(limit(id, 'MB of memory', aRun({ imagetank: ours(1, { rssBytes: 91e6 }) })).ok).toBe(false);
  });

  test.each(FULL.map(({ id }) => id))('%s: 10 ms of event-loop delay and of LED timer error', (id) => {
    const good = aRun({ imagetank: ours(1, { loopDelayP99Ms: 10, ledErrorsMs: [10] }) });
    const bad = aRun({ imagetank: ours(1, { loopDelayP99Ms: 10.1, ledErrorsMs: [10.1] }) });
    const words = ['ms of event-loop delay (p99)', 'ms of LED timer error (p99)'];
    expect(words.map((what) => limit(id, what, good).ok)).toEqual([true, true]);
    expect(words.map((what) => limit(id, what, bad).ok)).toEqual([false, false]);
  });

  test('an LED that nobody saw blink is not in time', () => {
    const run = aRun({ imagetank: ours(1, { ledErrorsMs: [] }) });
    expect(limit('B', 'ms of LED timer error (p99)', run)).toMatchObject({ value: null, ok: false });
  });
});

describe('a verification that did not reach the medium', () => {
  const B_BYTES = 100 * 24e6;

  test('is told by what the daemon made the kernel fetch', () => {
    const what = 'MB read by the daemon from the medium';
    const read = (fetchedBytes: number) =>
      limit('B', what, aRun({ imagetank: ours(1, { fetchedBytes }) })).ok;
    expect([read(B_BYTES), read(B_BYTES - 1)]).toEqual([true, false]);
  });

  test('is told by the counter of the device', () => {
    const what = 'MB read from the device of the drives';
    const read = (deviceReadBytes: number | null) =>
      limit('B', what, aRun({ imagetank: ours(1, { deviceReadBytes }) })).ok;
    expect([read(B_BYTES), read(B_BYTES - 1), read(null)]).toEqual([true, false, false]);
  });

  test('makes the workload fail although it was fast', () => {
    const run = aRun({ imagetank: ours(100) });
    const fromCache = aRun({ imagetank: ours(100, { fetchedBytes: 0 }) });
    expect(resultOf(workload('B'), [run]).ok).toBe(true);
    expect(resultOf(workload('B'), [fromCache]).ok).toBe(false);
  });
});

describe('a card that is the bottleneck', () => {
  const what = 'MB/s of cp, so that the card is the bottleneck';
  // 40 files of 24 MB.
  const atCardSpeedMs = (40 * 24e6) / 90e3;

  test('a cp that was faster than the card shows that it was not', () => {
    expect(limit('A', what, aRun(cpTook(atCardSpeedMs + 1))).ok).toBe(true);
    expect(limit('A', what, aRun(cpTook(atCardSpeedMs - 1))).ok).toBe(false);
  });

  test('is asked of the card-bound workload alone', () => {
    const asked = FULL.filter(({ id }) => limitsOf(id, aRun()).some((one) => one.what === what));
    expect(asked.map(({ id }) => id)).toEqual(['A']);
  });
});

test('ten new files: the median of runs of which each has its own bound', () => {
  const slow = aRun({ ...cpTook(10_000), rsync: rsynced(0, 20_000, null), imagetank: ours(6000) });
  const fast = aRun({ imagetank: ours(2600) });
  const { limits } = resultOf(workload('F3'), [slow, fast, slow]);
  expect(limits.find(({ what }) => what.includes('new files'))?.value).toBeCloseTo(0.5);
});

test('a bound is held when it is just reached, and not by what was not measured', () => {
  expect([atMost('', 1, 1).ok, atMost('', 1.01, 1).ok, atMost('', null, 1).ok]).toEqual([true, false, false]);
  expect([atLeast('', 1, 1).ok, atLeast('', 0.99, 1).ok, atLeast('', null, 1).ok]).toEqual([
    true,
    false,
    false,
  ]);
  expect(atMost('', Number.NaN, 1).ok).toBe(false);
});

test('targets in words', () => {
  const limits = [atMost('× cp', 2, 1.05), atLeast('MB read', null, 1920)];
  expect(targetWords(limits)).toBe('≤ 1.05 × cp, ≥ 1920 MB read');
});

test.each([
  [1.23456, '1.23'],
  [0.05, '0.05'],
  [98_765, '98800'],
  [90, '90'],
])('%d is shown as %s', (value, text) => {
  expect(rounded(value)).toBe(text);
});
