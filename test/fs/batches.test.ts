import { Buffer } from 'node:buffer';
import fs from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createCardReader } from '../../adapters/fs/card-reader.ts';
import { openDriveStore } from '../../adapters/fs/drive-store.ts';
import { Folders } from '../../adapters/fs/io/folders.ts';
import type { DriveStore } from '../../services/media-ports.ts';
import { at } from '../contracts/card-reader.contract.ts';
import { p, reasonOf } from '../contracts/drive-store.contract.ts';
import { adoptFolder } from './drives.ts';
import { mountTmpfs, run, told, useCleaner, whyNoMount } from './folders.ts';
import { errno, interposeSync, pathOfFd, watchSyncs } from './handles.ts';

const clean = useCleaner();
const EXT4 = 0xef53;
const EXFAT = 0x2011bab0;
const VFAT = 0x4d44;
let base: string;
let root: string;
beforeEach(async () => {
  base = await clean.folder();
  root = join(base, 'drive');
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** A drive of a kind, whatever holds this folder really; its `sync` notes each of its calls. */
async function driveOf(kind: number, syncEnds = 0): Promise<{ store: DriveStore; syncs: () => number }> {
  const command = join(base, 'sync');
  await writeFile(command, `#!/bin/sh\necho x >> ${join(base, 'syncs')}\nexit ${syncEnds}\n`, {
    mode: 0o755,
  });
  interposeSync('statfsSync', (original, [path]) => ({ ...(original(path) as object), type: kind }));
  const store = await openDriveStore(await adoptFolder(root), { sync: { command } });
  vi.restoreAllMocks();
  const syncs = () => fs.existsSync(join(base, 'syncs')) && fs.readFileSync(join(base, 'syncs'), 'utf8');
  return { store, syncs: () => (syncs() || '').length / 2 };
}

const files = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ bytes: Buffer.from(`file ${n}`), mtimeMs: 0 }));
const names = (count: number) => Array.from({ length: count }, (_, n) => p(`Photos/2010/${n}.JPG`));

async function placed(store: DriveStore, count: number): Promise<void> {
  const parts = await store.writeAll(files(count));
  await store.flushAll(parts);
  const to = names(count);
  await store.placeAll(parts.map((file, n) => ({ file, to: to[n] ?? p('none') })));
}

