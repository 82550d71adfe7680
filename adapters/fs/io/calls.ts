import fs from 'node:fs';
import { DriveError } from '../../../services/errors.ts';
import { MAX_INTERRUPTIONS } from '../../../services/interrupted.ts';
import { errnoOf } from '../errno.ts';
import { asFailedSync } from '../failed-sync.ts';

/**
 * The system calls of this folder are synchronous: a call by way of libuv's threads and a promise costs five to ten
 * times the CPU of the call itself. They run in a thread of their own (`lanes.ts`), never in the daemon's main loop.
 */

/** POSIX: a call that gave EINTR did nothing and may be made again. Never for `fsync` and `close`, where that is not so. */
function uninterrupted<T>(call: () => T): T {
  for (let left = MAX_INTERRUPTIONS; ; left -= 1) {
    try {
      return call();
    } catch (error) {
      if (errnoOf(error) !== 'EINTR' || left === 0) throw error;
    }
  }
}

export function openFile(path: string | Buffer, flags: number, mode?: number): number {
  return uninterrupted(() => fs.openSync(path, flags, mode));
}

/** One read; fewer bytes than asked for is no error, 0 is the end. */
export function readSome(fd: number, bytes: Uint8Array, position: number): number {
  return uninterrupted(() => fs.readSync(fd, bytes, 0, bytes.length, position));
}

/** Reads may be short: goes on until the buffer is full or the file ends. Returns the bytes read. */
export function readFully(fd: number, bytes: Uint8Array, position: number): number {
  let done = 0;
  while (done < bytes.length) {
    const count = readSome(fd, bytes.subarray(done), position + done);
    if (count === 0) break;
    done += count;
  }
  return done;
}

/** Every byte or an error: `write` may be short and say nothing, as seen on a disk that was filling up. */
export function writeFully(fd: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length; ) {
    const rest = bytes.subarray(done);
    const count = uninterrupted(() => fs.writeSync(fd, rest, 0, rest.length, position + done));
    // Linux has no reason to write nothing; going on for ever would be worse than an error.
    if (count === 0) throw new DriveError('drive-failing', 'the drive accepted no byte of a write');
    done += count;
  }
}

/** A failed one is never tried again: it marks the pages clean, a second one would succeed over lost bytes. */
export function syncFile(fd: number, what: 'data' | 'all' = 'all'): void {
  try {
    if (what === 'data') fs.fdatasyncSync(fd);
    else fs.fsyncSync(fd);
  } catch (error) {
    throw asFailedSync(error);
  }
}

/** Closes after an error, which is the one to tell of. */
export function closeQuietly(fd: number): void {
  try {
    fs.closeSync(fd);
  } catch {
    // Nothing that was written is trusted to this descriptor any more.
  }
}

/** Modes and times are worth having, not worth a failed copy: FAT mounted for another user refuses them. */
export function whereAllowed(set: () => void): void {
  try {
    set();
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(errnoOf(error) ?? '')) throw error;
  }
}

/** Milliseconds since 1970, also before. Where the file system keeps no times nothing happens. */
export function setTime(fd: number, mtimeMs: number): void {
  // As text: of a number below zero Node makes the present (`toUnixTimestamp` in lib/internal/fs/utils.js).
  const seconds = String(mtimeMs / 1000);
  whereAllowed(() => fs.futimesSync(fd, seconds, seconds));
}

/** `throw` as an expression, with a `code` as the system's errors have one. */
export function systemError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
