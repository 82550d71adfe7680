import { Buffer } from 'node:buffer';
import fs, { constants } from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { driveErrorOf } from '../../adapters/fs/errno.ts';
import { recipeOf, rulesOf } from '../../adapters/fs/file-system-kind.ts';
import { syncFileSystem } from '../../adapters/fs/file-system-sync.ts';
import { hashBlocks, Reading } from '../../adapters/fs/io/reading.ts';
import { isDriveError } from '../../services/errors.ts';
import { hashOf, reasonOf } from '../contracts/drive-store.contract.ts';
import { run, useCleaner } from './folders.ts';
import { errno, interposeSync, pathOfFd } from './handles.ts';

const clean = useCleaner();
let root: string;
beforeEach(async () => {
  root = await clean.folder();
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe('kinds of file systems', () => {
  it.each([
    ['ext4', 0xef53, null, false, 'medium', 'together'],
    ['btrfs', 0x9123683e, null, false, 'medium', 'together'],
    ['btrfs as a signed word', 0x9123683e - 2 ** 32, null, false, 'medium', 'together'],
    ['xfs', 0x58465342, null, false, 'medium', 'together'],
    ['exfat', 0x2011bab0, null, true, 'medium', 'together'],
    ['vfat', 0x4d44, 4_294_967_295, true, 'medium', 'each'],
    ['ntfs3', 0x7366746e, null, true, 'medium', 'each'],
    ['FUSE (ntfs-3g, exfat-fuse)', 0x65735546, null, true, 'cache', 'each'],
    ['tmpfs', 0x01021994, null, false, 'cache', 'each'],
    ['overlay', 0x794c7630, null, false, 'cache', 'each'],
    ['nfs', 0x6969, null, false, 'cache', 'each'],
  ] as const)('%s', (_name, type, maxFileBytes, restrictedNames, verifiedFrom, recipe) => {
    expect(rulesOf(type)).toEqual({ maxFileBytes, restrictedNames, verifiedFrom });
    expect(recipeOf(type)).toBe(recipe);
  });
});

describe('reading back', () => {
  const bytes = Buffer.from('0123456789abcdef'.repeat(1000));
  const OPEN = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  let path: string;
  beforeEach(async () => {
    path = join(root, 'f');
    await writeFile(path, bytes);
  });

  function readingOf(file: string, kind: 'medium' | 'cache', beforeCache?: (fd: number) => void) {
    const open = (flags: number) => fs.openSync(file, OPEN | flags);
    const reading = new Reading({ open, kind, ...(beforeCache === undefined ? {} : { beforeCache }) });
    clean.after(() => reading.close());
    return reading;
  }

  it('never claims the medium on a kind that cannot reach it, whatever the open says', () => {
    expect(readingOf(path, 'cache').next()).toEqual({
      xxh64: hashOf(bytes),
      sizeBytes: bytes.length,
      verifiedFrom: 'cache',
    });
  });

  it.each([
    1, 2,
  ])('claims only the cache where O_DIRECT is refused at read number %i, for a file that was synced', async (refused) => {
    const large = Buffer.alloc(1024 * 1024 + 4096, 'x');
    await writeFile(path, large);
    let reads = 0;
    interposeSync('readSync', (original, args) => {
      reads += 1;
      if (reads === refused) throw errno('EINVAL');
      return original(...args);
    });
    const synced: string[] = [];
    const reading = readingOf(path, 'medium', (fd) => synced.push(pathOfFd(fd)));
    expect(reading.next()).toEqual({
      xxh64: hashOf(large),
      sizeBytes: large.length,
      verifiedFrom: 'cache',
    });
    expect(synced).toEqual([path]);
  });

  it('goes on after a read that a signal cut short', () => {
    let reads = 0;
    interposeSync('readSync', (original, args) => {
      reads += 1;
      if (reads < 4) throw errno('EINTR');
      return original(...args);
    });
    expect(readingOf(path, 'cache').next()).toMatchObject({ xxh64: hashOf(bytes) });
  });

  it('does not go on for ever when signals never end', () => {
    interposeSync('readSync', () => {
      throw errno('EINTR');
    });
    expect(() => readingOf(path, 'cache').next()).toThrow('EINTR');
  });

  it('does not hide a read error behind the cache', () => {
    interposeSync('readSync', () => {
      throw errno('EIO');
    });
    expect(() => readingOf(path, 'medium').next()).toThrow('EIO');
  });

  it('follows no link, opens no folder, waits for no fifo', async () => {
    await symlink(path, join(root, 'link'));
    run('mkfifo', join(root, 'fifo'));
    await mkdir(join(root, 'folder'));
    expect(() => readingOf(join(root, 'link'), 'cache').next()).toThrow('ELOOP');
    expect(() => readingOf(join(root, 'fifo'), 'cache').next()).toThrow('not a regular file');
    expect(() => readingOf(join(root, 'folder'), 'cache').next()).toThrow('not a regular file');
  });

  it('takes turns: a large file is hashed 4 MiB a call', async () => {
    const large = Buffer.alloc(9 * 1024 * 1024 + 5, 'abc');
    await writeFile(path, large);
    const reading = readingOf(path, 'medium');
    expect([reading.next(), reading.next()]).toEqual([null, null]);
    expect(reading.doneBytes).toBe(8 * 1024 * 1024);
    expect(reading.next()).toMatchObject({ xxh64: hashOf(large), sizeBytes: large.length });
  });
});

describe('hashing block by block', () => {
  const content = Buffer.from(Array.from({ length: 20_000 }, (_, n) => n % 256));

  /** Reads that give at most `limit` bytes, from a file that ends at `end`. */
  function source(limit: number, end = content.length) {
    const positions: number[] = [];
    return {
      positions,
      read: (bytes: Uint8Array, position: number) => {
        positions.push(position);
        const count = Math.max(0, Math.min(limit, bytes.length, end - position));
        bytes.set(content.subarray(position, position + count));
        return count;
      },
    };
  }

  function hashed(file: ReturnType<typeof source>, sizeBytes: number) {
    const seen: Buffer[] = [];
    const hash = { update: (block: Uint8Array) => seen.push(Buffer.from(block)) };
    const done = hashBlocks(file.read, Buffer.alloc(8192), 0, sizeBytes, hash);
    return { done, bytes: Buffer.concat(seen) };
  }

  it('takes the whole file, its tail too', async () => {
    expect(hashed(source(8192), 20_000)).toEqual({ done: 20_000, bytes: content });
  });

  it('goes on at an aligned position after short reads', async () => {
    const file = source(5000);
    expect(hashed(file, 20_000)).toEqual({ done: 20_000, bytes: content });
    expect(file.positions.every((position) => position % 4096 === 0)).toBe(true);
  });

  it('tells of a file that ends early, instead of going on for ever', async () => {
    const { done, bytes } = hashed(source(8192, 9000), 20_000);
    expect(done).toBeLessThan(20_000);
    expect(bytes).toEqual(content.subarray(0, done));
  });

  it('leaves out what was appended after the file was opened', async () => {
    expect(hashed(source(8192), 10_000)).toEqual({ done: 10_000, bytes: content.subarray(0, 10_000) });
  });

  it('takes nothing of an empty file', async () => {
    expect(hashed(source(8192), 0)).toEqual({ done: 0, bytes: Buffer.alloc(0) });
  });
});

describe('syncing a file system', () => {
  const tool = async (text: string): Promise<string> => {
    const path = join(root, 'tool');
    await writeFile(path, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    return path;
  };

  it('asks coreutils for this one file system', async () => {
    const command = await tool(`[ "$1" = -f ] && [ "$2" = -- ] && [ "$3" = "${root}" ] && [ $# = 3 ]`);
    await syncFileSystem(root, { command });
    await syncFileSystem(root);
  });

  it('fails when the tool fails', async () => {
    expect(await reasonOf(syncFileSystem(root, { command: await tool('exit 1') }))).toBe('drive-failing');
  });

  it('that cannot be started is no fault of the drive', async () => {
    const error = await syncFileSystem(root, { command: join(root, 'none') }).catch((caught) => caught);
    expect(error).toMatchObject({ message: expect.stringMatching(/sync cannot be run: .*ENOENT/) });
    expect(isDriveError(driveErrorOf(error, root))).toBe(false);
  });

  it('fails when the tool does not end, and ends it', async () => {
    const pidFile = join(root, 'pid');
    run('mkfifo', join(root, 'never'));
    const command = await tool(`echo $$ > ${pidFile}; exec cat ${join(root, 'never')}`);
    await expect(syncFileSystem(root, { command, deadlineMs: 300 })).rejects.toThrow('not done after 300 ms');
    // Where the machine was too busy to start it in time, there is no number and nothing to end.
    const pid = Number(run('sh', '-c', `cat ${pidFile} 2>/dev/null || echo 0`));
    if (pid > 0) await expect.poll(() => isAlive(pid)).toBe(false);
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