describe('the recipe for a batch', () => {
  it.each([
    ['ext4', EXT4],
    ['exFAT', EXFAT],
  ])('on %s is one sync of the file system for all files, and one after they have their names, each with a flush of the device', async (_name, kind) => {
    const { store, syncs } = await driveOf(kind);
    const synced = watchSyncs();
    await placed(store, 5);
    // That of the root folder: exFAT may send none with the sync of the file system.
    expect({ syncs: syncs(), synced }).toEqual({ syncs: 1, synced: [root] });
    await store.settle(names(5));
    expect(syncs()).toBe(2);
    // What leads to them from the root may have been made by a run that died: once each.
    expect(synced.slice(1)).toEqual([root, join(root, 'Photos/2010'), join(root, 'Photos'), root]);
    await store.settle(names(5));
    expect({ syncs: syncs(), synced: synced.slice(5) }).toEqual({ syncs: 3, synced: [root] });
  });

  it('on FAT is a sync of each file before and after the rename', async () => {
    const { store, syncs } = await driveOf(VFAT);
    const synced = watchSyncs();
    await placed(store, 5);
    expect(synced).toHaveLength(5);
    expect(synced.every((path) => path.endsWith('.part'))).toBe(true);
    await store.settle(names(5));
    expect(synced.slice(5)).toEqual([
      ...names(5).map((path) => join(root, path)),
      join(root, 'Photos/2010'),
      join(root, 'Photos'),
      root,
      join(root, '.imagetank/incoming'),
    ]);
    expect(syncs()).toBe(0);
  });

  it('is over for good when the sync fails', async () => {
    const { store, syncs } = await driveOf(EXT4, 1);
    const parts = await store.writeAll(files(3));
    expect(await reasonOf(store.flushAll(parts))).toBe('drive-failing');
    await expect(store.flushAll(parts)).rejects.toThrow(/failed/);
    await expect(store.readBackAll(parts)).rejects.toThrow(/failed/);
    expect(syncs()).toBe(1);
    for (const part of parts) await part.discard();
    expect(await readdir(join(root, '.imagetank/incoming'))).toEqual([]);
    expect(await reasonOf(store.settle(names(3)))).toBe('drive-failing');
  });

  it('fails when the flush of the device does, although the sync went well', async () => {
    const { store, syncs } = await driveOf(EXFAT);
    const parts = await store.writeAll(files(3));
    interposeSync('fsyncSync', () => {
      throw errno('EIO');
    });
    expect(await reasonOf(store.flushAll(parts))).toBe('drive-failing');
    await expect(store.readBackAll(parts)).rejects.toThrow(/failed/);
    expect(syncs()).toBe(1);
  });

  it('on FAT is over for good when the sync of a file fails', async () => {
    const { store } = await driveOf(VFAT);
    let syncs = 0;
    interposeSync('fsyncSync', () => {
      syncs += 1;
      throw errno('EIO');
    });
    expect(await reasonOf(store.writeAll(files(3)))).toBe('drive-failing');
    expect(syncs).toBe(1);
    expect(await readdir(join(root, '.imagetank/incoming'))).toEqual([]);
  });

  it('syncs a file before it reads it from the cache, where the medium cannot be read after all', async () => {
    const { store } = await driveOf(EXT4);
    const parts = await store.writeAll(files(2));
    await store.flushAll(parts);
    const synced = watchSyncs();
    interposeSync('openSync', (original, [path, flags, mode]) => {
      if ((flags as number) & fs.constants.O_DIRECT) throw errno('EINVAL');
      return original(path, flags, mode);
    });
    const backs = await store.readBackAll(parts);
    expect(backs.map(({ verifiedFrom }) => verifiedFrom)).toEqual(['cache', 'cache']);
    expect(synced).toEqual(parts.map(({ path }) => path));
  });
});

describe('a batch that fails in its middle', () => {
  it.each([
    ['ENOSPC', 'drive-full'],
    ['EDQUOT', 'drive-full'],
    ['EIO', 'drive-failing'],
    ['EROFS', 'drive-not-writable'],
    ['ESTALE', 'drive-lost'],
  ])('with %s leaves nothing', async (code, reason) => {
    const { store } = await driveOf(EXT4);
    let writes = 0;
    interposeSync('writeSync', (original, args) => {
      writes += 1;
      if (writes === 4) throw errno(code);
      return original(...args);
    });
    expect(await reasonOf(store.writeAll(files(6)))).toBe(reason);
    expect(await readdir(join(root, '.imagetank/incoming'))).toEqual([]);
    vi.restoreAllMocks();
    // What it began counts as running no longer.
    await writeFile(join(root, '.imagetank/incoming/left.part'), 'x');
    expect(await store.clearIncoming()).toBe(1);
  });

  it('because there are no more open files says so as it is', async () => {
    const { store } = await driveOf(EXT4);
    interposeSync('openSync', (original, [path, flags, mode]) => {
      if (String(path).endsWith('.part')) throw errno('EMFILE');
      return original(path, flags, mode);
    });
    await expect(store.writeAll(files(3))).rejects.toMatchObject({ code: 'EMFILE' });
  });

  it.skipIf(told('full drive in memory', whyNoMount))(
    'on a drive that is really full leaves nothing',
    async () => {
      const folder = await mountTmpfs(clean, 'size=1m');
      const store = await openDriveStore(await adoptFolder(folder));
      const large = Array.from({ length: 8 }, () => ({ bytes: Buffer.alloc(200_000), mtimeMs: 0 }));
      expect(await reasonOf(store.writeAll(large))).toBe('drive-full');
      expect(await readdir(join(folder, '.imagetank/incoming'))).toEqual([]);
    },
  );

  it('goes on over short writes and signals', async () => {
    const { store } = await driveOf(EXT4);
    let writes = 0;
    interposeSync('writeSync', (original, [fd, bytes, offset, length, position]) => {
      writes += 1;
      if (writes % 2 === 0) throw errno('EINTR');
      return original(fd, bytes, offset, Math.min(2, length as number), position);
    });
    const parts = await store.writeAll(files(3));
    expect(await Promise.all(parts.map(({ path }) => readFile(path, 'utf8')))).toEqual(
      files(3).map(({ bytes }) => bytes.toString()),
    );
  });

  it('does not wait for a drive that takes no byte', async () => {
    const { store } = await driveOf(EXT4);
    interposeSync('writeSync', () => 0);
    expect(await reasonOf(store.writeAll(files(1)))).toBe('drive-failing');
  });
});

