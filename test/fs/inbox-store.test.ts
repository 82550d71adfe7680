import fs from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { openInboxStore } from '../../adapters/fs/inbox-store.ts';
import { backupId } from '../../machines/ids.ts';
import { reasonOf } from '../contracts/drive-store.contract.ts';
import { inboxStoreContract } from '../contracts/inbox-store.contract.ts';
import { type BuiltIo, buildIoWorker } from './build-io-worker.ts';
import { adoptFolder } from './drives.ts';
import { told, whyRoot } from './folders.ts';
import { errno, interposeSync } from './handles.ts';
import { clean, client, deepFolder, drive, look } from './inboxes.ts';

const ID = backupId('20261121-57');

let built: BuiltIo;
beforeAll(async () => {
  built = await buildIoWorker();
});
afterAll(() => built.remove());
afterEach(() => {
  vi.restoreAllMocks();
});

for (const where of ['this thread', 'a thread of its own']) {
  inboxStoreContract(`folder, in ${where}`, async () => {
    const root = join(await clean.folder(), 'drive');
    fs.mkdirSync(join(root, 'inbox'), { recursive: true });
    const options = where === 'this thread' ? {} : { io: built.io };
    const store = await openInboxStore(await adoptFolder(root), options);
    return { store, ...client(root), cleanUp: async () => undefined };
  });
}

describe('what is no file of the inbox', () => {
  it('links, pipes and hidden folders are passed over', async () => {
    const { root, store } = await drive();
    client(root).write('outside/secret.jpg', 'secret');
    client(root).write('inbox/.recycle/old.jpg', 'old');
    fs.symlinkSync(join(root, 'outside'), join(root, 'inbox/folder'));
    fs.symlinkSync(join(root, 'outside/secret.jpg'), join(root, 'inbox/link.jpg'));
    expect(await look(store)).toEqual([]);
  });

  it('an inbox that is a link, or a file, is told and never followed', async () => {
    const { root, store } = await drive();
    client(root).write('outside/secret.jpg', 'secret');
    fs.rmdirSync(join(root, 'inbox'));
    for (const to of ['outside', 'nowhere']) {
      fs.symlinkSync(join(root, to), join(root, 'inbox'));
      expect(await store.look(100)).toEqual({ files: [], unreadable: 0, more: false, instead: 'link' });
      fs.unlinkSync(join(root, 'inbox'));
    }
    fs.writeFileSync(join(root, 'inbox'), 'a file');
    expect(await store.look(100)).toEqual({ files: [], unreadable: 0, more: false, instead: 'other' });
  });

  it('files in hidden folders are counted, and the first is named; those of known programs are not', async () => {
    const { root, store } = await drive();
    client(root).write('inbox/.photos/2026/a.jpg', 'one');
    client(root).write('inbox/.photos/b.jpg', 'two');
    client(root).write('inbox/DCIM/.x/c.jpg', 'three');
    client(root).write('inbox/DCIM/.Trashes/d.jpg', 'four');
    client(root).write('inbox/e.jpg', 'five');
    const found = await store.look(100);
    expect(found?.files.map(({ path }) => path)).toEqual(['e.jpg']);
    expect(found?.hidden).toEqual({ files: 3, first: '.photos/2026/a.jpg' });
    // What is beyond is not even looked into.
    failing('.x', 'EIO');
    expect(await store.look(1)).toMatchObject({
      unreadable: 0,
      hidden: { files: 1, first: '.photos/2026/a.jpg' },
    });
  });

  it('of very many files in one hidden folder only the first are looked at, and those of the inbox all the same', async () => {
    const { root, store } = await drive();
    for (const name of ['.flat/a.jpg', '.flat/b.jpg', '.flat/c.jpg', 'd.jpg'])
      client(root).write(`inbox/${name}`, name);
    const looked: unknown[] = [];
    interposeSync('lstatSync', (original, args) => {
      looked.push(basename(String(args[0])));
      return original(...args);
    });
    const found = await store.look(2);
    expect(found?.files.map(({ path }) => path)).toEqual(['d.jpg']);
    expect(found?.hidden).toEqual({ files: 2, first: '.flat/a.jpg' });
    expect(looked).toContain('b.jpg');
    expect(looked).not.toContain('c.jpg');
  });

  it('folders that lie deeper than anybody needs are told, not read', async () => {
    const { root, store } = await drive();
    client(root).write(`inbox/${'d/'.repeat(40)}a.jpg`, 'deep');
    expect(await store.look(100)).toEqual({
      files: [],
      unreadable: 1,
      firstUnreadable: 'd/'.repeat(33).slice(0, -1),
      more: false,
    });
  });

  it('what has a path longer than the system can say is told, and the rest is listed', async () => {
    const { root, store } = await drive();
    client(root).write('inbox/z.jpg', 'last');
    const deep = deepFolder(join(root, 'inbox'), 4000);
    for (let at = 0; at < 10; at += 1) fs.mkdirSync(join(deep, `${at}${'d'.repeat(200)}`));
    const found = await store.look(100);
    expect(found?.files.map(({ path }) => path)).toEqual(['z.jpg']);
    expect(found).toMatchObject({ unreadable: 10, more: false });
  });

  it('a folder that may not be read is told', async () => {
    if (told('folders of others', whyRoot)) return;
    const { root, store } = await drive();
    client(root).write('inbox/theirs/a.jpg', 'one');
    fs.chmodSync(join(root, 'inbox/theirs'), 0o000);
    clean.after(() => fs.chmodSync(join(root, 'inbox/theirs'), 0o755));
    expect(await store.look(100)).toEqual({
      files: [],
      unreadable: 1,
      firstUnreadable: 'theirs',
      more: false,
    });
  });
});

