import fs from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { openUploadStore } from '../../adapters/fs/upload-store.ts';
import { uploadStoreContract } from '../contracts/upload-store.contract.ts';
import { filesBelow, recordOf } from '../uploads/kit.ts';
import { type BuiltIo, buildIoWorker } from './build-io-worker.ts';
import { adoptFolder } from './drives.ts';
import { useCleaner } from './folders.ts';

const clean = useCleaner();
let built: BuiltIo;
beforeAll(async () => {
  built = await buildIoWorker();
});
afterAll(() => built.remove());

for (const where of ['this thread', 'a thread of its own']) {
  uploadStoreContract(`folder, in ${where}`, async () => {
    const root = join(await clean.folder(), 'drive');
    const options = where === 'this thread' ? {} : { io: built.io };
    const store = await openUploadStore(await adoptFolder(root), options);
    const inbox = join(root, 'inbox');
    return {
      store,
      inbox: () =>
        Object.fromEntries(
          filesBelow(inbox).map((path) => [path, fs.readFileSync(join(inbox, path), 'utf8')]),
        ),
      put: (path, content) => {
        fs.mkdirSync(dirname(join(inbox, path)), { recursive: true });
        fs.writeFileSync(join(inbox, path), content);
      },
      mtimeMsOf: (path) => fs.statSync(join(inbox, path)).mtimeMs,
      cleanUp: async () => undefined,
    };
  });
}

afterEach(() => void vi.restoreAllMocks());

const ID = '00000000-0000-4000-8000-000000000000';

async function opened() {
  const root = join(await clean.folder(), 'drive');
  return { root, store: await openUploadStore(await adoptFolder(root)) };
}

test('what is moved into the inbox is synced before and after, with every folder on the way, and the one it left last', async () => {
  const { root, store } = await opened();
  await store.create(ID, recordOf());
  await store.write(ID, 0, Buffer.from('abcdef'));
  const synced: string[] = [];
  const real = fs.fsyncSync;
  vi.spyOn(fs, 'fsyncSync').mockImplementation((fd) => {
    // By its descriptor a file that has a second name and lost its first one is called deleted.
    const isFile = fs.fstatSync(fd).isFile();
    const name = isFile
      ? fs.readdirSync(root, { recursive: true }).filter((path) => /(part|JPG)$/.test(String(path)))
      : [];
    synced.push(isFile ? name.join() : relative(root, fs.readlinkSync(`/proc/self/fd/${fd}`)));
    real(fd);
  });
  const path = await store.settle(ID, recordOf(), { folder: 'phone', name: 'A.JPG' });
  expect(path).toBe('phone/A.JPG');
  expect(synced).toEqual([
    `.imagetank/uploads/${ID}.part`,
    'inbox/phone/A.JPG',
    'inbox/phone',
    'inbox',
    '',
    '.imagetank/uploads',
  ]);
});

test.each([
  '../drive',
  '..',
  'x',
  '',
  `${ID}/..`,
])('%j is no id: nothing outside is read or removed', async (id) => {
  const { root, store } = await opened();
  const identity = join(root, '.imagetank/drive.json');
  const before = fs.readFileSync(identity, 'utf8');
  await store.create(ID, recordOf());
  for (const ask of [
    () => store.get(id),
    () => store.remove(id),
    () => store.write(id, 0, Buffer.from('x')),
  ]) {
    await expect(ask()).rejects.toThrow('no id of an upload');
  }
  expect(fs.readFileSync(identity, 'utf8')).toBe(before);
});
