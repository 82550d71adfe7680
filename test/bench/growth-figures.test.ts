import { describe, expect, test } from 'vitest';
import { type GrowthRun, growthOf, growthTable } from './growth-figures.ts';

const START_MS = 300;
/** What every backup costs once. */
const ONCE_MS = 500;

/** A round in which a file costs what `costMs` says. */
function round(
  costMs: (files: number, photos: number) => number,
  others: Partial<GrowthRun> = {},
): GrowthRun[] {
  return [10, 1000, 50_000].flatMap((files) =>
    [0, 1_000_000].map((photos) => ({
      files,
      photos,
      tookMs: ONCE_MS + files * costMs(files, photos),
      cpuSeconds: (files * costMs(files, photos)) / 4000,
      rssBytes: 70e6,
      startToReadyMs: START_MS,
      ...others,
    })),
  );
}

const failed = (result: ReturnType<typeof growthOf>) =>
  result.limits.filter(({ ok }) => !ok).map(({ what }) => what);

describe('the cost of a file', () => {
  test('is what it takes beyond a backup of a few: what is once a backup is not in it', () => {
    const { cells, ok } = growthOf([round(() => 0.5)]);
    expect(cells.map(({ costMs }) => costMs.toFixed(6))).toEqual([
      '0.500000',
      '0.500000',
      '0.500000',
      '0.500000',
    ]);
    expect(cells[0]).toMatchObject({ files: 1000, photos: 0, rssBytes: 70e6 });
    expect(cells[0]?.cpuMs).toBeCloseTo(0.125);
    expect(ok).toBe(true);
  });

  test('is flat while it grows by less than 20 %', () => {
    const grown = (by: number) => growthOf([round((files) => (files > 1000 ? by : 1))]);
    expect(failed(grown(1.19))).toEqual([]);
    expect(failed(grown(1.22))).toEqual([
      '× 1000 files for 50000 (0 photos)',
      '× 1000 files for 50000 (1000000 photos)',
    ]);
  });

  test('is held against the empty catalogue too', () => {
    const result = growthOf([round((files, photos) => (photos > 0 && files > 1000 ? 1.3 : 1))]);
    expect(failed(result)).toContain('× 0 photos for 1000000 (50000 files)');
    expect(failed(result)).not.toContain('× 0 photos for 1000000 (1000 files)');
    expect(result.ok).toBe(false);
  });

  test('may fall', () => {
    expect(growthOf([round((files) => (files > 1000 ? 0.2 : 1))]).ok).toBe(true);
  });

  test('that was lost in the noise of the machine is not flat', () => {
    const { limits, ok } = growthOf([round((files) => (files === 1000 ? -0.1 : 1))]);
    expect(limits[0]).toMatchObject({ what: '× 1000 files for 50000 (0 photos)', value: null, ok: false });
    expect(ok).toBe(false);
  });

  test('is compared inside a round: one slow round does not count', () => {
    const slow = round((files) => (files > 1000 ? 9 : 3));
    const result = growthOf([round(() => 1), slow, round(() => 1)]);
    expect(result.ok).toBe(true);
    expect(result.cells[0]?.costMs).toBeCloseTo(1);
  });
});

test('memory and the start are held against their targets', () => {
  expect(failed(growthOf([round(() => 1, { rssBytes: 91e6 })]))).toEqual(['MB of memory']);
  expect(failed(growthOf([round(() => 1, { startToReadyMs: 1001 })]))).toEqual(['s from start to ready']);
});

test('a round that lacks a cell is an error, not a result', () => {
  const whole = round(() => 1);
  expect(() => growthOf([whole, whole.slice(1)])).toThrow(/no run of 10 files beside 0 photos/);
});

test('the table has a line for each number of files and photos, and the start that belongs to it', () => {
  const lines = growthTable(growthOf([round(() => 0.5)])).split('\n');
  expect(lines).toHaveLength(5);
  expect(lines[0]).toMatch(/^files .* ms a file .* start to ready ms$/);
  expect(lines[4]).toMatch(/^50000 +1000000 +0\.5 +0\.125 +70 +300$/);
});
