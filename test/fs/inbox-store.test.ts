import { Buffer } from 'node:buffer';
import fs, { type BigIntStats } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { openInboxStore } from '../../adapters/fs/inbox-store.ts';
import { backupId } from '../../machines/ids.ts';
import type { InboxStore } from '../../services/inbox/ports.ts';
import { reasonOf } from '../contracts/drive-store.contract.ts';
import { type InboxSubject, inboxStoreContract } from '../contracts/inbox-store.contract.ts';
import { type BuiltIo, buildIoWorker } from './build-io-worker.ts';
import { adoptFolder } from './drives.ts';
import { run, told, useCleaner, whyRoot } from './folders.ts';
import { errno, interposeSync } from './handles.ts';

const clean = useCleaner();
const ID = backupId('20261121-57');

let built: BuiltIo;
beforeAll(async () => {
  built = await buildIoWorker();
});
afterAll(() => built.remove());
afterEach(() => {
  vi.restoreAllMocks();
});

/** As a client of the drive. */
function client(root: string): Omit<InboxSubject, 'store' | 'cleanUp'> {
  return {
    write: (path, content) => {
      fs.mkdirSync(dirname(join(root, path)), { recursive: true });
      const fd = fs.openSync(join(root, path), 'a');
      clean.after(() => fs.closeSync(fd));
      const add = (more: string) => {
        fs.writeSync(fd, more);
      };
      add(content);
      return add;
    },
    link: (from, to) => fs.linkSync(join(root, from), join(root, to)),
    delete: (path) => fs.unlinkSync(join(root, path)),
    files: () => contentsBelow(root),
    removeInbox: () => fs.rmSync(join(root, 'inbox'), { recursive: true }),
  };
}

function contentsBelow(root: string): Record<string, string> {
  const files = fs
    .readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'drive.json')
    .map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    files.sort().map((path) => [relative(root, path), fs.readFileSync(path, 'utf8')]),
  );
}

async function drive(): Promise<{ readonly root: string; readonly store: InboxStore }> {
  const root = join(await clean.folder(), 'drive');
  fs.mkdirSync(join(root, 'inbox'), { recursive: true });
  return { root, store: await openInboxStore(await adoptFolder(root)) };
}

for (const where of ['this thread', 'a thread of its own']) {
  inboxStoreContract(`folder, in ${where}`, async () => {
    const root = join(await clean.folder(), 'drive');
    fs.mkdirSync(join(root, 'inbox'), { recursive: true });
    const options = where === 'this thread' ? {} : { io: built.io };
    const store = await openInboxStore(await adoptFolder(root), options);
    return { store, ...client(root), cleanUp: async () => undefined };
  });
}

/** Makes folders in `top` until the path is so many bytes long; a path to the last one by which it can be named. */
function deepFolder(top: string, bytes: number): string {
  let fd = fs.openSync(top, 'r');
  clean.after(() => fs.closeSync(fd));
  for (let left = bytes - top.length; left > 1; ) {
    const length = left > 480 ? 240 : left > 250 ? left >> 1 : left;
    const next = `/proc/self/fd/${fd}/${'d'.repeat(length - 1)}`;
    fs.mkdirSync(next);
    const opened = fs.openSync(next, 'r');
    fs.closeSync(fd);
    fd = opened;
    left -= length;
  }
  // Node's own rm names whole paths.
  clean.after(() => run('rm', '-rf', top));
  return `/proc/self/fd/${fd}`;
}

const look = async (store: InboxStore) => (await store.look(100))?.files ?? [];

