import { Buffer } from 'node:buffer';
import fs from 'node:fs';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { openDriveStore } from '../../adapters/fs/drive-store.ts';
import type { Io } from '../../adapters/fs/io/lanes.ts';
import { deviceNumbers } from '../../adapters/fs/presence.ts';
import { SyncFence } from '../../adapters/fs/sync-fence.ts';
import type { Drive } from '../../machines/media.ts';
import type { DriveStore } from '../../services/media-ports.ts';
import { p, reasonOf } from '../contracts/drive-store.contract.ts';
import { type BuiltIo, buildIoWorker } from './build-io-worker.ts';
import { adoptFolder } from './drives.ts';
import { useCleaner } from './folders.ts';
import { errno, interpose, interposeSync } from './handles.ts';

const clean = useCleaner();
const EXT4 = 0xef53;
const VFAT = 0x4d44;
let built: BuiltIo;
let base: string;
let drive: Drive;
let sysFolder: string;
/** What stands in for `sync`: each call takes its exit code from this fifo, and so waits for it. */
let ends: string;
beforeAll(async () => {
  built = await buildIoWorker();
});
afterAll(() => built.remove());
beforeEach(async () => {
  base = await clean.folder();
  drive = await adoptFolder(join(base, 'drive'));
  ends = join(base, 'ends');
  await mkdir(ends);
  await writeFile(
    join(base, 'sync'),
    `#!/bin/sh\nfifo=${ends}/$$\nmkfifo $fifo.new && mv $fifo.new $fifo && read code < $fifo && rm $fifo && exit $code\n`,
    { mode: 0o755 },
  );
  sysFolder = join(base, 'sys');
  await attach('7');
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** A disk gets a new number each time it is attached. */
async function attach(diskseq: string): Promise<void> {
  const { major, minor } = deviceNumbers((await stat(drive.path)).dev);
  await mkdir(join(sysFolder, 'dev/block', `${major}:${minor}`), { recursive: true });
  await writeFile(join(sysFolder, 'dev/block', `${major}:${minor}`, 'diskseq'), `${diskseq}\n`);
}

async function open(kind: number, options: { io?: Io; command?: string } = {}): Promise<DriveStore> {
  const { io, command = join(base, 'sync') } = options;
  interposeSync('statfsSync', (original, [path]) => ({ ...(original(path) as object), type: kind }));
  const store = await openDriveStore(drive, {
    sync: { command },
    sysFolder,
    ...(io === undefined ? {} : { io }),
  });
  vi.restoreAllMocks();
  return store;
}

/** Those that are under way, in the order of their beginning; waits for so many. */
async function underWay(count: number): Promise<string[]> {
  await expect.poll(() => names().length, { timeout: 10_000 }).toBe(count);
  return names().map((name) => join(ends, name));
}
const names = (): string[] => {
  const all = fs.readdirSync(ends).filter((name) => !name.endsWith('.new'));
  const since = (name: string): number => fs.statSync(join(ends, name)).ctimeMs;
  return all.sort((a, b) => since(a) - since(b));
};
const end = (fifo: string | undefined, code: number): void => fs.writeFileSync(fifo ?? '', `${code}\n`);

const files = [0, 1, 2].map((n) => ({ bytes: Buffer.from(`file ${n}`), mtimeMs: 0 }));
const to = [0, 1, 2].map((n) => p(`Photos/${n}.JPG`));

async function placed(store: DriveStore): Promise<void> {
  const parts = await store.writeAll(files);
  const flushed = store.flushAll(parts);
  end((await underWay(1))[0], 0);
  await flushed;
  await store.placeAll(parts.map((file, n) => ({ file, to: to[n] ?? p('none') })));
}

/** All that writes. */
const writings = (store: DriveStore): Record<string, () => Promise<unknown>> => ({
  createIncoming: () => store.createIncoming(),
  writeAll: () => store.writeAll(files),
  settle: () => store.settle(to),
  settleOne: () => store.settle(to.slice(0, 1)),
  writeNew: () => store.writeNew([p('Photos/new')], ['x']),
  replaceOwn: () => store.replaceOwn(p('.imagetank/x'), 'x'),
  appendOwn: () => store.appendOwn(p('.imagetank/y'), ['x']),
  clearIncoming: () => store.clearIncoming(),
  sync: () => store.sync(),
});

async function expectRefused(store: DriveStore): Promise<void> {
  for (const [name, write] of Object.entries(writings(store)))
    expect({ [name]: await reasonOf(write()) }).toEqual({ [name]: 'drive-failing' });
  await expect(store.sync()).rejects.toThrow(/attach the drive anew/);
}

describe('two syncs of one drive at once', () => {
  it.each([
    ['that fails first', 1, 0],
    ['that fails last', 0, 1],
  ])('do not vouch for files beside one %s: it may have taken the error of their blocks', async (_when, first, second) => {
    // Two backups open the same drive twice.
    const [store, other] = [await open(EXT4), await open(EXT4)];
    await placed(store);
    const theirs = await other.writeAll(files);
    const settled = reasonOf(store.settle(to));
    const [mine] = await underWay(1);
    const flushed = reasonOf(other.flushAll(theirs));
    const partner = (await underWay(2)).find((fifo) => fifo !== mine);
    const [early, late] = first === 1 ? [partner, mine] : [mine, partner];
    end(early, first);
    await underWay(1);
    end(late, second);
    expect(await Promise.all([settled, flushed])).toEqual(['drive-failing', 'drive-failing']);
    await expectRefused(store);
    await expectRefused(other);
  });

  it('both count when both go well', async () => {
    const [store, other] = [await open(EXT4), await open(EXT4)];
    await placed(store);
    const theirs = await other.writeAll(files);
    const both = [store.settle(to), other.flushAll(theirs)];
    for (const fifo of await underWay(2)) end(fifo, 0);
    await Promise.all(both);
    expect(await other.readBackAll(theirs)).toHaveLength(3);
  });
});

describe('after a sync that failed', () => {
  it.each([
    'this thread',
    'a thread of its own',
  ])('of a single file, in %s, nothing is written until the drive is attached anew', async (where) => {
    const io = where === 'this thread' ? {} : { io: built.io };
    const store = await open(VFAT, io);
    await store.writeNew([to[0] ?? p('none')], ['before']);
    const part = await store.createIncoming();
    await part.write(Buffer.from('x'));
    if (where === 'this thread') {
      interposeSync('fsyncSync', () => {
        throw errno('EIO');
      });
      expect(await reasonOf(part.flush(0))).toBe('drive-failing');
    } else {
      // There no call can be replaced: the sync of the file system is what fails.
      const failing = await open(EXT4, { ...io, command: 'false' });
      expect(await reasonOf(failing.sync())).toBe('drive-failing');
      expect(await reasonOf(part.flush(0))).toBe('drive-failing');
    }
    vi.restoreAllMocks();
    await expectRefused(store);
    // A second opening is no attaching.
    await expectRefused(await open(VFAT, io));
    // What lies there can still be read.
    expect(await store.readBack(to[0] ?? p('none'))).toMatchObject({ sizeBytes: 6 });
    await attach('8');
    const anew = await open(VFAT, io);
    expect(await anew.writeNew([to[1] ?? p('none')], ['after'])).toBe(to[1] ?? p('none'));
    await expectRefused(store);
  });

  it('of a whole batch on FAT, of what it read from the cache, or of a line that was appended, too', async () => {
    const fail = () => {
      throw errno('EIO');
    };
    const batch = await open(VFAT);
    interposeSync('fsyncSync', fail);
    expect(await reasonOf(batch.writeAll(files))).toBe('drive-failing');
    vi.restoreAllMocks();
    await expectRefused(batch);
    await attach('8');
    const cached = await open(VFAT);
    const parts = await cached.writeAll(files);
    await cached.flushAll(parts);
    interposeSync('fsyncSync', fail);
    interposeSync('openSync', (original, [path, flags, mode]) => {
      if ((flags as number) & fs.constants.O_DIRECT) throw errno('EINVAL');
      return original(path, flags, mode);
    });
    expect(await reasonOf(cached.readBackAll(parts))).toBe('drive-failing');
    vi.restoreAllMocks();
    await expectRefused(cached);
    expect(await reasonOf(cached.placeAll(parts.map((file, n) => ({ file, to: to[n] ?? p('none') }))))).toBe(
      'drive-failing',
    );
    await attach('9');
    const appending = await open(VFAT);
    interpose('datasync', fail);
    expect(await reasonOf(appending.appendOwn(p('.imagetank/y'), ['x']))).toBe('drive-failing');
    vi.restoreAllMocks();
    await expectRefused(appending);
  });

  it('because the drive was full then, the same: bytes that it had taken are lost', async () => {
    const store = await open(VFAT);
    interposeSync('fsyncSync', () => {
      throw errno('ENOSPC');
    });
    expect(await reasonOf(store.writeAll(files))).toBe('drive-full');
    vi.restoreAllMocks();
    await expectRefused(store);
  });

  it('an open file takes no more bytes', async () => {
    const store = await open(VFAT);
    const part = await store.createIncoming();
    const failing = await open(EXT4, { command: 'false' });
    expect(await reasonOf(failing.sync())).toBe('drive-failing');
    expect(await reasonOf(part.write(Buffer.from('x')))).toBe('drive-failing');
    await part.discard();
  });
});

describe('the drive goes on', () => {
  it.each([
    ['a write that found no room', 'writeSync', 'ENOSPC'],
    ['a write that failed', 'writeSync', 'EIO'],
  ] as const)('after %s', async (_what, call, code) => {
    const store = await open(VFAT);
    interposeSync(call, () => {
      throw errno(code);
    });
    await reasonOf(store.writeAll(files));
    vi.restoreAllMocks();
    expect(await store.writeNew([p('Photos/new')], ['x'])).toBe(p('Photos/new'));
  });

  it('after a sync that could not be started: nothing was tried', async () => {
    const store = await open(EXT4, { command: join(base, 'none') });
    await expect(store.sync()).rejects.toThrow(/cannot be run/);
    expect(await (await open(EXT4)).writeNew([p('Photos/new')], ['x'])).toBe(p('Photos/new'));
  });
});

it('a sync waits for those that began before it ended, not for later ones', async () => {
  const fence = new SyncFence('drive');
  const held: (() => void)[] = [];
  const hold = () => fence.run(() => new Promise<void>((resolve) => held.push(resolve)));
  const done: string[] = [];
  const one = hold().then(() => done.push('one'));
  const two = hold().then(() => done.push('two'));
  held[0]?.();
  await new Promise((resolve) => setImmediate(resolve));
  expect(done).toEqual([]);
  const three = hold().then(() => done.push('three'));
  held[1]?.();
  await one;
  expect(done).toEqual(['one']);
  held[2]?.();
  await Promise.all([two, three]);
});

it('a drive in memory is the same one for as long as it is mounted', async () => {
  const { attachmentOf } = await import('../../adapters/fs/attachment.ts');
  const none = join(base, 'none');
  expect(attachmentOf(drive.path, none)).toMatch(/^mount \d+ of \d+$/);
  expect(attachmentOf(drive.path, none)).toBe(attachmentOf(base, none));
  expect(attachmentOf('/proc', none)).not.toBe(attachmentOf(base, none));
  expect(attachmentOf(drive.path, sysFolder)).toBe('disk 7');
});
