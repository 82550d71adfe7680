import { Buffer } from 'node:buffer';
import fs from 'node:fs';
import {
  appendFile,
  chmod,
  mkdir,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createCardReader, isLostAndFound } from '../../adapters/fs/card-reader.ts';
import { deviceNumbers } from '../../adapters/fs/presence.ts';
import { isCardError } from '../../services/errors.ts';
import type { CardReader } from '../../services/media-ports.ts';
import { at, cardReaderContract, scanAll } from '../contracts/card-reader.contract.ts';
import { type BuiltIo, buildIoWorker } from './build-io-worker.ts';
import { makeTooDeep, mountTmpfs, run, told, useCleaner, whyNoMount, whyRoot } from './folders.ts';
import { errno, interpose, interposeSync } from './handles.ts';

const clean = useCleaner();

let built: BuiltIo;
beforeAll(async () => {
  built = await buildIoWorker();
});
afterAll(() => built.remove());

for (const where of ['this thread', 'a thread of its own']) {
  cardReaderContract(`file system, in ${where}`, async () => {
    const root = join(await clean.folder(), 'card');
    await mkdir(root);
    return {
      reader: createCardReader(where === 'this thread' ? {} : { io: built.io }),
      root,
      put: async (path, content, mtimeMs) => {
        const full = Buffer.concat([Buffer.from(`${root}/`), Buffer.from(path)]);
        await mkdir(dirname(full.toString('latin1')), { recursive: true });
        await writeFile(full, content);
        await utimes(full, mtimeMs / 1000, mtimeMs / 1000);
      },
      pull: () => rename(root, `${root}.pulled`),
      cleanUp: async () => undefined,
    };
  });
}

let root: string;
let reader: CardReader;
beforeEach(async () => {
  root = join(await clean.folder(), 'card');
  await mkdir(join(root, 'DCIM'), { recursive: true });
  reader = createCardReader();
});

const kinds = async (): Promise<Record<string, string>> =>
  Object.fromEntries((await scanAll(reader, root)).map((entry) => [entry.path, entry.kind]));

const errorOf = (action: Promise<unknown>): Promise<unknown> =>
  action.then(
    () => null,
    (error: unknown) => (isCardError(error) ? `${error.code}: ${error.message}` : error),
  );

describe('a machine that is short of files or memory', () => {
  afterEach(() => vi.restoreAllMocks());

  it.each(['EMFILE', 'ENFILE', 'ENOMEM'])('with %s is no fault of the card', async (code) => {
    await writeFile(join(root, 'DCIM/A.JPG'), 'abc');
    const file = await reader.open(root, at('DCIM/A.JPG'));
    interpose('read', () => Promise.reject(errno(code)));
    await expect(file.read(Buffer.alloc(3), 0)).rejects.toMatchObject({ code });
    await file.close();
    interposeSync('openSync', () => {
      throw errno(code);
    });
    await expect(reader.readBack(root, at('DCIM/A.JPG'))).rejects.toMatchObject({ code });
    // A folder that cannot be listed for it, and the first look at the card.
    vi.restoreAllMocks();
    const entries = reader.scan(root)[Symbol.asyncIterator]();
    interposeSync('readdirSync', () => {
      throw errno(code);
    });
    await expect(entries.next()).rejects.toMatchObject({ code });
    vi.restoreAllMocks();
    vi.spyOn(fs, 'statSync').mockImplementation(() => {
      throw errno(code);
    });
    await expect(scanAll(reader, root)).rejects.toMatchObject({ code });
    await expect(createCardReader().isPresent(root)).rejects.toMatchObject({ code });
  });
});

describe('a read that a signal cuts short', () => {
  afterEach(() => vi.restoreAllMocks());

  it('is made again, and not for ever', async () => {
    await writeFile(join(root, 'DCIM/A.JPG'), 'abc');
    const file = await reader.open(root, at('DCIM/A.JPG'));
    let left = 3;
    interpose('read', (_handle, original, args) =>
      left-- > 0 ? Promise.reject(errno('EINTR')) : original(...args),
    );
    const bytes = Buffer.alloc(3);
    expect([await file.read(bytes, 0), bytes.toString()]).toEqual([3, 'abc']);
    left = Number.POSITIVE_INFINITY;
    await expect(file.read(bytes, 0)).rejects.toMatchObject({ name: 'CardError', code: 'unreadable' });
    await file.close();
  });
});

