import { Buffer } from 'node:buffer';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { openDriveStore } from '../../adapters/fs/drive-store.ts';
import { driveStoreContract, hashOf, p, reasonOf } from '../contracts/drive-store.contract.ts';
import { adoptFolder, behindTheBack } from './drives.ts';
import {
  mountExt4,
  mountTmpfs,
  run,
  told,
  useCleaner,
  whyNoLimit,
  whyNoLoop,
  whyNoMount,
} from './folders.ts';

const clean = useCleaner();
const MIB = 1024 * 1024;

describe.skipIf(told('ext4 on a loop device', whyNoLoop))('ext4 on a device', () => {
  it('is read back from the device: a byte flipped there is seen, although the page cache still has the old one', async () => {
    const { folder } = await mountExt4(clean, 32);
    const store = await openDriveStore(await adoptFolder(folder));
    expect(store.rules).toEqual({ maxFileBytes: null, restrictedNames: false, verifiedFrom: 'medium' });
    const bytes = randomBytes(3 * MIB + 777);
    const file = await store.createIncoming();
    await file.write(bytes);
    await file.flush(Date.UTC(2010, 2, 1));
    await file.place(p('Photos/A.JPG'));
    await store.settle([p('Photos/A.JPG')]);
    const path = join(folder, 'Photos/A.JPG');
    expect(await store.readBack(p('Photos/A.JPG'))).toEqual({
      xxh64: hashOf(bytes),
      sizeBytes: bytes.length,
      verifiedFrom: 'medium',
    });
    // Into the cache first, so that only a read past it can tell.
    expect(hashOf(await readFile(path))).toBe(hashOf(bytes));
    const flipped = flipLastBlock(folder, path, bytes);
    const back = await store.readBack(p('Photos/A.JPG'));
    expect(hashOf(await readFile(path))).toBe(hashOf(bytes));
    expect(back).toEqual({ xxh64: hashOf(flipped), sizeBytes: bytes.length, verifiedFrom: 'medium' });
  });

  it('that cannot write what it took fails the flush, for good', async () => {
    // The image lies where there is too little room for it: the device fails later than the write.
    const small = await mountTmpfs(clean, 'size=12m');
    const { folder } = await mountExt4(clean, 64, small);
    const store = await openDriveStore(await adoptFolder(folder));
    const file = await store.createIncoming();
    const write = async (): Promise<void> => {
      for (let n = 0; n < 24; n += 1) await file.write(randomBytes(MIB));
      await file.flush(0);
    };
    // EIO or ENOSPC: the kernel's loop driver has given both.
    expect(['drive-failing', 'drive-full']).toContain(await reasonOf(write()));
    await expect(file.flush(0)).rejects.toThrow(/failed/);
    await expect(file.place(p('Photos/A.JPG'))).rejects.toThrow(/failed/);
    await file.discard();
    expect(await store.stat(p('Photos/A.JPG'))).toBeNull();
  });

  it('that is mounted read-only cannot be written', async () => {
    const { folder } = await mountExt4(clean, 16);
    const drive = await adoptFolder(folder);
    run('mount', '-o', 'remount,ro', folder);
    const store = await openDriveStore(drive);
    expect(await reasonOf(store.createIncoming())).toBe('drive-not-writable');
    expect(await reasonOf(store.appendOwn(p('.imagetank/x'), ['x']))).toBe('drive-not-writable');
    expect(await store.clearIncoming()).toBe(0);
  });

  it('without room for another inode is full', async () => {
    const { folder } = await mountExt4(clean, 16);
    const store = await openDriveStore(await adoptFolder(folder));
    const free = Number(run('stat', '-f', '-c', '%d', folder));
    await mkdir(join(folder, 'fill'));
    await Promise.all(
      Array.from({ length: free - 1 }, (_, n) => writeFile(join(folder, 'fill', `${n}`), '')),
    );
    expect(await reasonOf(store.createIncoming())).toBe('drive-full');
  });
});