describe('while a batch runs', () => {
  it('a drive that takes the place of this one gets nothing: names are looked for in the folder that was proved', async () => {
    const { store } = await driveOf(EXT4);
    const away = `${root}.away`;
    let writes = 0;
    interposeSync('writeSync', (original, args) => {
      writes += 1;
      if (writes === 2) {
        fs.renameSync(root, away);
        fs.mkdirSync(join(root, '.imagetank/incoming'), { recursive: true });
      }
      return original(...args);
    });
    await store.writeAll(files(4));
    expect(await readdir(join(root, '.imagetank/incoming'))).toEqual([]);
    expect(await readdir(join(away, '.imagetank/incoming'))).toHaveLength(4);
  });

  it('a link that takes the place of a folder leads nothing out of the drive', async () => {
    const { store } = await driveOf(EXT4);
    const parts = await store.writeAll(files(3));
    await store.flushAll(parts);
    await mkdir(join(base, 'outside'));
    await mkdir(join(root, 'Photos/2010'), { recursive: true });
    let links = 0;
    interposeSync('linkSync', (original, args) => {
      links += 1;
      if (links === 2) {
        fs.renameSync(join(root, 'Photos/2010'), join(root, 'Photos/moved'));
        fs.symlinkSync(join(base, 'outside'), join(root, 'Photos/2010'));
      }
      return original(...args);
    });
    const to = names(3);
    await store.placeAll(parts.map((file, n) => ({ file, to: to[n] ?? p('none') })));
    expect(await readdir(join(base, 'outside'))).toEqual([]);
    expect(await readdir(join(root, 'Photos/moved'))).toHaveLength(3);
    // The next batch proves the folder anew.
    expect(await store.statAll(to)).toEqual([null, null, null]);
    expect(await reasonOf(store.settle(to))).toBe('drive-not-writable');
  });
});

