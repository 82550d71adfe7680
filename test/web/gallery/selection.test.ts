import { describe, expect, test } from 'vitest';
import {
  bytesOf,
  MAX_SELECTED,
  NOTHING,
  shareOf,
  toggled,
  withAll,
  without,
} from '../../../adapters/web/gallery/selection.ts';
import { photo, photosOf, section } from './photos.ts';

const DAY = photosOf('d', 3);
const [FIRST = photo('none')] = DAY;

test('a photo is picked out, and with the next tap no more', () => {
  const picked = toggled(NOTHING, FIRST);
  expect([...picked.keys()]).toEqual(['d#1']);
  expect(toggled(picked, FIRST).size).toBe(0);
  expect(NOTHING.size).toBe(0);
});

test('a whole day is picked out and let go, and others stay', () => {
  const picked = withAll(withAll(NOTHING, [photo('other', { sizeBytes: 500 })]), DAY);
  expect(picked.size).toBe(4);
  expect(bytesOf(picked)).toBe(3500);
  expect([...without(picked, DAY).keys()]).toEqual(['other']);
});

test('picked out twice counts once', () => {
  expect(bytesOf(withAll(withAll(NOTHING, DAY), DAY))).toBe(3000);
});

test('no more than the box packs', () => {
  const full = withAll(NOTHING, photosOf('many', MAX_SELECTED + 5));
  expect(full.size).toBe(MAX_SELECTED);
  expect(toggled(full, photo('more')).size).toBe(MAX_SELECTED);
  expect(toggled(full, photo('many#1')).size).toBe(MAX_SELECTED - 1);
});

describe('of a day', () => {
  test('none, some or all are picked out', () => {
    expect(shareOf(NOTHING, section(3, DAY))).toBe('none');
    expect(shareOf(withAll(NOTHING, [FIRST]), section(3, DAY))).toBe('some');
    expect(shareOf(withAll(NOTHING, DAY), section(3, DAY))).toBe('all');
  });

  test('not all while photos of it are still to come', () => {
    expect(shareOf(withAll(NOTHING, DAY), section(4, DAY))).toBe('some');
  });
});
