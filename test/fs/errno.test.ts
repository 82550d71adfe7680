import { getSystemErrorName } from 'node:util';
import { describe, expect, it } from 'vitest';
import { cardCodeOf, driveErrorOf, errnoOf } from '../../adapters/fs/errno.ts';

/** As Node makes it of what the kernel gave. */
function systemError(errno: number): Error {
  return Object.assign(new Error('fsync'), { errno: -errno, code: getSystemErrorName(-errno) });
}

describe('an error of the system', () => {
  it.each([
    [5, 'EIO'],
    [28, 'ENOSPC'],
    [74, 'EBADMSG'],
    [116, 'ESTALE'],
    [117, 'EUCLEAN'],
    [122, 'EDQUOT'],
    [123, 'ENOMEDIUM'],
  ])('%i is %s, also where libuv has no name for it', (errno, name) => {
    expect(errnoOf(systemError(errno))).toBe(name);
  });

  it('is null for anything else', () => {
    expect([errnoOf(new Error('x')), errnoOf('EIO'), errnoOf(null)]).toEqual([null, null, null]);
  });

  it('says what to do about a drive: a quota is a full drive, a stale handle a lost one', () => {
    expect(driveErrorOf(systemError(122), 'x')).toMatchObject({ reason: 'drive-full' });
    expect(driveErrorOf(systemError(116), 'x')).toMatchObject({ reason: 'drive-lost' });
    expect(driveErrorOf(systemError(117), 'x')).toMatchObject({ reason: 'drive-failing' });
  });

  // Every one that the table knows, with its number on Linux: whatever libuv calls it.
  it.each([
    [2, 'drive-failing'],
    [4, 'drive-failing'],
    [5, 'drive-failing'],
    [74, 'drive-failing'],
    [110, 'drive-failing'],
    [117, 'drive-failing'],
    [121, 'drive-failing'],
    [6, 'drive-lost'],
    [19, 'drive-lost'],
    [107, 'drive-lost'],
    [116, 'drive-lost'],
    [123, 'drive-lost'],
    [28, 'drive-full'],
    [122, 'drive-full'],
    [27, 'file-too-large'],
    [1, 'drive-not-writable'],
    [13, 'drive-not-writable'],
    [18, 'drive-not-writable'],
    [20, 'drive-not-writable'],
    [21, 'drive-not-writable'],
    [22, 'drive-not-writable'],
    [30, 'drive-not-writable'],
    [36, 'drive-not-writable'],
    [40, 'drive-not-writable'],
    [84, 'drive-not-writable'],
  ])('number %i is an error of the drive: %s', (errno, reason) => {
    expect(driveErrorOf(systemError(errno), 'x')).toMatchObject({ reason });
  });

  it.each([6, 19, 107, 116, 123])('number %i is a card that is gone', (errno) => {
    expect(cardCodeOf(systemError(errno), true)).toBe('gone');
  });

  it('tells a card that is gone', () => {
    expect(cardCodeOf(systemError(116), true)).toBe('gone');
    expect(cardCodeOf(systemError(5), true)).toBe('unreadable');
  });
});