describe('starts of a card', () => {
  it('follow no link: neither one in place of a file nor one on the way', async () => {
    const card = join(base, 'card');
    await mkdir(join(card, 'DCIM'), { recursive: true });
    await mkdir(join(base, 'outside'));
    await writeFile(join(base, 'outside/A.JPG'), 'secret');
    await symlink(join(base, 'outside/A.JPG'), join(card, 'DCIM/A.JPG'));
    await symlink(join(base, 'outside'), join(card, 'DCIM/100'));
    run('mkfifo', join(card, 'DCIM/B.JPG'));
    const wanted = ['DCIM/A.JPG', 'DCIM/100/A.JPG', 'DCIM/B.JPG'].map(at);
    const starts = await createCardReader().readStarts(card, wanted, 100);
    expect(starts.files).toMatchObject(wanted.map(() => ({ code: 'unreadable' })));
    starts.release();
  });

  it('leave the access time alone, also in a second reading', async () => {
    await mkdir(root);
    const path = join(root, 'A.JPG');
    await writeFile(path, 'abc');
    fs.utimesSync(path, 1000, 2000);
    const reader = createCardReader();
    (await reader.readStarts(root, [at('A.JPG')], 10)).release();
    await reader.readBack(root, at('A.JPG'));
    expect(fs.statSync(path).atimeMs).toBe(1_000_000);
  });

  it('are opened without O_NOATIME where that is refused', async () => {
    await mkdir(root);
    await writeFile(join(root, 'A.JPG'), 'abc');
    interposeSync('openSync', (original, [path, flags, mode]) => {
      if ((flags as number) & fs.constants.O_NOATIME) throw errno('EPERM');
      return original(path, flags, mode);
    });
    const starts = await createCardReader().readStarts(root, [at('A.JPG')], 10);
    expect(starts.files).toMatchObject([{ sizeBytes: 3, steady: true }]);
  });

  it.each([
    ['grew', (path: string) => fs.appendFileSync(path, 'x')],
    ['has another time', (path: string) => fs.utimesSync(path, 5, 5)],
    ['ended early', (path: string) => fs.truncateSync(path, 1)],
  ])('are unsteady when the file %s meanwhile', async (_what, change) => {
    await mkdir(root);
    const path = join(root, 'A.JPG');
    await writeFile(path, 'abc');
    let reads = 0;
    interposeSync('readSync', (original, args) => {
      reads += 1;
      if (reads === 1) change(path);
      return original(...args);
    });
    const starts = await createCardReader().readStarts(root, [at('A.JPG')], 10);
    expect(starts.files).toMatchObject([{ sizeBytes: 3, steady: false }]);
  });

  it('are unsteady at a false end of the file, and whole after short reads', async () => {
    await mkdir(root);
    await writeFile(join(root, 'A.JPG'), 'abcdef');
    const reader = createCardReader();
    interposeSync('readSync', (original, [fd, bytes, offset, length, position]) =>
      original(fd, bytes, offset, Math.min(length as number, 2), position),
    );
    expect((await reader.readStarts(root, [at('A.JPG')], 10)).files).toMatchObject([{ steady: true }]);
    vi.restoreAllMocks();
    interposeSync('readSync', (original, [fd, bytes, offset, length, position]) =>
      (position as number) >= 3 ? 0 : original(fd, bytes, offset, Math.min(length as number, 3), position),
    );
    expect((await reader.readStarts(root, [at('A.JPG')], 10)).files).toMatchObject([{ steady: false }]);
  });

  it('are no file’s fault when there are no more open files', async () => {
    await mkdir(root);
    await writeFile(join(root, 'A.JPG'), 'abc');
    interposeSync('openSync', (original, [path, flags, mode]) => {
      if (String(path).endsWith('A.JPG')) throw errno('EMFILE');
      return original(path, flags, mode);
    });
    await expect(createCardReader().readStarts(root, [at('A.JPG')], 10)).rejects.toMatchObject({
      code: 'EMFILE',
    });
  });
});

describe('folders of a batch', () => {
  it('are opened once each, 64 at a time at most, and closed at the end', async () => {
    for (let n = 0; n < 100; n += 1) await mkdir(join(base, `f${n}`));
    const open = () =>
      fs
        .readdirSync('/proc/self/fd')
        .map(pathOrNull)
        .filter((path) => path?.startsWith(base));
    const folders = new Folders(base);
    for (let n = 0; n < 100; n += 1) folders.at(Buffer.from(`f${n}/x`));
    expect(open().length).toBeLessThanOrEqual(65);
    // Forgotten ones are opened again.
    expect(fs.realpathSync(folders.at(Buffer.from('f0/x')).toString().replace(/\/x$/, ''))).toBe(
      join(base, 'f0'),
    );
    folders.close();
    expect(open()).toEqual([]);
  });

  it('made at the same time by somebody else are fine, a file there is not', async () => {
    await rm(root, { recursive: true, force: true });
    const folders = new Folders(base);
    const made = vi.spyOn(fs, 'mkdirSync').mockImplementationOnce(((path: string) => {
      vi.restoreAllMocks();
      fs.mkdirSync(path);
      throw errno('EEXIST');
    }) as never);
    expect(folders.make('a/b')).toBe(true);
    expect(made).toHaveBeenCalled();
    await rename(join(base, 'a'), join(base, 'c'));
    await writeFile(join(base, 'a'), 'x');
    const anew = new Folders(base);
    expect(() => anew.make('a/b')).toThrow('ENOTDIR');
    for (const each of [folders, anew]) each.close();
  });
});

function pathOrNull(fd: string): string | null {
  try {
    return pathOfFd(fd);
  } catch {
    return null;
  }
}
