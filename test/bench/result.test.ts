import { describe, expect, test } from 'vitest';
import { aRun, cpTook, ours, rsynced, workload } from './made.ts';
import { neededReadBytes, resultOf } from './result.ts';

describe('what has to be read from the medium', () => {
  test.each([
    ['B', 'each file once, to verify it', 100 * 24e6],
    ['A', 'the cold card, and each file once to verify it', 2 * 40 * 24e6],
    ['E', 'each file on both drives', 2 * 50 * 24e6],
    ['F1', 'the first 64 KiB of each known file', 200 * 65_536],
    ['F2', 'all of a known file that is shorter than that', 50_000 * 20e3],
    ['F3', 'the heads of known files, and the new ones to verify them', 100 * 65_536 + 10 * 24e6],
  ] as const)('%s: %s', (id, _, bytes) => {
    expect(neededReadBytes(workload(id))).toBe(bytes);
  });
});

describe('a result', () => {
  const runs = [
    aRun({
      ...cpTook(1000),
      imagetank: ours(1500, { rssBytes: 70e6, fetchedBytes: 5e12, ledErrorsMs: [1] }),
    }),
    aRun({
      ...cpTook(500),
      imagetank: ours(1500, { rssBytes: 85e6, fetchedBytes: 4e12, ledErrorsMs: [9, 2] }),
    }),
    aRun({ ...cpTook(3000), imagetank: ours(3000, { deviceReadBytes: 2e12, loopDelayP99Ms: 8 }) }),
  ];
  const result = resultOf(workload('B'), runs);

  test('has medians of times and of ratios, which need not agree', () => {
    expect(result.medianMs).toEqual({ imagetank: 1500, cp: 1000, rsync: 2000, verifiedRsync: 4000 });
    expect(result.ratioToCp).toEqual({ median: 1.5, min: 1, max: 3 });
  });

  test('holds ours against rsync alone, with its check, with one that reaches the medium, and the check alone', () => {
    const { ratioToRsync, ratioToVerifiedRsync, ratioToMediumRsync, ratioToRsyncCheck } = resultOf(
      workload('B'),
      [aRun({ rsync: rsynced(2000, 500, 8000), imagetank: ours(1000) })],
    );
    expect(ratioToRsync?.median).toBe(0.5);
    expect(ratioToVerifiedRsync?.median).toBe(0.4);
    expect(ratioToMediumRsync?.median).toBe(0.1);
    expect(ratioToRsyncCheck?.median).toBe(2);
  });

  test('without root nobody knows what a check from the medium takes', () => {
    const run = aRun({ rsync: rsynced(2000, 500, null) });
    expect(resultOf(workload('B'), [run]).ratioToMediumRsync).toBeNull();
  });

  test('without rsync its columns are empty', () => {
    const { medianMs, ratioToRsync, ratioToVerifiedRsync } = resultOf(workload('B'), [aRun({ rsync: null })]);
    expect(medianMs).toMatchObject({ rsync: null, verifiedRsync: null });
    expect([ratioToRsync, ratioToVerifiedRsync]).toEqual([null, null]);
  });

  test('has the most memory, the least that was read, the latest LED of all runs', () => {
    expect(result).toMatchObject({
      rssBytes: 85e6,
      fetchedBytes: 1e12,
      deviceReadBytes: 1e12,
      ledTimerErrorP99Ms: 9,
      loopDelayP99Ms: 3,
    });
  });

  test('does not know what the device gave when one run could not tell', () => {
    const blind = aRun({ imagetank: ours(1, { deviceReadBytes: null }) });
    expect(resultOf(workload('B'), [aRun(), blind]).deviceReadBytes).toBeNull();
  });

  test('is good when all its targets hold, and says them', () => {
    const good = resultOf(workload('B'), [aRun({ imagetank: ours(1000) })]);
    expect(good.ok).toBe(true);
    expect(good.target).toMatch(/^≤ 1.1 × cp, ≤ 0.3 × verified rsync, ≥ 2400 MB/);
    expect(result.ok).toBe(false);
  });
});
