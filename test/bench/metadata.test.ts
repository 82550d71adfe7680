import { expect, test } from 'vitest';
import { metadataOf, metadataTable } from './metadata-figures.ts';

const run = (JPG: number, CR3: number, WAV = 1000) => ({ JPG, CR3, WAV });

test('each kind is held against the same run without metadata, and the median of the ratios counts', () => {
  const result = metadataOf([run(1100, 1000), run(4000, 2200, 2000), run(900, 1000)]);
  expect(result.ratios.JPG).toEqual({ median: 1.1, min: 0.9, max: 2 });
  expect(result.medianMs).toEqual({ JPG: 1100, CR3: 1000, WAV: 1000 });
  expect(result.ok).toBe(true);
  expect(metadataTable(result).split('\n')).toHaveLength(4);
});

test.each([
  ['JPEG', run(1101, 1000)],
  ['CR3', run(1000, 1101)],
])('more than a tenth for %s is too much', (kind, one) => {
  const { limits, ok } = metadataOf([one]);
  expect(ok).toBe(false);
  expect(limits.filter((limit) => !limit.ok).map(({ what }) => what)).toEqual([
    `× the same without metadata, ${kind}`,
  ]);
});

test('without a run there is no answer', () => {
  expect(() => metadataOf([])).toThrow(RangeError);
});
