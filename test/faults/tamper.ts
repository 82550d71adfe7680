import { type FileHandle, open, readFile } from 'node:fs/promises';
import type { CardFile, CardReader, DriveStore, IncomingFile, ReadBack } from '../../services/media-ports.ts';

/** How one reading of a card goes wrong. */
export interface BadReading {
  /** Path on the card. */
  readonly path: string;
  /** May change the bytes in place; gives how many of them came. `reading`: 1 the first time that the file is read. */
  readonly read: (bytes: Uint8Array, position: number, reading: number) => number;
  /** The same, where only a hash is asked for. */
  readonly again?: (result: ReadBack, reading: number) => ReadBack;
}

/** A card reader with a fault in what it reads; everything else is real. */
export function badCard(real: CardReader, { path, read, again }: BadReading): CardReader {
  let readings = 0;
  return replaced(real, {
    open: async (root, file) => {
      const handle = await real.open(root, file);
      if (file.path !== path) return handle;
      readings += 1;
      const reading = readings;
      const tampered: CardFile['read'] = async (buffer, position) => {
        const count = await handle.read(buffer, position);
        return read(buffer.subarray(0, count), position, reading);
      };
      return replaced(handle, { read: tampered });
    },
    readBack: async (root, file) => {
      const result = await real.readBack(root, file);
      if (file.path !== path) return result;
      readings += 1;
      return again?.(result, readings) ?? result;
    },
    readStarts: async (root, files, maxBytes) => {
      const starts = await real.readStarts(root, files, maxBytes);
      const tampered = starts.files.map((start, at) => {
        if (files[at]?.path !== path || !('bytes' in start)) return start;
        readings += 1;
        const count = read(start.bytes, 0, readings);
        // As the port says: what is shorter than promised is to be read alone.
        return {
          ...start,
          bytes: start.bytes.subarray(0, count),
          steady: start.steady && count === start.bytes.length,
        };
      });
      return { files: tampered, release: () => starts.release() };
    },
  });
}

/** How the way to a drive, or the drive itself, goes wrong. `number`: the how-many-th file that is written, from 1. */
export interface BadDrive {
  readonly write?: (bytes: Uint8Array, number: number) => Uint8Array;
  /** After its content was synced. */
  readonly flushed?: (path: string, number: number) => Promise<void>;
}

export function badDrive(real: DriveStore, { write, flushed }: BadDrive): DriveStore {
  let files = 0;
  const numbers = new Map<string, number>();
  const after = async (path: string) => flushed?.(path, numbers.get(path) ?? 0);
  return replaced(real, {
    createIncoming: async () => {
      const file = await real.createIncoming();
      files += 1;
      const number = files;
      numbers.set(file.path, number);
      const changes: Pick<IncomingFile, 'write' | 'flush'> = {
        write: (bytes) => file.write(write?.(bytes, number) ?? bytes),
        flush: async (mtimeMs) => {
          await file.flush(mtimeMs);
          await after(file.path);
        },
      };
      return replaced(file, changes);
    },
    writeAll: async (batch) => {
      const tampered = batch.map((each, at) => {
        return { ...each, bytes: write?.(each.bytes, files + at + 1) ?? each.bytes };
      });
      const written = await real.writeAll(tampered);
      for (const { path } of written) {
        files += 1;
        numbers.set(path, files);
      }
      return written;
    },
    flushAll: async (written) => {
      await real.flushAll(written);
      for (const { path } of written) await after(path);
    },
  });
}

/** The same bytes with one bit another; a copy in shared memory, since file threads read it. */
export function withFlippedBit(bytes: Uint8Array, bit: number): Uint8Array {
  if (bytes.length === 0) return bytes;
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length));
  copy.set(bytes);
  flipBit(copy, bit);
  return copy;
}

export function flipBit(bytes: Uint8Array, bit: number): void {
  const at = Math.floor(bit / 8) % bytes.length;
  bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit % 8));
}

/** In the file itself, as a bad cell would. */
export async function flipBitOfFile(path: string, bit: number): Promise<void> {
  const handle: FileHandle = await open(path, 'r+');
  try {
    const { size } = await handle.stat();
    if (size === 0) return;
    const byte = Buffer.alloc(1);
    const at = Math.floor(bit / 8) % size;
    await handle.read(byte, 0, 1, at);
    flipBit(byte, bit % 8);
    await handle.write(byte, 0, 1, at);
  } finally {
    await handle.close();
  }
}

/**
 * On the medium below a file system, behind its cache. The content has to be unique there. False where it cannot be
 * told from others by its first bytes.
 */
export async function flipBitOfMedium(image: string, content: Buffer, bit: number): Promise<boolean> {
  if (content.length < NEEDLE_BYTES) return false;
  const block = Math.floor(bit / 8 / BLOCK_BYTES) % Math.ceil(content.length / BLOCK_BYTES);
  const part = content.subarray(block * BLOCK_BYTES, (block + 1) * BLOCK_BYTES);
  const at = part.length < NEEDLE_BYTES ? -1 : (await readFile(image)).indexOf(part);
  if (at < 0) return false;
  const handle = await open(image, 'r+');
  try {
    const offset = Math.floor(bit / 8) % part.length;
    const byte = Buffer.from([(part[offset] ?? 0) ^ (1 << (bit % 8))]);
    await handle.write(byte, 0, 1, at + offset);
    return true;
  } finally {
    await handle.close();
  }
}

/** Blocks of a file lie together, one beside another or not. */
const BLOCK_BYTES = 1024;
const NEEDLE_BYTES = 16;

/** The same object but for some methods; private fields keep working because calls go to the original. */
export function replaced<T extends object>(target: T, changes: Partial<T>): T {
  return new Proxy(target, {
    get(_, key) {
      const own: unknown = Reflect.get(key in changes ? changes : target, key);
      return typeof own === 'function' ? own.bind(target) : own;
    },
  });
}
