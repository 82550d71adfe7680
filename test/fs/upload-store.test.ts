import fs from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
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
const OTHER = '10000000-0000-4000-8000-000000000000';

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

test('a record is synced before it takes the place of the older one, and after it with its folder', async () => {
  const { store } = await opened();
  const seen: string[] = [];
  const [sync, rename] = [fs.fsyncSync, fs.renameSync];
  const note = (what: string, path: string) => void seen.push(`${what} ${basename(path).replace(ID, '')}`);
  vi.spyOn(fs, 'fsyncSync').mockImplementation((fd) => {
    note('sync', fs.readlinkSync(`/proc/self/fd/${fd}`));
    sync(fd);
  });
  vi.spyOn(fs, 'renameSync').mockImplementation((from, to) => {
    note('rename', String(to));
    rename(from, to);
  });
  const saved = ['sync .new', 'rename .json', 'sync .json', 'sync uploads'];
  await store.create(ID, recordOf());
  expect(seen.splice(0)).toEqual([...saved, 'sync uploads', 'sync .imagetank', 'sync drive']);
  await store.save(ID, recordOf({ syncedBytes: 3 }));
  expect(seen.splice(0)).toEqual(saved);
});

describe('after a power cut', () => {
  const [older, newer, foreign] = [recordOf({ syncedBytes: 1 }), recordOf({ syncedBytes: 2 }), { id: OTHER }];
  const json = (record: object) => JSON.stringify(record);
  test.each([
    ['the name is gone and the new record is there', null, json({ ...newer, id: ID }), newer],
    ['the record is empty', '', json({ ...newer, id: ID }), newer],
    ['the new record is half', json({ ...older, id: ID }), json(newer).slice(0, 20), older],
    ['what stands there belonged to another upload', json({ ...newer, ...foreign }), null, null],
    ['so does the new one', json({ ...older, id: ID }), json({ ...newer, ...foreign }), older],
    ['it was not begun yet', null, json({ ...recordOf(), id: ID }), null],
    ['an older version wrote it', json(older), null, older],
  ])('%s', async (_what, record, fresh, told) => {
    const { root, store } = await opened();
    await store.create(ID, recordOf());
    await store.write(ID, 0, Buffer.from('abc'));
    const path = (ending: string) => join(root, `.imagetank/uploads/${ID}.${ending}`);
    if (record === null) fs.rmSync(path('json'));
    else fs.writeFileSync(path('json'), record);
    if (fresh !== null) fs.writeFileSync(path('new'), fresh);
    expect((await store.get(ID))?.record).toEqual(told);
    await store.remove(ID);
    expect(await store.get(ID)).toBeNull();
  });
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