/** Only for folders and files with this in their names. */
function failing(name: string, code: string): void {
  interposeSync('readdirSync', (original, args) => {
    if (fs.realpathSync(String(args[0])).includes(name)) throw errno(code);
    return original(...args);
  });
}

describe('a folder that fails', () => {
  it.each([
    'EIO',
    'EUCLEAN',
    'EBADMSG',
    'EMFILE',
  ])('by %s is told, and the others are listed', async (code) => {
    const { root, store } = await drive();
    client(root).write('inbox/bad/a.jpg', 'one');
    client(root).write('inbox/good/b.jpg', 'two');
    failing('bad', code);
    const found = await store.look(100);
    expect(found?.files.map(({ path }) => path)).toEqual(['good/b.jpg']);
    expect(found).toMatchObject({ unreadable: 1, firstUnreadable: 'bad', more: false });
  });

  it('for want of open files says nothing of the drive', async () => {
    const { root, store } = await drive();
    client(root).write('inbox/bad/a.jpg', 'one');
    failing('bad', 'EMFILE');
    interposeSync('openSync', (original, args) => {
      const isLate = vi.mocked(fs.readdirSync).mock.calls.length > 1;
      if (isLate && String(args[0]).endsWith('drive.json')) throw errno('EMFILE');
      return original(...args);
    });
    expect(await store.look(100)).toMatchObject({ files: [], unreadable: 1 });
  });

  it('a file of which nothing can be said is told, too', async () => {
    const { root, store } = await drive();
    client(root).write('inbox/a.jpg', 'one');
    client(root).write('inbox/b.jpg', 'two');
    interposeSync('lstatSync', (original, args) => {
      if (String(args[0]).endsWith('a.jpg')) throw errno('EIO');
      return original(...args);
    });
    const found = await store.look(100);
    expect(found?.files.map(({ path }) => path)).toEqual(['b.jpg']);
    expect(found?.unreadable).toBe(1);
  });

  it('is no bad folder when the drive is another one meanwhile', async () => {
    const { root, store } = await drive();
    client(root).write('inbox/bad/a.jpg', 'one');
    interposeSync('readdirSync', (original, args) => {
      if (!fs.realpathSync(String(args[0])).includes('bad')) return original(...args);
      fs.renameSync(root, `${root}.away`);
      fs.mkdirSync(root);
      throw errno('EIO');
    });
    expect(await reasonOf(store.look(100))).toBe('drive-lost');
  });

  it('among very many is not waited for: the look ends with an error', async () => {
    const { root, store } = await drive();
    for (let at = 0; at < 20; at += 1) client(root).write(`inbox/bad ${at}/a.jpg`, 'one');
    failing('bad', 'EIO');
    expect(await reasonOf(store.look(100))).toBe('drive-failing');
    expect(vi.mocked(fs.readdirSync).mock.calls.length).toBeLessThan(15);
  });

  it.each(['EIO', 'EACCES'])('below taken by %s is named, and the files beside it are told', async (code) => {
    const { root, store } = await drive();
    client(root).write('.imagetank/taken/20261121-1/a.jpg', 'one');
    client(root).write('.imagetank/taken/20261121-2/b.jpg', 'two');
    failing('20261121-1', code);
    const found = await store.taken(100);
    expect(found.files.map(({ path }) => path)).toEqual(['b.jpg']);
    expect(found).toMatchObject({ unreadable: 1, firstUnreadable: '20261121-1' });
  });

  it('below taken no name hides a folder', async () => {
    const { root, store } = await drive();
    client(root).write(`.imagetank/taken/${ID}/.recycle/a.jpg`, 'one');
    client(root).write(`.imagetank/taken/${ID}/.x/b.jpg`, 'two');
    const { files } = await store.taken(100);
    expect(files.map(({ path }) => path)).toEqual(['.recycle/a.jpg', '.x/b.jpg']);
  });

  it('below taken is no bad folder when the drive is another one meanwhile', async () => {
    const { root, store } = await drive();
    client(root).write(`.imagetank/taken/${ID}/a.jpg`, 'one');
    interposeSync('readdirSync', (original, args) => {
      if (!fs.realpathSync(String(args[0])).includes(ID)) return original(...args);
      fs.renameSync(root, `${root}.away`);
      fs.mkdirSync(root);
      throw errno('EIO');
    });
    expect(await reasonOf(store.taken(100))).toBe('drive-lost');
  });
});
