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
    [116, 'ESTALE'],
    [117, 'EUCLEAN'],
    [122, 'EDQUOT'],
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

  it('tells a card that is gone', () => {
    expect(cardCodeOf(systemError(116), true)).toBe('gone');
    expect(cardCodeOf(systemError(5), true)).toBe('unreadable');
  });
});
