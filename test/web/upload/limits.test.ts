import { describe, expect, test } from 'vitest';
import { NO_PACE, paceAfter, secondsLeft, whyNot } from '../../../adapters/web/upload/limits.ts';

const LIMITS = { maxBytes: 1000, freeBytes: 5000, maxFiles: 32, open: 0 };

test('a file larger than the box takes is not begun', () => {
  expect(whyNot({ sizeBytes: 1000 }, LIMITS)).toBeNull();
  expect(whyNot({ sizeBytes: 1001 }, LIMITS)).toEqual({ code: 'upload-too-large', detail: '' });
});

describe('how fast it goes', () => {
  const begun = paceAfter(NO_PACE, 1_000, 0);

  test('is not known at first', () => {
    expect(begun).toEqual({ atMs: 1_000, bytes: 0, bytesPerSecond: null });
    expect(secondsLeft(100, begun)).toBeNull();
  });

  test('is looked at once a second', () => {
    expect(paceAfter(begun, 1_500, 500)).toBe(begun);
    expect(paceAfter(begun, 3_000, 500).bytesPerSecond).toBe(250);
  });

  test('follows what is now, slowly', () => {
    const first = paceAfter(begun, 2_000, 1_000);
    expect(paceAfter(first, 3_000, 3_000).bytesPerSecond).toBe(1_300);
  });

  test('begins anew after a pause, and when files were cancelled', () => {
    const first = paceAfter(begun, 2_000, 1_000);
    expect(paceAfter(first, 60_000, 2_000).bytesPerSecond).toBeNull();
    expect(paceAfter(first, 3_500, 10).bytesPerSecond).toBeNull();
  });

  test('tells the time that is left; standing still tells nothing', () => {
    expect(secondsLeft(500, { atMs: 1, bytes: 1, bytesPerSecond: 250 })).toBe(2);
    expect(secondsLeft(500, { atMs: 1, bytes: 1, bytesPerSecond: 0 })).toBeNull();
  });
});
