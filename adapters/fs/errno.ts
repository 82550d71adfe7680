import { type CardError, DriveError, isDriveError, messageOf } from '../../services/errors.ts';

/** libuv has no names for these, their code is `Unknown system error -122` (Linux, asm-generic/errno.h). */
const UNNAMED: Readonly<Record<number, string>> = {
  [-74]: 'EBADMSG',
  [-116]: 'ESTALE',
  [-117]: 'EUCLEAN',
  [-122]: 'EDQUOT',
  [-123]: 'ENOMEDIUM',
};

/** `ENOSPC`, `EIO` …; null for what is no error of the system. */
export function errnoOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const unnamed = 'errno' in error ? UNNAMED[Number(error.errno)] : undefined;
  if (unnamed !== undefined) return unnamed;
  return 'code' in error && typeof error.code === 'string' ? error.code : null;
}

export const isMissing = (error: unknown): boolean => ['ENOENT', 'ENOTDIR'].includes(errnoOf(error) ?? '');

/** Code of our own: the thread of a lane ended, and with it what was open there. */
export const THREAD_ENDED = 'ERR_IO_THREAD';

/** Short of files, of memory or of its own thread: this says nothing about a card or a drive. */
export const isMachineFault = (error: unknown): boolean =>
  ['EMFILE', 'ENFILE', 'ENOMEM', THREAD_ENDED].includes(errnoOf(error) ?? '');

/** errno(3) to what a person can do about it. What is not listed (see `isMachineFault`) is no fault of the drive. */
const DRIVE_REASONS: Readonly<Record<string, DriveError['reason']>> = {
  ENOSPC: 'drive-full',
  EDQUOT: 'drive-full',
  EFBIG: 'file-too-large',
  EROFS: 'drive-not-writable',
  EACCES: 'drive-not-writable',
  EPERM: 'drive-not-writable',
  // A name that this file system refuses, or a link or a file where a folder must be.
  EINVAL: 'drive-not-writable',
  EILSEQ: 'drive-not-writable',
  ENAMETOOLONG: 'drive-not-writable',
  ELOOP: 'drive-not-writable',
  ENOTDIR: 'drive-not-writable',
  EISDIR: 'drive-not-writable',
  EXDEV: 'drive-not-writable',
  EIO: 'drive-failing',
  EREMOTEIO: 'drive-failing',
  ETIMEDOUT: 'drive-failing',
  // Where a call may be made again it was: what is left is an fsync or a close of which nobody knows what it did.
  EINTR: 'drive-failing',
  // A checksum of the file system's own data is wrong.
  EBADMSG: 'drive-failing',
  // The root is asked before this table: what is missing here was ours a moment ago.
  ENOENT: 'drive-failing',
  EUCLEAN: 'drive-failing',
  ENODEV: 'drive-lost',
  ENOMEDIUM: 'drive-lost',
  ENXIO: 'drive-lost',
  ESTALE: 'drive-lost',
  ENOTCONN: 'drive-lost',
};

/** The `DriveError` for a failed call on a drive that is still there; other errors come back unchanged. */
export function driveErrorOf(error: unknown, what: string): unknown {
  if (isDriveError(error)) return error;
  const reason = DRIVE_REASONS[errnoOf(error) ?? ''];
  return reason === undefined ? error : new DriveError(reason, `${what}: ${messageOf(error)}`, error);
}

const GONE = ['ENODEV', 'ENOMEDIUM', 'ENXIO', 'ESTALE', 'ENOTCONN'];

/** What a failed call on a card means. A pulled card gives EIO, ENOENT or ENODEV, so the root is asked first. */
export function cardCodeOf(error: unknown, rootIsThere: boolean): CardError['code'] {
  return !rootIsThere || GONE.includes(errnoOf(error) ?? '') ? 'gone' : 'unreadable';
}
