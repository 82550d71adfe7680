import { describe, expect, test } from 'vitest';
import { samplePoints } from './points.ts';

const POINTS = [
  'before a #1',
  'after a #1',
  'before b #1',
  'before a #2',
  'after a #2',
  'after b #1',
  'before a #3',
];

describe('the points at which a run is killed', () => {
  test('are all of them where there is room, in the order of the run', () => {
    expect(samplePoints(POINTS, Number.POSITIVE_INFINITY)).toEqual(POINTS);
    expect(samplePoints(POINTS, POINTS.length)).toEqual(POINTS);
  });

  test('always hold one of each kind: the first before a step, the last after it', () => {
    expect(samplePoints(POINTS, 0)).toEqual(['before a #1', 'before b #1', 'after a #2', 'after b #1']);
  });

  test('are filled up to the limit, each once', () => {
    const sample = samplePoints(POINTS, 6);
    expect(sample).toHaveLength(6);
    expect(new Set(sample).size).toBe(6);
  });

  test('spread over the whole run', () => {
    const run = Array.from({ length: 100 }, (_, index) => `before a #${index + 1}`);
    const sample = samplePoints(run, 11);
    expect(sample.slice(0, 3)).toEqual(['before a #1', 'before a #2', 'before a #11']);
    expect(sample.at(-1)).toBe('before a #91');
  });
});
