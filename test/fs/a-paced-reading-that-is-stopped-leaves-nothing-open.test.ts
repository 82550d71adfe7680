import { readdirSync, readlinkSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createCardReader } from '../../adapters/fs/card-reader.ts';
import { openDriveStore } from '../../adapters/fs/drive-store.ts';
import { createIo } from '../../adapters/fs/io/lanes.ts';
import type { AfterBlock } from '../../services/media-ports.ts';
import { hashOf, p } from '../contracts/drive-store.contract.ts';
import { type BuiltIo, buildIoWorker } from './build-io-worker.ts';
import { adoptFolder } from './drives.ts';
import { useCleaner } from './folders.ts';

const PATH = p('Photos/video.mp4');
const MIB = 1024 * 1024;
const BYTES = Buffer.alloc(9 * 1024 * 1024, 3);

const clean = useCleaner();
let built: BuiltIo;
beforeAll(async () => {
  built = await buildIoWorker();
});
afterAll(() => built.remove());

/** Descriptors of this process, those of its threads included, that lead to the file. */
function openOn(path: string): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === path;
    } catch {
      return false;
    }
  }).length;
}

for (const where of ['this thread', 'a thread of its own']) {
  it(`in ${where}`, async () => {
    const root = join(await clean.folder(), 'drive');
    const options = where === 'this thread' ? { io: createIo({ workerPath: null }) } : { io: built.io };
    const store = await openDriveStore(await adoptFolder(root), options);
    await mkdir(join(root, 'Photos'));
    await writeFile(join(root, PATH), BYTES);
    const why = new Error('stopped');
    let seen = 0;
    const stopped = store.readBack(PATH, async () => {
      seen = openOn(join(root, PATH));
      throw why;
    });
    await expect(stopped).rejects.toBe(why);
    expect({ seen, left: openOn(join(root, PATH)) }).toEqual({ seen: 1, left: 0 });
    expect(await store.readBack(PATH)).toMatchObject({ xxh64: hashOf(BYTES), sizeBytes: BYTES.length });
  });
}

for (const where of ['this thread', 'a thread of its own']) {
  it(`in ${where}: the second reading of a card, and that of what was just written`, async () => {
    const root = join(await clean.folder(), 'drive');
    const io = where === 'this thread' ? createIo({ workerPath: null }) : built.io;
    const store = await openDriveStore(await adoptFolder(root), { io });
    const part = await store.createIncoming();
    await part.write(BYTES);
    await part.flush(0);
    const small = await store.writeAll([{ bytes: Buffer.from('abc'), mtimeMs: 0 }]);
    await store.flushAll(small);
    const path = relative(root, part.path);
    const reader = createCardReader({ io });
    const readings: ((afterBlock?: AfterBlock) => Promise<unknown>)[] = [
      (afterBlock) => reader.readBack(root, { path: p(path) }, afterBlock),
      (afterBlock) => part.readBack(afterBlock),
      (afterBlock) => store.readBackAll([...small, part], afterBlock).then(([, large]) => large),
    ];
    for (const [at, read] of readings.entries()) {
      const blocks: number[] = [];
      expect(await read(async (sizeBytes) => void blocks.push(sizeBytes))).toMatchObject({
        xxh64: hashOf(BYTES),
      });
      expect(blocks).toEqual([...(at === 2 ? [3] : []), 4 * MIB, 4 * MIB, MIB]);
      const why = new Error('stopped');
      const left = openOn(part.path);
      await expect(read(() => Promise.reject(why))).rejects.toBe(why);
      expect(openOn(part.path)).toBe(left);
    }
    await part.discard();
  });
}

it('a pause between two blocks does not end the thread that has the file open', async () => {
  const io = createIo({ workerPath: built.workerPath, idleMs: 1 });
  const root = join(await clean.folder(), 'drive');
  const store = await openDriveStore(await adoptFolder(root), { io });
  await mkdir(join(root, 'Photos'));
  await writeFile(join(root, PATH), BYTES);
  const open: number[] = [];
  const blocks: number[] = [];
  const back = await store.readBack(PATH, async (sizeBytes) => {
    blocks.push(sizeBytes);
    // Longer than an idle thread lives; with a thread that ended the file would be begun again.
    await new Promise((resolve) => setTimeout(resolve, 50));
    open.push(openOn(join(root, PATH)));
  });
  expect(back.xxh64).toBe(hashOf(BYTES));
  expect(blocks).toEqual([4 * 1024 * 1024, 4 * 1024 * 1024, 1024 * 1024]);
  expect(open).toEqual([1, 1, 0]);
});