describe('what is no file of the inbox', () => {
  it('links, pipes and hidden folders are passed over', async () => {
    const { root, store } = await drive();
    client(root).write('outside/secret.jpg', 'secret');
    client(root).write('inbox/.recycle/old.jpg', 'old');
    fs.symlinkSync(join(root, 'outside'), join(root, 'inbox/folder'));
    fs.symlinkSync(join(root, 'outside/secret.jpg'), join(root, 'inbox/link.jpg'));
    expect(await look(store)).toEqual([]);
  });

  it('an inbox that is a link, or a file, is none', async () => {
    const { root, store } = await drive();
    client(root).write('outside/secret.jpg', 'secret');
    fs.rmdirSync(join(root, 'inbox'));
    fs.symlinkSync(join(root, 'outside'), join(root, 'inbox'));
    expect(await store.look(100)).toBeNull();
    fs.unlinkSync(join(root, 'inbox'));
    fs.writeFileSync(join(root, 'inbox'), 'a file');
    expect(await store.look(100)).toBeNull();
  });

  it('folders that lie deeper than anybody needs are told, not read', async () => {
    const { root, store } = await drive();
    client(root).write(`inbox/${'d/'.repeat(40)}a.jpg`, 'deep');
    expect(await store.look(100)).toEqual({ files: [], unreadable: 1, more: false });
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
    expect(await store.look(100)).toEqual({ files: [], unreadable: 1, more: false });
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
    expect(found).toMatchObject({ unreadable: 1, more: false });
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

  it('below taken is an error: what is not listed there would be forgotten', async () => {
    const { root, store } = await drive();
    client(root).write('inbox/a.jpg', 'one');
    await store.take(await look(store), ID);
    failing(ID, 'EIO');
    expect(await reasonOf(store.taken(100))).toBe('drive-failing');
  });
});

describe('taking', () => {
  it('a folder that became a link in between is not followed', async () => {
    const { root, store } = await drive();
    client(root).write('inbox/DCIM/a.jpg', 'one');
    const seen = await look(store);
    fs.renameSync(join(root, 'inbox/DCIM'), join(root, 'elsewhere'));
    fs.symlinkSync(join(root, 'elsewhere'), join(root, 'inbox/DCIM'));
    expect(await store.take(seen, ID)).toEqual([{ end: 'changed' }]);
    expect(contentsBelow(root)).toEqual({ 'elsewhere/a.jpg': 'one' });
  });

  it('a file whose path is too long only where it is taken to stays, and those behind it are taken', async () => {
    const { root, store } = await drive();
    const deep = join(deepFolder(join(root, 'inbox'), 4075), 'x/y');
    fs.mkdirSync(deep, { recursive: true });
    fs.writeFileSync(join(deep, 'a.jpg'), 'one');
    client(root).write('inbox/z.jpg', 'two');
    const seen = await look(store);
    expect(seen).toHaveLength(2);
    expect(await store.take(seen, ID)).toMatchObject([
      { end: 'refused', detail: 'its path is too long' },
      { end: 'taken' },
    ]);
    expect(fs.readFileSync(join(deep, 'a.jpg'), 'utf8')).toBe('one');
    expect(fs.readdirSync(join(root, '.imagetank/taken', ID))).toEqual(['z.jpg']);
  });

  it('names that are no UTF-8 keep their bytes there and back', async () => {
    const { root, store } = await drive();
    const name = Buffer.concat([Buffer.from(`${root}/inbox/`), Buffer.from([0x41, 0xff, 0x2e, 0x6a])]);
    fs.writeFileSync(name, 'one');
    const seen = await look(store);
    expect(seen).toMatchObject([
      { path: 'A\uFFFD.j', pathBase64: Buffer.from([0x41, 0xff, 0x2e, 0x6a]).toString('base64') },
    ]);
    expect(await store.take(seen, ID)).toMatchObject([{ end: 'taken' }]);
    expect(fs.existsSync(name)).toBe(false);
    const [taken] = await store.taken(100);
    if (taken === undefined) throw new Error('nothing was taken');
    await store.putBack(taken);
    expect(fs.readFileSync(name, 'utf8')).toBe('one');
  });

  it('a file in a folder of somebody else stays, and is said to', async () => {
    if (told('folders of others', whyRoot)) return;
    const { root, store } = await drive();
    client(root).write('inbox/theirs/a.jpg', 'one');
    client(root).write('inbox/b.jpg', 'two');
    const seen = await look(store);
    fs.chmodSync(join(root, 'inbox/theirs'), 0o555);
    clean.after(() => fs.chmodSync(join(root, 'inbox/theirs'), 0o755));
    const ends = await store.take(seen, ID);
    expect(ends).toMatchObject([
      { end: 'taken' },
      { end: 'refused', detail: expect.stringContaining('EACCES') },
    ]);
    expect(Object.keys(contentsBelow(root))).toContain('inbox/theirs/a.jpg');
  });

  it('a drive that was swapped for another is not touched', async () => {
    const { root, store } = await drive();
    client(root).write('inbox/a.jpg', 'one');
    const seen = await look(store);
    fs.renameSync(root, `${root}.away`);
    await adoptFolder(root, 'another-drive');
    client(root).write('inbox/a.jpg', 'one');
    expect(await reasonOf(store.take(seen, ID))).toBe('drive-lost');
    expect(contentsBelow(root)).toEqual({ 'inbox/a.jpg': 'one' });
  });

  it('a drive that was taken out is not read any more', async () => {
    const root = join(await clean.folder(), 'drive');
    fs.mkdirSync(join(root, 'inbox'), { recursive: true });
    let isAttached = true;
    const store = await openInboxStore(await adoptFolder(root), { isAttached: () => isAttached });
    isAttached = false;
    expect(await reasonOf(store.look(100))).toBe('drive-lost');
  });
});

describe('deleting and putting back', () => {
  const takeAll = async (store: InboxStore) => {
    await store.take(await look(store), ID);
    return store.taken(100);
  };

  it('folders that are empty go with the file, others stay', async () => {
    const { root, store } = await drive();
    client(root).write('inbox/DCIM/100/a.jpg', 'one');
    client(root).write('inbox/more/b.jpg', 'two');
    fs.mkdirSync(join(root, 'inbox/empty'));
    const taken = await takeAll(store);
    client(root).write('inbox/more/c.jpg', 'three');
    expect(await store.remove(taken)).toEqual([true, true]);
    expect(fs.readdirSync(join(root, 'inbox')).sort()).toEqual(['empty', 'more']);
    expect(fs.readdirSync(join(root, '.imagetank/taken'))).toEqual([]);
    expect(contentsBelow(root)).toEqual({ 'inbox/more/c.jpg': 'three' });
  });

  it('where its folder was, a file may lie now: then it is put at the top', async () => {
    const { root, store } = await drive();
    client(root).write('inbox/DCIM/a.jpg', 'one');
    const [taken] = await takeAll(store);
    fs.rmdirSync(join(root, 'inbox/DCIM'));
    client(root).write('inbox/DCIM', 'a file now');
    if (taken === undefined) throw new Error('nothing was taken');
    expect(await store.putBack(taken)).toBe('a.jpg');
    expect(contentsBelow(root)).toEqual({ 'inbox/DCIM': 'a file now', 'inbox/a.jpg': 'one' });
  });

  it('where the inbox was, a link may lie now: the file stays, and the link is not followed', async () => {
    const { root, store } = await drive();
    client(root).write('inbox/a.jpg', 'one');
    const [taken] = await takeAll(store);
    fs.rmdirSync(join(root, 'inbox'));
    fs.mkdirSync(join(root, 'elsewhere'));
    fs.symlinkSync(join(root, 'elsewhere'), join(root, 'inbox'));
    if (taken === undefined) throw new Error('nothing was taken');
    expect(await store.putBack(taken)).toBeNull();
    expect(contentsBelow(root)).toEqual({ [`.imagetank/taken/${ID}/a.jpg`]: 'one' });
  });

  it('a crash between the new name and the end of the old one leaves one file, not two', async () => {
    const { root, store } = await drive();
    client(root).write('inbox/a.jpg', 'one');
    const [taken] = await takeAll(store);
    fs.linkSync(join(root, '.imagetank/taken', ID, 'a.jpg'), join(root, 'inbox/a.jpg'));
    if (taken === undefined) throw new Error('nothing was taken');
    expect(await store.putBack(taken)).toBe('a.jpg');
    expect(contentsBelow(root)).toEqual({ 'inbox/a.jpg': 'one' });
  });

  it('where there are no links, a name that clients give is left to them', async () => {
    const { root, store } = await drive();
    client(root).write('inbox/DCIM/a.jpg', 'one');
    const [taken] = await takeAll(store);
    if (taken === undefined) throw new Error('nothing was taken');
    interposeSync('linkSync', () => {
      throw errno('EPERM');
    });
    interposeSync('renameSync', (original, args) => {
      // A client is quicker than any look at the name.
      client(root).write('inbox/DCIM/a.jpg', 'two');
      return original(...args);
    });
    const as = await store.putBack(taken);
    expect(as).toBe(`DCIM/a (${ID}).jpg`);
    expect(contentsBelow(root)).toEqual({ 'inbox/DCIM/a.jpg': 'two', [`inbox/${as}`]: 'one' });
  });

  it('where there are no links, a name of an earlier time is not given again', async () => {
    const { root, store } = await drive();
    client(root).write('inbox/a.jpg', 'one');
    const [taken] = await takeAll(store);
    if (taken === undefined) throw new Error('nothing was taken');
    client(root).write(`inbox/a (${ID}).jpg`, 'two');
    interposeSync('linkSync', () => {
      throw errno('EPERM');
    });
    const as = await store.putBack(taken);
    expect(as).toBe(`a (${ID}-2).jpg`);
    expect(contentsBelow(root)).toEqual({ [`inbox/a (${ID}).jpg`]: 'two', [`inbox/${as}`]: 'one' });
  });

  it('where the numbers of files say nothing, another file is not taken for the same one', async () => {
    const { root, store } = await drive();
    client(root).write('inbox/a.jpg', 'one');
    const [taken] = await takeAll(store);
    client(root).write('inbox/a.jpg', 'two');
    if (taken === undefined) throw new Error('nothing was taken');
    interposeSync('lstatSync', (original, args) => {
      const found = original(...args) as BigIntStats;
      return Object.assign(found, { ino: typeof found.ino === 'bigint' ? 7n : 7 });
    });
    expect(await store.putBack(taken)).toBe(`a (${ID}).jpg`);
    vi.restoreAllMocks();
    expect(contentsBelow(root)).toEqual({ 'inbox/a.jpg': 'two', [`inbox/a (${ID}).jpg`]: 'one' });
  });

  it('a name that is as long as names may be gets a shorter one', async () => {
    const { root, store } = await drive();
    const name = `${'x'.repeat(251)}.jpg`;
    client(root).write(`inbox/${name}`, 'one');
    const [taken] = await takeAll(store);
    client(root).write(`inbox/${name}`, 'two');
    if (taken === undefined) throw new Error('nothing was taken');
    const as = await store.putBack(taken);
    expect(as).toMatch(/^x+ \(20261121-57\)\.jpg$/);
    expect(as).toHaveLength(255);
  });

  it('a file that lies in taken itself is not ours', async () => {
    const { root, store } = await drive();
    client(root).write('.imagetank/taken/mine.txt', 'mine');
    expect(await store.taken(100)).toEqual([]);
  });
});
