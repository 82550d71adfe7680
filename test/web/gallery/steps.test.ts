import { describe, expect, test } from 'vitest';
import { isStep, type Key, stepFrom } from '../../../adapters/web/gallery/steps.ts';
import { section } from './photos.ts';

// 0 1 2        0 1 2        0 1 2
// 3 4                       3 4 5
const SECTIONS = [section(5), section(3), section(6)];
const from = (at: number, index: number, key: Key) => {
  const { section: to, index: next } = stepFrom(SECTIONS, 3, { section: at, index }, key);
  return [to, next];
};

describe('keys lead', () => {
  test.each<[number, number, Key, number, number]>([
    [0, 0, 'ArrowRight', 0, 1],
    [0, 4, 'ArrowRight', 1, 0],
    [1, 0, 'ArrowLeft', 0, 4],
    [0, 2, 'ArrowLeft', 0, 1],
    [0, 1, 'ArrowDown', 0, 4],
    [0, 2, 'ArrowDown', 0, 4],
    [0, 4, 'ArrowDown', 1, 1],
    [2, 4, 'ArrowUp', 2, 1],
    [2, 1, 'ArrowUp', 1, 1],
    [1, 2, 'ArrowUp', 0, 4],
    [1, 0, 'ArrowUp', 0, 3],
    [0, 3, 'Home', 0, 0],
    [2, 1, 'End', 2, 5],
    [1, 2, 'PageUp', 1, 0],
    [1, 0, 'PageUp', 0, 0],
    [0, 4, 'PageDown', 1, 0],
  ])('from day %i, photo %i, %s to day %i, photo %i', (at, index, key, to, next) => {
    expect(from(at, index, key)).toEqual([to, next]);
  });
});

describe('at the ends they lead nowhere', () => {
  test.each<[number, number, Key]>([
    [0, 0, 'ArrowLeft'],
    [0, 2, 'ArrowUp'],
    [0, 0, 'PageUp'],
    [2, 5, 'ArrowRight'],
    [2, 4, 'ArrowDown'],
    [2, 3, 'PageDown'],
  ])('from day %i, photo %i: %s', (at, index, key) => {
    expect(from(at, index, key)).toEqual([at, index]);
  });
});

test('other keys are none of ours', () => {
  expect(isStep('ArrowUp')).toBe(true);
  expect(['Enter', ' ', 'Tab', 'a'].some(isStep)).toBe(false);
});
