import fs, { constants } from 'node:fs';
import type { VerifiedFrom } from '../../../machines/media.ts';
import { errnoOf } from '../errno.ts';
import { alignedDown, BLOCK_BYTES } from './aligned.ts';
import { closeQuietly, openFile, setTime, syncFile, whereAllowed, writeFully } from './calls.ts';
import type { Reading } from './reading.ts';
import { FILE_MODE } from './small-files.ts';

/** How far reading back stays behind the write head of a large file, so that the medium has the bytes by then. */
const LAG_BYTES = 64 * BLOCK_BYTES;
/** Read back at once when the lag is larger by as much: a disk with a head moves it twice for it. */
const STEP_BYTES = 4 * BLOCK_BYTES;
/**
 * EINVAL: this mount does without `O_DIRECT`. EACCES, EPERM: another opening asks for rights anew, which a mount for
 * another user or a security module may refuse; what is open already stays writable.
 */
const REFUSED = ['EINVAL', 'EACCES', 'EPERM'];

/** One large file on its way; memory that is written is page-aligned. */
export class PartWriter {
  readonly #fd: number;
  readonly #reading: Reading | null;
  /** Null until the first whole block, and for good where `O_DIRECT` does not work. */
  #direct: number | null = null;
  #mayDirect: boolean;
  #sizeBytes = 0;

  constructor(fd: number, kind: VerifiedFrom, reading: Reading) {
    this.#fd = fd;
    this.#mayDirect = kind === 'medium';
    this.#reading = reading;
  }

  /** Whole blocks, past the page cache where that works: what is hashed behind them then comes from the medium. */
  write(bytes: Uint8Array): void {
    if (!this.#writeDirect(bytes)) writeFully(this.#fd, bytes, this.#sizeBytes);
    this.#sizeBytes += bytes.length;
    const lagBytes = this.#sizeBytes - (this.#reading?.doneBytes ?? 0);
    if (this.#direct !== null && lagBytes >= LAG_BYTES + STEP_BYTES) this.#reading?.follow(this.#sizeBytes);
  }

  /** The rest, mode, time, then `sync`; a failed one is never tried again: it marks the pages clean. */
  finish(tail: Uint8Array, mtimeMs: number, sync: 'data' | 'all'): void {
    const whole = this.#direct === null ? 0 : alignedDown(tail.length);
    if (whole > 0) this.write(tail.subarray(0, whole));
    writeFully(this.#fd, tail.subarray(whole), this.#sizeBytes);
    whereAllowed(() => fs.fchmodSync(this.#fd, FILE_MODE));
    setTime(this.#fd, mtimeMs);
    syncFile(this.#fd, sync);
    if (this.#direct !== null) closeQuietly(this.#direct);
    this.#direct = null;
    fs.closeSync(this.#fd);
  }

  /** After an error. */
  close(): void {
    if (this.#direct !== null) closeQuietly(this.#direct);
    closeQuietly(this.#fd);
  }

  #writeDirect(bytes: Uint8Array): boolean {
    if (!this.#mayDirect) return false;
    try {
      this.#direct ??= this.#openDirect();
      if (this.#direct !== null) writeFully(this.#direct, bytes, this.#sizeBytes);
      this.#mayDirect = this.#direct !== null;
      return this.#mayDirect;
    } catch (error) {
      // Refused at a write, also after a short one: all of the block goes the ordinary way then.
      if (errnoOf(error) !== 'EINVAL') throw error;
      this.#mayDirect = false;
      if (this.#direct !== null) closeQuietly(this.#direct);
      this.#direct = null;
      return false;
    }
  }

  /** By its descriptor: whatever lies under its name now, this is the file that was made. Null where that is refused. */
  #openDirect(): number | null {
    try {
      return openFile(`/proc/self/fd/${this.#fd}`, constants.O_WRONLY | constants.O_DIRECT);
    } catch (error) {
      if (!REFUSED.includes(errnoOf(error) ?? '')) throw error;
      return null;
    }
  }
}
