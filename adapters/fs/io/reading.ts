import fs, { constants } from 'node:fs';
import { Xxh64 } from '@node-rs/xxhash';
import type { VerifiedFrom } from '../../../machines/media.ts';
import type { ReadBack } from '../../../services/media-ports.ts';
import { errnoOf } from '../errno.ts';
import { alignedDown, alignedUp, BLOCK_BYTES, makeBlock } from './aligned.ts';
import { closeQuietly, readSome, systemError } from './calls.ts';

/** Hashed in one call; then others who use the same drive have their turn. */
export const TURN_BYTES = 4 * BLOCK_BYTES;

/** Calls are synchronous, so that one block does for all readings of a thread. */
let block: Uint8Array | null = null;

export interface ReadingOptions {
  /** Opens the file for reading, no links followed, with these flags too. */
  open(flags: number): number;
  /** `medium`: `O_DIRECT` means something on this kind of file system. */
  readonly kind: VerifiedFrom;
  /** Of its beginning only. Default: all of it. */
  readonly maxBytes?: number;
  /** Called with the descriptor before what is read past no cache: last chance of a late write error to show itself. */
  readonly beforeCache?: (fd: number) => void;
}

/**
 * Hashes a file as it lies on the medium, past the page cache, in turns. Says `medium` only when in addition to its
 * kind every byte really came by `O_DIRECT`. Throws the system's error; `close` it then.
 */
export class Reading {
  readonly #options: ReadingOptions;
  #from: VerifiedFrom;
  #fd: number | null = null;
  #sizeBytes = 0;
  #doneBytes = 0;
  #hash = new Xxh64();

  constructor(options: ReadingOptions) {
    this.#options = options;
    this.#from = options.kind;
  }

  get doneBytes(): number {
    return this.#doneBytes;
  }

  /** Hashes one turn more of the file as it was at the first of these calls; null when there is more. */
  next(): ReadBack | null {
    const { maxBytes = Number.POSITIVE_INFINITY } = this.#options;
    this.#sizeBytes ||= Math.min(
      maxBytes,
      this.#withCache(() => fs.fstatSync(this.#opened()).size),
    );
    if (!this.#turn(this.#sizeBytes)) return null;
    this.close();
    const xxh64 = this.#hash.digest().toString(16).padStart(16, '0');
    return { xxh64, sizeBytes: this.#doneBytes, verifiedFrom: this.#from };
  }

  /** One turn of a file that still grows; `headBytes` of it are written. */
  follow(headBytes: number): void {
    this.#turn(headBytes);
  }

  close(): void {
    if (this.#fd !== null) closeQuietly(this.#fd);
    this.#fd = null;
  }

  /** True at the end: also where the file ends early, which whoever asked holds against it. */
  #turn(endBytes: number): boolean {
    return this.#withCache(() => {
      const fd = this.#opened();
      const until = Math.min(endBytes, this.#doneBytes + TURN_BYTES);
      const read = (bytes: Uint8Array, position: number) => readSome(fd, bytes, position);
      block ??= makeBlock();
      this.#doneBytes = hashBlocks(read, block, this.#doneBytes, until, this.#hash);
      return this.#doneBytes < until || this.#doneBytes >= endBytes;
    });
  }

  /** Once more from the beginning where this mount does without `O_DIRECT` (ext4 with data=journal is silent about it). */
  #withCache<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      if (errnoOf(error) !== 'EINVAL' || this.#from === 'cache') throw error;
      this.close();
      this.#from = 'cache';
      this.#doneBytes = 0;
      this.#hash = new Xxh64();
      this.#options.beforeCache?.(this.#opened());
      return action();
    }
  }

  #opened(): number {
    if (this.#fd !== null) return this.#fd;
    const fd = this.#options.open(this.#from === 'medium' ? constants.O_DIRECT : 0);
    this.#fd = fd;
    if (!fs.fstatSync(fd).isFile()) throw systemError('EISDIR', 'not a regular file');
    return fd;
  }
}

/** Hashes from an aligned position up to `end`; returns how far it came: less far where the file ends early. */
export function hashBlocks(
  read: (bytes: Uint8Array, position: number) => number,
  memory: Uint8Array,
  from: number,
  end: number,
  hash: { update(bytes: Uint8Array): unknown },
): number {
  let done = from;
  while (done < end) {
    const count = read(memory.subarray(0, Math.min(memory.length, alignedUp(end - done))), done);
    // After a short read in the middle, go on at the last aligned position.
    const usable = done + count >= end ? end - done : alignedDown(count);
    if (usable === 0) break;
    hash.update(memory.subarray(0, usable));
    done += usable;
  }
  return done;
}

/** All turns of one reading at once, for small files. */
export function readToEnd(options: ReadingOptions): ReadBack {
  const reading = new Reading(options);
  try {
    for (;;) {
      const result = reading.next();
      if (result !== null) return result;
    }
  } finally {
    reading.close();
  }
}
