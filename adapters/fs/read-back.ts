import { Buffer } from 'node:buffer';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { Xxh64 } from '@node-rs/xxhash';
import type { VerifiedFrom } from '../../machines/facts.ts';
import { DriveError } from '../../services/errors.ts';
import type { ReadBack } from '../../services/ports.ts';
import { errnoOf } from './errno.ts';

const BLOCK_BYTES = 1024 * 1024;
/** `O_DIRECT` wants memory, position and length in multiples of the logical block: 4096 covers every medium. */
const ALIGN_BYTES = 4096;
const WASM_PAGE_BYTES = 65_536;
/** Aligned blocks kept for the next file; two cards at once read back on two drives. */
const MAX_SPARE_BLOCKS = 4;

const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const spare: Buffer[] = [];

/** Node has it, its types name it only as a namespace. */
const { WebAssembly: Wasm } = globalThis as unknown as {
  WebAssembly: {
    Memory: new (pages: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer };
  };
};

/** Memory of WebAssembly begins at a page of the machine; an ordinary Buffer gets EINVAL from `O_DIRECT`. */
function takeBlock(): Buffer {
  const pages = BLOCK_BYTES / WASM_PAGE_BYTES;
  return spare.pop() ?? Buffer.from(new Wasm.Memory({ initial: pages, maximum: pages }).buffer);
}

/**
 * Hashes a file as it lies on the medium, past the page cache. `kind` says whether `O_DIRECT` means anything on this
 * file system; the result says `medium` only when in addition every byte really came by it.
 * Throws the system's error, or `DriveError` for what is no regular file.
 */
export async function readBackFile(path: string | Buffer, kind: VerifiedFrom): Promise<ReadBack> {
  if (kind === 'medium') {
    const direct = await hashFile(path, FLAGS | constants.O_DIRECT).catch((error: unknown) => {
      // This mount does without (ext4 with data=journal does so silently, others refuse).
      if (errnoOf(error) === 'EINVAL') return null;
      throw error;
    });
    if (direct !== null) return { ...direct, verifiedFrom: 'medium' };
  }
  return { ...(await hashFile(path, FLAGS)), verifiedFrom: 'cache' };
}

async function hashFile(path: string | Buffer, flags: number): Promise<Omit<ReadBack, 'verifiedFrom'>> {
  const handle = await open(path, flags);
  const block = takeBlock();
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw new DriveError('drive-failing', `${path}: not a regular file`);
    const hash = new Xxh64();
    const sizeBytes = await hashBlocks(handle, block, stats.size, hash);
    return { xxh64: hash.digest().toString(16).padStart(16, '0'), sizeBytes };
  } finally {
    if (spare.length < MAX_SPARE_BLOCKS) spare.push(block);
    await handle.close();
  }
}

/** Returns the bytes hashed: fewer than `sizeBytes` where the file ends early, which the caller must hold against it. */
export async function hashBlocks(
  handle: Pick<FileHandle, 'read'>,
  block: Buffer,
  sizeBytes: number,
  hash: { update(bytes: Uint8Array): unknown },
): Promise<number> {
  let done = 0;
  while (done < sizeBytes) {
    const wanted = Math.min(block.length, Math.ceil((sizeBytes - done) / ALIGN_BYTES) * ALIGN_BYTES);
    const { bytesRead } = await handle.read(block, 0, wanted, done);
    const atEnd = done + bytesRead >= sizeBytes;
    // After a short read in the middle, go on at the last aligned position.
    const usable = atEnd
      ? Math.min(bytesRead, sizeBytes - done)
      : Math.floor(bytesRead / ALIGN_BYTES) * ALIGN_BYTES;
    if (usable === 0) break;
    hash.update(block.subarray(0, usable));
    done += usable;
  }
  return done;
}