describe('what is no file', () => {
  it('is listed as ignored and not followed: links, fifos, sockets', async () => {
    const outside = join(root, '../outside');
    await mkdir(outside);
    await writeFile(join(outside, 'secret'), 'secret');
    await symlink(outside, join(root, 'folder-link'));
    await symlink(join(outside, 'secret'), join(root, 'DCIM/link.JPG'));
    await symlink('/nowhere', join(root, 'dangling'));
    await symlink('.', join(root, 'circle'));
    run('mkfifo', join(root, 'fifo'));
    const server = createServer().listen(join(root, 'socket'));
    await new Promise((resolve) => server.once('listening', resolve));
    const specials = new Map<string, string | undefined>();
    for (const entry of await scanAll(reader, root))
      if (entry.kind === 'ignored') specials.set(entry.path, entry.special);
    expect(Object.fromEntries(specials)).toEqual({
      'DCIM/link.JPG': 'link',
      circle: 'link',
      dangling: 'link',
      fifo: 'fifo',
      'folder-link': 'link',
      socket: 'socket',
    });
    expect(await kinds()).toEqual({
      'DCIM/link.JPG': 'ignored',
      circle: 'ignored',
      dangling: 'ignored',
      fifo: 'ignored',
      'folder-link': 'ignored',
      socket: 'ignored',
    });
    await new Promise((resolve) => server.close(resolve));
  });

  it('is ignored when it is a folder of a system, at the root only', async () => {
    const names = ['System Volume Information', '.Trashes', '.Trash-1000', '.Spotlight-V100', '.fseventsd'];
    for (const name of names) {
      for (const folder of [name, `DCIM/${name}`]) {
        await mkdir(join(root, folder));
        await writeFile(join(root, folder, 'A.JPG'), 'a');
      }
    }
    expect(await kinds()).toEqual(
      Object.fromEntries(
        names.flatMap((name) => [
          [name, 'ignored'],
          [`DCIM/${name}/A.JPG`, 'file'],
        ]),
      ),
    );
  });

  it('is not ignored for a name that only looks like a system’s', async () => {
    await mkdir(join(root, 'My.Trash'));
    await writeFile(join(root, 'My.Trash/A.JPG'), 'a');
    await writeFile(join(root, '.Trash'), 'a file, no folder');
    expect(await kinds()).toEqual({ '.Trash': 'file', 'My.Trash/A.JPG': 'file' });
  });
});

describe('a scan', () => {
  it('lists more names than are asked in one go, in order', async () => {
    const names = Array.from({ length: 150 }, (_, n) => `IMG_${String(n).padStart(4, '0')}.JPG`);
    await Promise.all(names.map((name) => writeFile(join(root, 'DCIM', name), name)));
    expect((await scanAll(reader, root)).map((entry) => entry.path)).toEqual(
      names.map((name) => `DCIM/${name}`),
    );
  });

  it('reports a path that is too long for the system instead of leaving it out', async () => {
    await makeTooDeep(clean, join(root, 'DCIM'));
    const entries = await scanAll(reader, root);
    expect(entries.map((entry) => entry.kind)).toEqual(['unreadable']);
    expect(entries[0]).toMatchObject({ detail: expect.stringContaining('ENAMETOOLONG') });
  });

  it.skipIf(told('unlistable folder', whyRoot))(
    'reports a folder that cannot be listed, and goes on',
    async () => {
      await mkdir(join(root, 'A'), { mode: 0 });
      await writeFile(join(root, 'B'), 'b');
      expect(await kinds()).toEqual({ A: 'unreadable', B: 'file' });
      await chmod(join(root, 'A'), 0o755);
    },
  );

  it('of a card that is not there is an error, not an empty card', async () => {
    await rm(root, { recursive: true });
    expect(await errorOf(scanAll(reader, root))).toMatch(/^gone: /);
  });
});

describe('opening', () => {
  it('does not follow a link that has taken the place of a file', async () => {
    await writeFile(join(root, 'real'), 'x');
    await symlink(join(root, 'real'), join(root, 'DCIM/A.JPG'));
    expect(await errorOf(reader.open(root, at('DCIM/A.JPG')))).toMatch(/^unreadable: .*symbolic link/);
  });

  it('does not follow a folder on the way that is a link', async () => {
    await mkdir(join(root, '../outside'));
    await writeFile(join(root, '../outside/A.JPG'), 'secret');
    await symlink(join(root, '../outside'), join(root, 'DCIM/100'));
    expect(await errorOf(reader.open(root, at('DCIM/100/A.JPG')))).toMatch(/^unreadable: .*symbolic link/);
  });

  it('does not wait for a fifo that has taken the place of a file', async () => {
    run('mkfifo', join(root, 'DCIM/A.JPG'));
    expect(await errorOf(reader.open(root, at('DCIM/A.JPG')))).toMatch(/^unreadable: .*not a regular file/);
  });

  it('does not open a folder', async () => {
    expect(await errorOf(reader.open(root, at('DCIM')))).toMatch(/^unreadable: .*not a regular file/);
  });

  it('works where the root itself is reached by a link', async () => {
    await symlink(root, join(root, '../by-label'));
    await writeFile(join(root, 'DCIM/A.JPG'), 'abc');
    const file = await reader.open(join(root, '../by-label'), at('DCIM/A.JPG'));
    expect(file.sizeBytes).toBe(3);
    await file.close();
  });

  it('leaves the access time alone', async () => {
    const path = join(root, 'DCIM/A.JPG');
    await writeFile(path, 'abc');
    await utimes(path, 1000, 2000);
    const file = await reader.open(root, at('DCIM/A.JPG'));
    await file.read(Buffer.alloc(3), 0);
    await file.close();
    expect((await stat(path)).atimeMs).toBe(1_000_000);
  });

  it.skipIf(told('file of another owner', whyRoot))(
    'reads a file of another owner, where O_NOATIME is refused',
    async () => {
      const file = await createCardReader().open('/etc', at('hostname'));
      expect(file.sizeBytes).toBeGreaterThan(0);
      await file.close();
    },
  );

  it.skipIf(told('unreadable file', whyRoot))('calls a file that may not be read unreadable', async () => {
    await writeFile(join(root, 'DCIM/A.JPG'), 'abc', { mode: 0 });
    expect(await errorOf(reader.open(root, at('DCIM/A.JPG')))).toMatch(/^unreadable: .*EACCES/);
  });
});

