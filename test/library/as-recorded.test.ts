import { describe, expect, it } from 'vitest';
import { isAsRecorded } from '../../services/library/as-recorded.ts';
import { drive } from '../machines/story.ts';

const RECORDED = { sizeBytes: 10, toMtimeMs: 5000 };

describe('a copy lies as recorded', () => {
  it.each([
    ['ext4', 0, true],
    ['ext4', 0.000_244, true],
    ['ext4', 1, true],
    ['ext4', -1, true],
    ['ext4', 2, false],
    ['ext4', -2, false],
    ['vfat', 2000, true],
    ['vfat', -2000, true],
    ['vfat', 2001, false],
    ['msdos', 2000, true],
    ['fat', 2000, true],
    ['exfat', 2000, true],
    ['exfat', -2001, false],
    ['ntfs3', 2000, false],
    [null, 2000, false],
  ])('on %s, %d ms off: %s', (fsType, offMs, same) => {
    const store = { drive: { ...drive('D'), fsType } };
    expect(isAsRecorded(store, RECORDED, { sizeBytes: 10, mtimeMs: 5000 + offMs })).toBe(same);
  });

  it('never with another size, or without a time', () => {
    const store = { drive: drive('D') };
    expect(isAsRecorded(store, RECORDED, { sizeBytes: 9, mtimeMs: 5000 })).toBe(false);
    expect(isAsRecorded(store, { ...RECORDED, toMtimeMs: null }, { sizeBytes: 10, mtimeMs: 0 })).toBe(false);
  });
});
