import { Buffer } from 'node:buffer';
import fs from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openDriveStore } from '../../adapters/fs/drive-store.ts';
import type { DriveStore } from '../../services/media-ports.ts';
import { hashOf } from '../contracts/drive-store.contract.ts';
import { adoptFolder } from './drives.ts';
import { useCleaner } from './folders.ts';
import { errno, interposeSync } from './handles.ts';

const clean = useCleaner();
const MIB = 1024 * 1024;
const EXT4 = 0xef53;
const { O_DIRECT } = fs.constants;
let store: DriveStore;
beforeEach(async () => {
  interposeSync('statfsSync', (original, [path]) => ({ ...(original(path) as object), type: EXT4 }));
  store = await openDriveStore(await adoptFolder(join(await clean.folder(), 'drive')));
  vi.restoreAllMocks();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const content = (bytes: number): Buffer =>
  Buffer.from(Uint8Array.from({ length: bytes }, (_, n) => (n * 31 + (n >> 12)) % 251));

async function write(bytes: Buffer, blockBytes = MIB) {
  const file = await store.createIncoming();
  for (let done = 0; done < bytes.length; done += blockBytes) {
    // The caller's block is its own again when the call is over.
    const block = Buffer.from(bytes.subarray(done, done + blockBytes));
    await file.write(block);
    block.fill(0);
  }
  await file.flush(0);
  return file;
}

/** Descriptors opened with O_DIRECT for writing, and the writes that went through any. */
function watchWrites() {
  const direct = new Set<unknown>();
  const writes: { direct: boolean; bytes: number; position: number }[] = [];
  interposeSync('openSync', (original, [path, flags, mode]) => {
    const fd = original(path, flags, mode);
    if ((flags as number) & O_DIRECT && (flags as number) & fs.constants.O_WRONLY) direct.add(fd);
    else direct.delete(fd);
    return fd;
  });
  interposeSync('writeSync', (original, [fd, bytes, offset, length, position]) => {
    const count = original(fd, bytes, offset, length, position) as number;
    writes.push({ direct: direct.has(fd), bytes: count, position: position as number });
    return count;
  });
  return writes;
}

it.each([
  MIB,
  3 * MIB,
  2 * MIB + 4096,
  2 * MIB + 5,
  5 * MIB + 4097,
])('a file of %i bytes goes past the page cache, but for what is no whole block of the medium', async (size) => {
  const bytes = content(size);
  const writes = watchWrites();
  const file = await write(bytes, 700_001);
  const tail = size % 4096;
  expect(writes.filter(({ direct }) => !direct).map((each) => each.bytes)).toEqual(tail > 0 ? [tail] : []);
  vi.restoreAllMocks();
  expect((await readFile(file.path)).equals(bytes)).toBe(true);
  expect(await file.readBack()).toMatchObject({ xxh64: hashOf(bytes), sizeBytes: size });
});

it('a small file goes the ordinary way: O_DIRECT is slow for it', async () => {
  const writes = watchWrites();
  await write(content(MIB - 1));
  expect(writes).toEqual([{ direct: false, bytes: MIB - 1, position: 0 }]);
});

it.each([
  'opening',
  'the first write',
  'the third write',
])('where O_DIRECT is refused at %s the file is written the ordinary way', async (when) => {
  const bytes = content(5 * MIB + 77);
  let writes = 0;
  const direct = new Set<unknown>();
  interposeSync('openSync', (original, [path, flags, mode]) => {
    const isDirect = ((flags as number) & O_DIRECT) !== 0;
    if (isDirect && when === 'opening') throw errno('EINVAL');
    const fd = original(path, flags, mode);
    if (isDirect) direct.add(fd);
    else direct.delete(fd);
    return fd;
  });
  interposeSync('writeSync', (original, args) => {
    writes += 1;
    if (direct.has(args[0]) && writes === (when === 'the first write' ? 1 : 3)) throw errno('EINVAL');
    return original(...args);
  });
  const file = await write(bytes);
  vi.restoreAllMocks();
  expect((await readFile(file.path)).equals(bytes)).toBe(true);
});

it.each([
  'EACCES',
  'EPERM',
])('where a second opening is refused with %s the file is written the ordinary way', async (code) => {
  const bytes = content(3 * MIB + 77);
  let refusals = 0;
  interposeSync('openSync', (original, [path, flags, mode]) => {
    const writes = ((flags as number) & fs.constants.O_WRONLY) !== 0;
    if (!writes || ((flags as number) & O_DIRECT) === 0) return original(path, flags, mode);
    refusals += 1;
    throw errno(code);
  });
  const file = await write(bytes);
  vi.restoreAllMocks();
  expect((await readFile(file.path)).equals(bytes)).toBe(true);
  expect(refusals).toBe(1);
});

it('a short write past the cache that ends within a block is finished the ordinary way', async () => {
  const bytes = content(2 * MIB);
  let writes = 0;
  interposeSync('writeSync', (original, [fd, memory, offset, length, position]) => {
    writes += 1;
    // As the kernel does it, the next one is refused for its memory that is not aligned any more.
    if (writes === 2) throw errno('EINVAL');
    return original(fd, memory, offset, writes === 1 ? 8192 : length, position);
  });
  const file = await write(bytes);
  vi.restoreAllMocks();
  expect((await readFile(file.path)).equals(bytes)).toBe(true);
});

it('another error of a write past the cache is not hidden by writing it the ordinary way', async () => {
  interposeSync('writeSync', () => {
    throw errno('EIO');
  });
  await expect(write(content(MIB))).rejects.toMatchObject({ reason: 'drive-failing' });
});

it('a long file is read back while it is written, and only the rest of it afterwards', async () => {
  const bytes = Buffer.alloc(80 * MIB + 5, content(MIB + 3));
  let readBytes = 0;
  interposeSync('readSync', (original, args) => {
    const count = original(...args) as number;
    readBytes += count;
    return count;
  });
  const file = await write(bytes);
  const whileWriting = readBytes;
  expect(whileWriting).toBeGreaterThanOrEqual(12 * MIB);
  const back = await file.readBack();
  expect(back).toMatchObject({ xxh64: hashOf(bytes), sizeBytes: bytes.length });
  expect(readBytes - bytes.length).toBeLessThan(64 * 1024);
  // A further reading is of all of it.
  expect(await file.readBack()).toEqual(back);
  expect(readBytes).toBeGreaterThan(2 * bytes.length);
  await file.discard();
});

it('what changed on the drive behind the write head is found by the reading back', async () => {
  const bytes = Buffer.alloc(70 * MIB, 'x');
  const file = await store.createIncoming();
  for (let n = 0; n < 66; n += 1) await file.write(bytes.subarray(0, MIB));
  const fd = fs.openSync(file.path, 'r+');
  fs.writeSync(fd, Buffer.from('y'), 0, 1, 0);
  fs.fsyncSync(fd);
  fs.closeSync(fd);
  for (let n = 66; n < 70; n += 1) await file.write(bytes.subarray(0, MIB));
  await file.flush(0);
  const back = await file.readBack();
  expect(back.sizeBytes).toBe(bytes.length);
  expect(back.xxh64).not.toBe(hashOf(bytes));
  await file.discard();
});
