import { Buffer } from 'node:buffer';
import fs, { type BigIntStats } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openInboxStore } from '../../adapters/fs/inbox-store.ts';
import { backupId } from '../../machines/ids.ts';
import type { InboxStore } from '../../services/inbox/ports.ts';
import { reasonOf } from '../contracts/drive-store.contract.ts';
import { adoptFolder } from './drives.ts';
import { told, whyRoot } from './folders.ts';
import { errno, interposeSync } from './handles.ts';
import { clean, client, contentsBelow, deepFolder, drive, look } from './inboxes.ts';

const ID = backupId('20261121-57');

afterEach(() => {
  vi.restoreAllMocks();
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
    const {
      files: [taken],
    } = await store.taken(100);
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
    return (await store.taken(100)).files;
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
    expect((await store.putBack(taken))?.path).toBe('a.jpg');
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
    expect((await store.putBack(taken))?.path).toBe('a.jpg');
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
    const as = (await store.putBack(taken))?.path;
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
    const as = (await store.putBack(taken))?.path;
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
    expect((await store.putBack(taken))?.path).toBe(`a (${ID}).jpg`);
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
    const as = (await store.putBack(taken))?.path;
    expect(as).toMatch(/^x+ \(20261121-57\)\.jpg$/);
    expect(as).toHaveLength(255);
  });

  it('a file that lies in taken itself is not ours', async () => {
    const { root, store } = await drive();
    client(root).write('.imagetank/taken/mine.txt', 'mine');
    expect(await store.taken(100)).toEqual({ files: [], unreadable: 0, more: false });
  });
});