describe.skipIf(told('drive in memory of limited size', whyNoMount))('a drive that fills up', () => {
  it('says so, keeps what was placed, and goes on when there is room again', async () => {
    const folder = await mountTmpfs(clean, 'size=2m');
    const store = await openDriveStore(await adoptFolder(folder));
    expect(store.rules.verifiedFrom).toBe('cache');
    expect(await store.sizeBytes()).toBe(2 * MIB);
    expect(await store.freeBytes()).toBeLessThan(2 * MIB);
    await store.writeNew([p('Photos/first')], ['first']);
    const file = await store.createIncoming();
    await file.write(randomBytes(3 * MIB));
    expect(await reasonOf(file.flush(0))).toBe('drive-full');
    await expect(file.place(p('Photos/A.JPG'))).rejects.toThrow(/failed/);
    await file.discard();
    expect(await readdir(join(folder, 'Photos'))).toEqual(['first']);
    expect(await store.writeNew([p('Photos/second')], ['second'])).toBe(p('Photos/second'));
    expect(await store.readText(p('Photos/first'))).toBe('first');
  });

  it('says so when a folder has no room', async () => {
    const folder = await mountTmpfs(clean, 'size=1m,nr_inodes=6');
    const store = await openDriveStore(await adoptFolder(folder));
    const file = await store.createIncoming();
    await file.flush(0);
    expect(await reasonOf(file.place(p('Photos/2010/A.JPG')))).toBe('drive-full');
    await file.discard();
  });
});

describe.skipIf(told('contract on ext4', whyNoLoop))('on a device of its own', () => {
  driveStoreContract('ext4', async () => {
    const { folder } = await mountExt4(clean, 32);
    const root = join(folder, 'drive');
    const store = await openDriveStore(await adoptFolder(root));
    return { store, ...behindTheBack(root), cleanUp: async () => undefined };
  });
});

describe.skipIf(told('limit of the size of files', whyNoLimit))(
  'a file larger than the system allows',
  () => {
    it('is refused by name, in a process with a limit', async () => {
      const root = join(await clean.folder(), 'drive');
      const drive = await adoptFolder(root);
      const out = await build({
        stdin: {
          contents: `
          import { openDriveStore } from './adapters/fs/drive-store.ts';
          const store = await openDriveStore(${JSON.stringify(drive)});
          const file = await store.createIncoming();
          await file.write(new Uint8Array(60_000));
          await file.write(new Uint8Array(60_000));
          const reason = await file.flush(0).catch((error) => error.reason);
          await file.discard();
          process.stdout.write(String(reason));`,
          resolveDir: join(import.meta.dirname, '../..'),
          loader: 'ts',
        },
        bundle: true,
        platform: 'node',
        format: 'esm',
        external: ['@node-rs/xxhash'],
        write: false,
      });
      const { stdout, stderr } = spawnSync(
        'prlimit',
        ['--fsize=100000', process.execPath, '--input-type=module', '-'],
        { input: out.outputFiles[0]?.text ?? '', encoding: 'utf8', cwd: join(import.meta.dirname, '../..') },
      );
      expect(stderr).toBe('');
      expect(stdout).toBe('file-too-large');
      expect(await readdir(join(root, '.imagetank/incoming'))).toEqual([]);
    });
  },
);

/** Flips a byte of the file's last block on the device itself, past the file system; returns what the device holds then. */
function flipLastBlock(mount: string, path: string, bytes: Buffer): Buffer {
  const device = run('findmnt', '-n', '-o', 'SOURCE', mount).trim();
  const extents = run('filefrag', '-b4096', '-v', path).matchAll(
    /^\s*\d+:\s*(\d+)\.\.\s*(\d+):\s*(\d+)\.\.\s*(\d+):/gm,
  );
  const last = Math.floor((bytes.length - 1) / 4096);
  let block = -1;
  for (const [, from, to, physical] of extents) {
    if (Number(from) <= last && last <= Number(to)) block = Number(physical) + last - Number(from);
  }
  expect(block).toBeGreaterThan(0);
  const flipped = Buffer.from(bytes);
  flipped[last * 4096] = (flipped[last * 4096] ?? 0) ^ 0xff;
  const content = Buffer.alloc(4096);
  flipped.copy(content, 0, last * 4096);
  // Past the cache of the device too.
  const { status, stderr } = spawnSync(
    'dd',
    [
      `of=${device}`,
      'bs=4096',
      'count=1',
      `seek=${block}`,
      'oflag=direct',
      'conv=notrunc',
      'iflag=fullblock',
    ],
    { input: content, encoding: 'utf8' },
  );
  expect(status, stderr).toBe(0);
  return flipped;
}
