import { expect, test } from 'vitest';
import { Chance, spread } from './random.ts';

const HUNDRED = Array.from({ length: 100 }, (_, at) => at);

test('chance is the same for the same seed, another for another', () => {
  const bytes = (seed: number) => new Chance(seed).bytes(32).toString('hex');
  expect(bytes(1)).toBe(bytes(1));
  expect(bytes(1)).not.toBe(bytes(2));
});

test('numbers stay below their limit', () => {
  const chance = new Chance(3);
  const seen = new Set(HUNDRED.map(() => chance.below(4)));
  expect([...seen].sort()).toEqual([0, 1, 2, 3]);
  expect(() => chance.pick([])).toThrow(RangeError);
});

test('points are all of them where there is room', () => {
  expect(spread(HUNDRED, 100, 1)).toEqual(HUNDRED);
  expect(spread(HUNDRED, Number.POSITIVE_INFINITY, 1)).toEqual(HUNDRED);
});

test('a sample is spread over the whole list, in order, each once, and the seed moves it', () => {
  const sample = spread(HUNDRED, 10, 1);
  expect(new Set(sample).size).toBe(10);
  sample.forEach((point, at) => {
    expect(Math.floor(point / 10)).toBe(at);
  });
  expect(spread(HUNDRED, 10, 2)).not.toEqual(sample);
});
