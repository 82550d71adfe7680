import { Buffer } from 'node:buffer';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDriveStore } from '../../adapters/fs/drive-store.ts';
import { driveStoreContract, p, reasonOf } from '../contracts/drive-store.contract.ts';
import { type BuiltIo, buildIoWorker } from './build-io-worker.ts';
import { adoptFolder, behindTheBack } from './drives.ts';
import { makeTooDeep, useCleaner } from './folders.ts';

const clean = useCleaner();

let built: BuiltIo;
beforeAll(async () => {
  built = await buildIoWorker();
});
afterAll(() => built.remove());

for (const where of ['this thread', 'a thread of its own']) {
  driveStoreContract(`folder, in ${where}`, async () => {
    const root = join(await clean.folder(), 'drive');
    await mkdir(root);
    const options = where === 'this thread' ? {} : { io: built.io };
    const store = await openDriveStore(await adoptFolder(root), options);
    return { store, ...behindTheBack(root), cleanUp: async () => undefined };
  });
}

it('a walk ends with an error, not with a gap, where something cannot be listed', async () => {
  const root = join(await clean.folder(), 'drive');
  const store = await openDriveStore(await adoptFolder(root));
  await mkdir(join(root, 'Photos'));
  await writeFile(join(root, 'Photos/A.JPG'), 'a');
  await makeTooDeep(clean, join(root, 'Photos'));
  const seen: string[] = [];
  const walk = async (): Promise<void> => {
    for await (const file of store.walk(p('Photos'))) seen.push(file.path);
  };
  expect(await reasonOf(walk())).toBe('drive-not-writable');
  expect(seen).toEqual(['Photos/A.JPG']);
});

it('a drive that was taken out is not used any more, although its folder is still there', async () => {
  const root = join(await clean.folder(), 'drive');
  await mkdir(root);
  let isAttached = true;
  const store = await openDriveStore(await adoptFolder(root), { isAttached: () => isAttached });
  const open = await store.createIncoming();
  await open.write(Buffer.from('half'));
  const flushed = await store.createIncoming();
  await flushed.flush(0);
  isAttached = false;
  const calls: Readonly<Record<string, () => Promise<unknown>>> = {
    write: () => open.write(Buffer.from('more')),
    place: () => flushed.place(p('Photos/A.JPG')),
    createIncoming: () => store.createIncoming(),
    writeAll: () => store.writeAll([{ bytes: Buffer.from('x'), mtimeMs: 0 }]),
    stat: () => store.stat(p('Photos/A.JPG')),
    list: () => store.list(p('Photos')),
    replaceOwn: () => store.replaceOwn(p('.imagetank/x'), 'text'),
    appendOwn: () => store.appendOwn(p('.imagetank/x'), ['line']),
    clearIncoming: () => store.clearIncoming(),
    settle: () => store.settle([p('Photos/A.JPG')]),
    sync: () => store.sync(),
  };
  for (const [name, call] of Object.entries(calls)) expect(await reasonOf(call()), name).toBe('drive-lost');
  expect(await readdir(root)).toEqual(['.imagetank']);
  isAttached = true;
  expect(await flushed.place(p('Photos/A.JPG'))).toBe('placed');
});
