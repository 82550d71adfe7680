import { expect, test } from 'vitest';
import { relativePath } from '../../machines/ids.ts';
import { Sample } from '../../services/backup/sample.ts';

const sampled = (count: number): number[] => {
  const sample = new Sample();
  for (let n = 0; n < count; n += 1) {
    sample.add({ to: relativePath(`Photos/${n}.JPG`), sizeBytes: n, xxh64: String(n) });
  }
  return sample.files.map(({ sizeBytes }) => sizeBytes);
};

test('of few files all are kept', () => {
  expect(sampled(0)).toEqual([]);
  expect(sampled(40)).toEqual(Array.from({ length: 40 }, (_, n) => n));
});

test.each([57, 1000, 54_321])('of %i files the first eight and others from all along', (count) => {
  const kept = sampled(count);
  expect(kept.slice(0, 8)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(kept.length).toBeGreaterThanOrEqual(24);
  expect(kept.length).toBeLessThanOrEqual(56);
  const steps = new Set(kept.slice(9).map((value, at) => value - (kept[at + 8] ?? 0)));
  expect(steps.size).toBe(1);
  // None of the four quarters is left out.
  for (let quarter = 0; quarter < 4; quarter += 1) {
    const from = (quarter * count) / 4;
    expect(kept.some((value) => value >= from && value < from + count / 4)).toBe(true);
  }
});
