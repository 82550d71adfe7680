import { Buffer } from 'node:buffer';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { rulesOf } from '../../adapters/fs/file-system-kind.ts';
import { syncFileSystem } from '../../adapters/fs/file-system-sync.ts';
import { hashBlocks, readBackFile } from '../../adapters/fs/read-back.ts';
import { hashOf, reasonOf } from '../contracts/drive-store.contract.ts';
import { run, useCleaner } from './folders.ts';
import { errno, interpose } from './handles.ts';

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
    ['ext4', 0xef53, null, false, 'medium'],
    ['btrfs', 0x9123683e, null, false, 'medium'],
    ['btrfs as a signed word', 0x9123683e - 2 ** 32, null, false, 'medium'],
    ['xfs', 0x58465342, null, false, 'medium'],
    ['exfat', 0x2011bab0, null, true, 'medium'],
    ['vfat', 0x4d44, 4_294_967_295, true, 'medium'],
    ['ntfs3', 0x7366746e, null, true, 'medium'],
    ['FUSE (ntfs-3g, exfat-fuse)', 0x65735546, null, true, 'cache'],
    ['tmpfs', 0x01021994, null, false, 'cache'],
    ['overlay', 0x794c7630, null, false, 'cache'],
    ['nfs', 0x6969, null, false, 'cache'],
  ] as const)('%s', (_name, type, maxFileBytes, restrictedNames, verifiedFrom) => {
    expect(rulesOf(type)).toEqual({ maxFileBytes, restrictedNames, verifiedFrom });
  });
});

describe('reading back', () => {
  const bytes = Buffer.from('0123456789abcdef'.repeat(1000));
  let path: string;
  beforeEach(async () => {
    path = join(root, 'f');
    await writeFile(path, bytes);
  });

  it('never claims the medium on a kind that cannot reach it, whatever the open says', async () => {
    expect(await readBackFile(path, 'cache')).toEqual({
      xxh64: hashOf(bytes),
      sizeBytes: bytes.length,
      verifiedFrom: 'cache',
    });
  });

  it('claims only the cache where O_DIRECT is refused at the first read', async () => {
    let reads = 0;
    interpose('read', (_handle, original, args) => {
      reads += 1;
      if (reads === 1) throw errno('EINVAL');
      return original(...args);
    });
    expect(await readBackFile(path, 'medium')).toEqual({
      xxh64: hashOf(bytes),
      sizeBytes: bytes.length,
      verifiedFrom: 'cache',
    });
  });

  it.each([
    'cache',
    'medium',
  ] as const)('tells of each block of a paced read, %s, before the next', async (kind) => {
    const big = Buffer.alloc(2 * 1024 * 1024 + 5, 7);
    await writeFile(path, big);
    const order: (string | number)[] = [];
    interpose('read', async (_handle, original, args) => {
      const result = await original(...args);
      order.push('read');
      return result;
    });
    const back = await readBackFile(path, kind, async (sizeBytes) => {
      await Promise.resolve();
      order.push(sizeBytes);
    });
    expect(back).toMatchObject({ xxh64: hashOf(big), sizeBytes: big.length });
    expect(order).toEqual(['read', 1024 * 1024, 'read', 1024 * 1024, 'read', 5]);
  });

  it('ends with what the pace throws, which is no fault of the drive', async () => {
    const why = new Error('stopped');
    await expect(readBackFile(path, 'medium', () => Promise.reject(why))).rejects.toBe(why);
  });

  it('does not hide a read error behind the cache', async () => {
    interpose('read', () => {
      throw errno('EIO');
    });
    await expect(readBackFile(path, 'medium')).rejects.toThrow('EIO');
  });

  it('follows no link, opens no folder, waits for no fifo', async () => {
    await symlink(path, join(root, 'link'));
    run('mkfifo', join(root, 'fifo'));
    await mkdir(join(root, 'folder'));
    await expect(readBackFile(join(root, 'link'), 'cache')).rejects.toThrow('ELOOP');
    expect(await reasonOf(readBackFile(join(root, 'fifo'), 'cache'))).toBe('drive-failing');
    expect(await reasonOf(readBackFile(join(root, 'folder'), 'cache'))).toBe('drive-failing');
  });

  it('works on many files at once, each with memory of its own', async () => {
    const files = Array.from({ length: 12 }, (_, n) => ({
      path: join(root, `f${n}`),
      bytes: Buffer.alloc(50_000 + n, n),
    }));
    await Promise.all(files.map((file) => writeFile(file.path, file.bytes)));
    const backs = await Promise.all(files.map((file) => readBackFile(file.path, 'medium')));
    expect(backs.map((back) => back.xxh64)).toEqual(files.map((file) => hashOf(file.bytes)));
  });
});

describe('hashing block by block', () => {
  const content = Buffer.from(Array.from({ length: 20_000 }, (_, n) => n % 256));

  /** Reads that give at most `limit` bytes, from a file that ends at `end`. */
  function source(limit: number, end = content.length) {
    const positions: number[] = [];
    return {
      positions,
      read: async (buffer: Buffer, offset: number, length: number, position: number) => {
        positions.push(position);
        const bytesRead = Math.max(0, Math.min(limit, length, end - position));
        content.copy(buffer, offset, position, position + bytesRead);
        return { bytesRead, buffer };
      },
    };
  }

  async function hashed(file: ReturnType<typeof source>, sizeBytes: number) {
    const seen: Buffer[] = [];
    const hash = { update: (block: Uint8Array) => seen.push(Buffer.from(block)) };
    const done = await hashBlocks(file as never, Buffer.alloc(8192), sizeBytes, hash);
    return { done, bytes: Buffer.concat(seen) };
  }

  it('takes the whole file, its tail too', async () => {
    expect(await hashed(source(8192), 20_000)).toEqual({ done: 20_000, bytes: content });
  });

  it('goes on at an aligned position after short reads', async () => {
    const file = source(5000);
    expect(await hashed(file, 20_000)).toEqual({ done: 20_000, bytes: content });
    expect(file.positions.every((position) => position % 4096 === 0)).toBe(true);
  });

  it('tells of a file that ends early, instead of going on for ever', async () => {
    const { done, bytes } = await hashed(source(8192, 9000), 20_000);
    expect(done).toBeLessThan(20_000);
    expect(bytes).toEqual(content.subarray(0, done));
  });

  it('leaves out what was appended after the file was opened', async () => {
    expect(await hashed(source(8192), 10_000)).toEqual({ done: 10_000, bytes: content.subarray(0, 10_000) });
  });

  it('takes nothing of an empty file', async () => {
    expect(await hashed(source(8192), 0)).toEqual({ done: 0, bytes: Buffer.alloc(0) });
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

  it('fails when the tool fails, or is missing', async () => {
    expect(await reasonOf(syncFileSystem(root, { command: await tool('exit 1') }))).toBe('drive-failing');
    expect(await reasonOf(syncFileSystem(root, { command: join(root, 'none') }))).toBe('drive-failing');
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