describe('a file that is being written while it is read', () => {
  it('shows its new end, and that it changed', async () => {
    const path = join(root, 'DCIM/A.MOV');
    await writeFile(path, 'abc');
    const file = await reader.open(root, at('DCIM/A.MOV'));
    await appendFile(path, 'def');
    const buffer = Buffer.alloc(10);
    expect(await file.read(buffer, 0)).toBe(6);
    expect(await file.changed()).toBe(true);
    await file.close();
  });

  it('shows its early end, and that it changed', async () => {
    const path = join(root, 'DCIM/A.MOV');
    await writeFile(path, 'abcdef');
    const file = await reader.open(root, at('DCIM/A.MOV'));
    await truncate(path, 2);
    expect(await file.read(Buffer.alloc(6), 0)).toBe(2);
    expect(await file.changed()).toBe(true);
    await file.close();
  });

  it('changed also when only the last digits of its time differ', async () => {
    const path = join(root, 'DCIM/A.MOV');
    await writeFile(path, 'abc');
    run('touch', '-d', '2010-03-01T12:00:00.000000001Z', path);
    const file = await reader.open(root, at('DCIM/A.MOV'));
    run('touch', '-d', '2010-03-01T12:00:00.000000002Z', path);
    expect(await file.changed()).toBe(true);
    await file.close();
  });
});

describe('a card that was pulled', () => {
  it.skipIf(told('unmounted card', whyNoMount))('is not the empty folder below its mount point', async () => {
    const mount = await mountTmpfs(clean, 'size=1m');
    await writeFile(join(mount, 'A.JPG'), 'a');
    expect(await scanAll(reader, mount)).toHaveLength(1);
    run('umount', mount);
    expect(await reader.isPresent(mount)).toBe(false);
    expect(await errorOf(reader.open(mount, at('A.JPG')))).toMatch(/^gone: /);
    // Another card at the same mount point is a new first sight.
    run('mount', '-t', 'tmpfs', '-o', 'size=1m', 'none', mount);
    expect(await scanAll(reader, mount)).toEqual([]);
    expect(await reader.isPresent(mount)).toBe(true);
  });

  it('is gone when its device is, although the mount still answers', async () => {
    const { device, sysFolder } = await fakeSys(root);
    const subject = createCardReader({ sysFolder });
    await writeFile(join(root, 'DCIM/A.JPG'), 'abc');
    const scan = subject.scan(root)[Symbol.asyncIterator]();
    expect((await scan.next()).value).toMatchObject({ kind: 'file' });
    expect(await subject.isPresent(root)).toBe(true);
    await rm(device, { recursive: true });
    expect(await subject.isPresent(root)).toBe(false);
    // The listing goes on from memory: it must not end as if all had been seen.
    expect(await errorOf(scan.next())).toMatch(/^gone: /);
    expect(await errorOf(subject.open(root, at('DCIM/B.JPG')))).toMatch(/^gone: /);
  });

  it('is asked before any scan too', async () => {
    expect(await reader.isPresent(root)).toBe(true);
    expect(await reader.isPresent(join(root, 'none'))).toBe(false);
  });
});

describe('device numbers', () => {
  it.each([
    [0x801, 8, 1],
    [0xfe00, 254, 0],
    [0x0010_3b05, 0x3b, 0x105],
  ])('%i is %i:%i', (dev, major, minor) => {
    expect(deviceNumbers(dev)).toEqual({ major, minor });
  });
});

/** A sysfs in which the device that holds `path` can be taken away. */
async function fakeSys(path: string): Promise<{ readonly sysFolder: string; readonly device: string }> {
  const sysFolder = await clean.folder();
  const { major, minor } = deviceNumbers((await stat(path)).dev);
  const device = join(sysFolder, 'dev/block', `${major}:${minor}`);
  await mkdir(device, { recursive: true });
  return { sysFolder, device };
}

describe('lost+found', () => {
  const denied = Object.assign(new Error('EACCES'), { code: 'EACCES' });

  it.each([
    ['lost+found', denied, true],
    ['DCIM/lost+found', denied, false],
    ['DCIM', denied, false],
    ['lost+found', Object.assign(new Error('EIO'), { code: 'EIO' }), false],
  ])('%s with %s is passed over: %s', (path, error, expected) => {
    expect(isLostAndFound({ rel: Buffer.from(path), error })).toBe(expected);
  });
});
