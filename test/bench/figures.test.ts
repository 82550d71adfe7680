import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { median, percentile, ratios, spreadOf } from './figures.ts';

describe('percentile', () => {
  test.each([
    [0.5, 3],
    [0.99, 5],
    [0.2, 1],
    [0, 1],
    [1, 5],
  ])('of 1 to 5 in any order, %d is %d', (share, value) => {
    expect(percentile([5, 3, 1, 4, 2], share)).toBe(value);
  });

  test('sorts by size, not as text', () => {
    expect(percentile([10, 9, 100], 1)).toBe(100);
  });

  test('without values there is none', () => {
    expect(() => percentile([], 0.5)).toThrow(RangeError);
  });

  test('is one of the values, and leaves them as they were', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer(), { minLength: 1 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (all, share) => {
          const before = [...all];
          expect(all).toContain(percentile(all, share));
          expect(all).toEqual(before);
        },
      ),
    );
  });
});

test('the median of an even number of values is the lower one in the middle: a value that was measured', () => {
  expect(median([4, 1, 3, 2])).toBe(2);
});

test('a spread has the least, the middle and the most', () => {
  expect(spreadOf([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
});

describe('ratios', () => {
  test('are taken run by run: a slow minute that hits both does not count', () => {
    expect(ratios([10, 100, 10], [5, 50, 20])).toEqual({ median: 2, min: 0.5, max: 2 });
  });

  test('are not known when the other one did not take part', () => {
    expect(ratios([1, 2], [null, null])).toBeNull();
  });

  test('are not known when the other one missed a single run', () => {
    expect(ratios([1, 2], [1, null])).toBeNull();
    expect(ratios([1, 2], [1])).toBeNull();
  });

  test('are not known without runs', () => {
    expect(ratios([], [])).toBeNull();
  });
});
