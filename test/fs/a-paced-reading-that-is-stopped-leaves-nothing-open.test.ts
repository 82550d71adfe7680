import { readdirSync, readlinkSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDriveStore } from '../../adapters/fs/drive-store.ts';
import { createIo } from '../../adapters/fs/io/lanes.ts';
import { hashOf, p } from '../contracts/drive-store.contract.ts';
import { type BuiltIo, buildIoWorker } from './build-io-worker.ts';
import { adoptFolder } from './drives.ts';
import { useCleaner } from './folders.ts';

const PATH = p('Photos/video.mp4');
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
