import { expect, test } from 'vitest';
import { galleryOf, galleryTable } from './gallery-figures.ts';

const frames = (...framesMs: readonly number[]) => ({ slower: 1, framesMs, nodes: 300 });

test('frames over 50 ms are counted, and the table has a row for each way through', () => {
  const result = galleryOf(10_000, [frames(16, 17, 51, 16), { ...frames(100), slower: 4 }]);
  expect(result.ways).toMatchObject([
    { frames: 4, medianMs: 16, latePercent: 25 },
    { slower: 4, latePercent: 100 },
  ]);
  expect(galleryTable(result).split('\n').slice(1)).toEqual([
    expect.stringMatching(/^as it is .* 25\.0 % +300$/),
    expect.stringMatching(/^4 × slower .* 100\.0 % +300$/),
  ]);
});

test.each([
  ['within both', Array.from({ length: 100 }, (_, at) => (at < 99 ? 34 : 51)), []],
  ['slow', Array.from({ length: 100 }, (_, at) => (at < 90 ? 16 : 35)), ['ms between two frames (p95)']],
  ['jerky', Array.from({ length: 100 }, (_, at) => (at < 98 ? 16 : 51)), ['% of frames over 50 ms']],
])('%s', (_, framesMs, missed) => {
  const { limits } = galleryOf(10_000, [frames(...framesMs), { ...frames(500), slower: 4 }]);
  expect(limits.filter(({ ok }) => !ok).map(({ what }) => what)).toEqual(missed);
});

test('without a frame there is no answer', () => {
  expect(() => galleryOf(10_000, [frames()])).toThrow(RangeError);
});
