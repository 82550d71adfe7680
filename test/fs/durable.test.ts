import { Buffer } from 'node:buffer';
import { renameSync } from 'node:fs';
import { lstat, mkdir, open, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Lock, shareOf } from '../../adapters/fs/drive-share.ts';
import { foldersUpTo, openDriveStore } from '../../adapters/fs/drive-store.ts';
import { makeFolders, setWhereAllowed } from '../../adapters/fs/durable.ts';
import { moveWithoutReplacing } from '../../adapters/fs/io/placing.ts';
import { fill, writeAll } from '../../adapters/fs/whole.ts';
import type { DriveStore } from '../../services/media-ports.ts';
import { p, reasonOf } from '../contracts/drive-store.contract.ts';
import { adoptFolder } from './drives.ts';
import { useCleaner } from './folders.ts';
import { errno, interpose, interposeSync, pathOfFd, watchSyncs } from './handles.ts';

const clean = useCleaner();
let root: string;
beforeEach(async () => {
  root = await clean.folder();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const INCOMING = '.imagetank/incoming';
const incoming = (): string => join(root, INCOMING);

describe('the durable recipe', () => {
  let store: DriveStore;
  beforeEach(async () => {
    root = join(root, 'drive');
    store = await openDriveStore(await adoptFolder(root));
  });

  async function place(...paths: string[]): Promise<void> {
    for (const path of paths) {
      const file = await store.createIncoming();
      await file.write(Buffer.from(path));
      await file.flush(0);
      await file.place(p(path));
    }
  }

  it('syncs a file once before it is placed', async () => {
    const synced = watchSyncs();
    const file = await store.createIncoming();
    await file.write(Buffer.from('x'));
    expect(synced).toEqual([]);
    await file.flush(0);
    expect(synced).toEqual([file.path]);
  });

  it('syncs it again under its final name, then its folder, then each folder above, then what it was moved out of', async () => {
    await place('Photos/2010/01/A.JPG');
    const synced = watchSyncs();
    await store.settle([p('Photos/2010/01/A.JPG')]);
    const below = ['Photos/2010/01/A.JPG', 'Photos/2010/01', 'Photos/2010', 'Photos'];
    expect(synced).toEqual([...below.map((path) => join(root, path)), root, incoming()]);
  });

  it('syncs each folder of a batch once, and what was made durable above it not again', async () => {
    await place('Photos/1/A', 'Photos/1/B');
    const first = watchSyncs();
    await store.settle([p('Photos/1/A'), p('Photos/1/B')]);
    expect(first.filter((path) => path.endsWith('Photos/1'))).toHaveLength(1);
    vi.restoreAllMocks();
    await place('Photos/1/D');
    const synced = watchSyncs();
    await store.settle([p('Photos/1/D')]);
    expect(synced).toEqual([join(root, 'Photos/1/D'), join(root, 'Photos/1'), incoming()]);
  });

  it('syncs folders that an earlier run may have made and not synced', async () => {
    await mkdir(join(root, 'Photos/2010'), { recursive: true });
    await place('Photos/2010/A');
    const synced = watchSyncs();
    await store.settle([p('Photos/2010/A')]);
    expect(synced).toEqual(
      ['Photos/2010/A', 'Photos/2010', 'Photos', '', INCOMING].map((path) => trim(join(root, path))),
    );
  });

  it('syncs the folders above again after one was removed and made again', async () => {
    await place('Photos/1/A');
    await store.settle([p('Photos/1/A')]);
    await rm(join(root, 'Photos'), { recursive: true });
    await place('Photos/1/B');
    const synced = watchSyncs();
    await store.settle([p('Photos/1/B')]);
    expect(synced.slice(1)).toEqual(
      ['Photos/1', 'Photos', '', INCOMING].map((path) => trim(join(root, path))),
    );
  });

  it('syncs what it appends, and its folders', async () => {
    const synced = watchSyncs();
    await store.appendOwn(p('.imagetank/journal.jsonl'), ['x']);
    expect(synced).toEqual(
      ['.imagetank/journal.jsonl', '.imagetank/journal.jsonl', '.imagetank', '', INCOMING].map((path) =>
        trim(join(root, path)),
      ),
    );
  });

  it('syncs what it replaces before and after the rename', async () => {
    const synced = watchSyncs();
    await store.replaceOwn(p('Photos/ascmhl/chain.xml'), 'x');
    expect(synced[0]).toMatch(/incoming\/.*\.part$/);
    expect(synced.slice(1, 3)).toEqual([join(root, 'Photos/ascmhl/chain.xml'), join(root, 'Photos/ascmhl')]);
  });

  it('is content when nothing was ever moved out of the incoming folder', async () => {
    await rm(incoming(), { recursive: true });
    const synced = watchSyncs();
    await store.appendOwn(p('.imagetank/journal.jsonl'), ['x']);
    expect(synced.at(-1)).toBe(root);
  });

  it('does not report a file settled whose second sync failed', async () => {
    await place('Photos/A', 'Photos/B');
    interposeSync('fsyncSync', (original, [fd]) => {
      if (pathOfFd(fd).endsWith('/B')) throw errno('EIO');
      return original(fd);
    });
    expect(await reasonOf(store.settle([p('Photos/A'), p('Photos/B')]))).toBe('drive-failing');
  });

  it('does not report a file settled whose folder could not be synced', async () => {
    await place('Photos/A');
    interposeSync('fsyncSync', (original, [fd]) => {
      if (pathOfFd(fd) === root) throw errno('EIO');
      return original(fd);
    });
    expect(await reasonOf(store.settle([p('Photos/A')]))).toBe('drive-failing');
    // What was lost with it nobody knows: a second one that goes well would prove nothing.
    vi.restoreAllMocks();
    const synced = watchSyncs();
    expect(await reasonOf(store.settle([p('Photos/A')]))).toBe('drive-failing');
    expect(synced).toEqual([]);
  });

  it('syncs nothing that a link leads to', async () => {
    await mkdir(join(root, '../outside'));
    await writeFile(join(root, '../outside/A'), 'x');
    await symlink(join(root, '../outside'), join(root, 'Photos'));
    const synced = watchSyncs();
    expect(await reasonOf(store.settle([p('Photos/A')]))).toBe('drive-not-writable');
    expect(synced).toEqual([]);
  });

  it('gives up a file whose sync failed, for good', async () => {
    const file = await store.createIncoming();
    await file.write(Buffer.from('x'));
    let syncs = 0;
    for (const call of ['fsyncSync', 'fdatasyncSync'] as const) {
      interposeSync(call, () => {
        syncs += 1;
        throw errno('EIO');
      });
    }
    expect(await reasonOf(file.flush(0))).toBe('drive-failing');
    await expect(file.flush(0)).rejects.toThrow(/failed/);
    await expect(file.readBack()).rejects.toThrow(/failed/);
    await expect(file.place(p('Photos/A'))).rejects.toThrow(/failed/);
    expect(syncs).toBe(1);
    await file.discard();
    expect(await readdir(join(root, '.imagetank/incoming'))).toEqual([]);
  });

  it.each([
    ['ENOSPC', 'drive-full'],
    ['EDQUOT', 'drive-full'],
    ['EFBIG', 'file-too-large'],
    ['EROFS', 'drive-not-writable'],
    ['EACCES', 'drive-not-writable'],
    ['EPERM', 'drive-not-writable'],
    ['EIO', 'drive-failing'],
    ['ENODEV', 'drive-lost'],
    ['ENXIO', 'drive-lost'],
    ['ESTALE', 'drive-lost'],
    ['ENOMEDIUM', 'drive-lost'],
    ['EINTR', 'drive-failing'],
    ['EREMOTEIO', 'drive-failing'],
    ['ETIMEDOUT', 'drive-failing'],
    ['EBADMSG', 'drive-failing'],
    ['ENAMETOOLONG', 'drive-not-writable'],
  ])('calls %s of a write %s, and never places that file', async (code, reason) => {
    const file = await store.createIncoming();
    await file.write(Buffer.from('one'));
    interposeSync('writeSync', () => {
      throw errno(code);
    });
    expect(await reasonOf(file.flush(0))).toBe(reason);
    vi.restoreAllMocks();
    await expect(file.flush(0)).rejects.toThrow(/failed/);
    await expect(file.place(p('Photos/A'))).rejects.toThrow(/failed/);
    await file.discard();
    expect(await readdir(join(root, '.imagetank/incoming'))).toEqual([]);
  });

  it('tells at the next write, or the one after, that a block on its way failed', async () => {
    const file = await store.createIncoming();
    interposeSync('writeSync', () => {
      throw errno('ENOSPC');
    });
    const block = Buffer.alloc(1024 * 1024);
    const writes = async (): Promise<void> => {
      for (let n = 0; n < 3; n += 1) await file.write(block);
    };
    expect(await reasonOf(writes())).toBe('drive-full');
    await expect(file.write(block)).rejects.toThrow(/failed/);
    await file.discard();
  });

  it.each([
    'EMFILE',
    'ENFILE',
    'ENOMEM',
  ])('does not blame the drive for %s, the machine’s fault', async (code) => {
    const file = await store.createIncoming();
    await file.write(Buffer.from('x'));
    const fault = errno(code);
    interposeSync('writeSync', () => {
      throw fault;
    });
    expect(await reasonOf(file.flush(0))).toBe(fault);
    vi.restoreAllMocks();
    await file.discard();
  });

  it('fails the file when closing fails', async () => {
    const file = await store.createIncoming();
    interposeSync('closeSync', (original, [fd]) => {
      const isPart = pathOfFd(fd).endsWith('.part');
      original(fd);
      if (isPart) throw errno('EIO');
    });
    expect(await reasonOf(file.flush(0))).toBe('drive-failing');
    vi.restoreAllMocks();
    await expect(file.place(p('Photos/A'))).rejects.toThrow(/failed/);
    await file.discard();
  });

  it('writes all bytes where each write is short', async () => {
    const file = await store.createIncoming();
    interpose('write', (_handle, original, [bytes, offset, length, position]) =>
      original(bytes, offset, Math.min(length as number, 7), position),
    );
    interposeSync('writeSync', (original, [fd, bytes, offset, length, position]) =>
      original(fd, bytes, offset, Math.min(length as number, 7), position),
    );
    await file.write(Buffer.from('0123456789'.repeat(10)));
    await store.appendOwn(p('.imagetank/journal.jsonl'), ['a line of more than seven', 'and another']);
    await file.flush(0);
    vi.restoreAllMocks();
    expect(await readFile(file.path, 'utf8')).toBe('0123456789'.repeat(10));
    expect(await store.readText(p('.imagetank/journal.jsonl'))).toBe(
      'a line of more than seven\nand another\n',
    );
    await file.discard();
  });

  it('takes back half a line when the drive is full', async () => {
    const path = p('.imagetank/journal.jsonl');
    await store.appendOwn(path, ['one']);
    let writes = 0;
    interpose('write', (_handle, original, [bytes, offset, , position]) => {
      writes += 1;
      if (writes > 1) throw errno('ENOSPC');
      return original(bytes, offset, 3, position);
    });
    expect(await reasonOf(store.appendOwn(path, ['two', 'three']))).toBe('drive-full');
    vi.restoreAllMocks();
    expect(await store.readText(path)).toBe('one\n');
  });

  it('keeps a copy whose time or mode the file system refuses', async () => {
    const file = await store.createIncoming();
    await file.write(Buffer.from('x'));
    for (const call of ['futimesSync', 'fchmodSync'] as const) {
      interposeSync(call, () => {
        throw errno('EPERM');
      });
    }
    await file.flush(0);
    expect(await file.place(p('Photos/A'))).toBe('placed');
  });

  it('makes files 0644 and folders 0755 whatever the umask', async () => {
    const umask = process.umask(0o077);
    try {
      await place('Photos/2010/A');
    } finally {
      process.umask(umask);
    }
    const modes = await Promise.all(
      ['Photos', 'Photos/2010', 'Photos/2010/A'].map((path) => lstat(join(root, path))),
    );
    expect(modes.map(({ mode }) => (mode & 0o777).toString(8))).toEqual(['755', '755', '644']);
  });
});

const trim = (path: string): string => path.replace(/\/$/, '');

describe('taking a name', () => {
  const withoutLinks = (code: string): void =>
    interposeSync('linkSync', () => {
      throw errno(code);
    });
  let from: string;
  let to: string;
  beforeEach(async () => {
    [from, to] = [join(root, 'from'), join(root, 'to')];
    await writeFile(from, 'new');
  });

  it.each([
    'EPERM',
    'ENOTSUP',
    'EOPNOTSUPP',
    'ENOSYS',
    'EMLINK',
  ])('renames where links give %s', async (code) => {
    withoutLinks(code);
    expect(moveWithoutReplacing(from, to, false)).toBe('placed');
    expect(await readFile(to, 'utf8')).toBe('new');
    expect(await readdir(root)).toEqual(['to']);
  });

  it.each([
    'a file',
    'a link to nowhere',
    'a folder',
  ])('never replaces %s, without links either', async (what) => {
    if (what === 'a file') await writeFile(to, 'old');
    else if (what === 'a folder') await mkdir(to);
    else await symlink('/nowhere', to);
    const before = (await lstat(to)).ino;
    expect(moveWithoutReplacing(from, to, false)).toBe('taken');
    withoutLinks('EPERM');
    expect(moveWithoutReplacing(from, to, false)).toBe('taken');
    expect((await lstat(to)).ino).toBe(before);
    expect(await readFile(from, 'utf8')).toBe('new');
  });

  it('leaves what somebody put under the old name in the very moment', async () => {
    interposeSync('linkSync', (original, args) => {
      original(...args);
      renameSync(join(root, 'theirs'), from);
    });
    await writeFile(join(root, 'theirs'), 'somebody else’s');
    expect(moveWithoutReplacing(from, to, true)).toBe('placed');
    expect(await readFile(from, 'utf8')).toBe('somebody else’s');
    expect(await readFile(to, 'utf8')).toBe('new');
  });

  it('does not rename after an error that says nothing about links', async () => {
    withoutLinks('EIO');
    expect(() => moveWithoutReplacing(from, to, false)).toThrow('EIO');
    expect(await readdir(root)).toEqual(['from']);
  });
});

describe('making folders', () => {
  it('says whether it made any', async () => {
    expect(await makeFolders(root, 'a/b/c')).toBe(true);
    expect(await makeFolders(root, 'a/b/c')).toBe(false);
    expect(await makeFolders(root, 'a/b/d')).toBe(true);
    expect(await makeFolders(root, '.')).toBe(false);
  });

  it.each([
    ['a link to a folder', 'link'],
    ['a link on the way', 'link/below'],
    ['a link to nowhere', 'dangling'],
    ['a link to nowhere on the way', 'dangling/below'],
    ['a file', 'file'],
    ['a file on the way', 'file/below'],
  ])('refuses %s', async (_what, below) => {
    const outside = await clean.folder();
    await symlink(outside, join(root, 'link'));
    await symlink(join(outside, 'none'), join(root, 'dangling'));
    await writeFile(join(root, 'file'), 'x');
    expect(await reasonOf(makeFolders(root, below))).toBe('drive-not-writable');
    expect(await readdir(outside)).toEqual([]);
  });
});

describe('whole reads and writes', () => {
  it('do not go on for ever when nothing is written', async () => {
    const handle = { write: async () => ({ bytesWritten: 0, buffer: Buffer.alloc(0) }) };
    expect(await reasonOf(writeAll(handle as never, Buffer.from('x')))).toBe('drive-failing');
  });

  it('fill a buffer by short reads, up to the end of the file', async () => {
    await writeFile(join(root, 'f'), '0123456789');
    const handle = await open(join(root, 'f'));
    const short = {
      read: (buffer: Buffer, offset: number, length: number, position: number) =>
        handle.read(buffer, offset, Math.min(3, length), position),
    };
    const buffer = Buffer.alloc(20);
    expect(await fill(short as never, buffer, 1)).toBe(9);
    expect(buffer.toString('utf8', 0, 9)).toBe('123456789');
    await handle.close();
  });
});

describe('small tools', () => {
  it('name the folders up to the root, innermost first', () => {
    expect(foldersUpTo('a/b')).toEqual(['a/b', 'a', '']);
    expect(foldersUpTo('')).toEqual(['']);
  });

  it('let one action run at a time, whatever became of the one before', async () => {
    const lock = new Lock();
    const order: string[] = [];
    const failed = lock.run(async () => {
      order.push('first');
      await Promise.resolve();
      order.push('first ends');
      throw new Error('no');
    });
    const second = lock.run(async () => order.push('second'));
    await expect(failed).rejects.toThrow('no');
    await second;
    expect(order).toEqual(['first', 'first ends', 'second']);
  });

  it('share one lock between all that open one drive', () => {
    expect(shareOf('a-drive')).toBe(shareOf('a-drive'));
    expect(shareOf('a-drive')).not.toBe(shareOf('b-drive'));
  });

  it('do not hide an error of a mode that says the drive fails', async () => {
    await expect(setWhereAllowed(() => utimes(join(root, 'none'), 1, 1))).rejects.toThrow('ENOENT');
    await setWhereAllowed(() => Promise.reject(errno('EPERM')));
  });
});
