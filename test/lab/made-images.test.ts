import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeDisk, partitioned } from './images/disk.ts';
import { crossLink } from './images/fat.ts';
import { makeHfsPlus } from './images/hfs-plus.ts';
import { joined } from './images/joined.ts';
import { START_BYTES } from './images/partition-table.ts';
import { photos } from './images/photos.ts';

const MEGABYTE = 1 << 20;
const PATH = `${process.env['PATH']}:/usr/sbin:/sbin`;
const env = { ...process.env, PATH };
const has = (tool: string): boolean => spawnSync(tool, ['--version'], { env }).error === undefined;

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'imagetank-images-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

describe('two disks joined', () => {
  it('are one with two partitions, each as it was', () => {
    const [one, other, both] = ['one', 'other', 'both'].map((name) => join(dir, name)) as [
      string,
      string,
      string,
    ];
    partitioned(one, { fileSystem: 'exfat', label: 'ONE', sizeMb: 4 });
    partitioned(other, { fileSystem: 'ext4', label: 'OTHER', sizeMb: 3 });
    joined(both, one, other);
    const disk = readFileSync(both);
    expect(disk).toHaveLength(4 * MEGABYTE + 2 * MEGABYTE);
    const entries = [446, 462].map((at) => [
      disk[at + 4],
      disk.readUInt32LE(at + 8),
      disk.readUInt32LE(at + 12),
    ]);
    expect(entries).toEqual([
      [0x07, 2048, 3 * 2048],
      [0x83, 4 * 2048, 2 * 2048],
    ]);
  });
});

describe.skipIf(!has('blkid'))('an HFS+ volume', () => {
  it('is one to blkid, with its label', () => {
    const image = join(dir, 'mac');
    partitioned(image, { fileSystem: 'hfsplus', label: 'MAC', sizeMb: 16 });
    makeHfsPlus(image, 'MAC', 16 * MEGABYTE);
    const words = execFileSync('blkid', ['-p', '-O', String(START_BYTES), image], { env, encoding: 'utf8' });
    expect(words).toMatch(/LABEL="MAC" TYPE="hfsplus"/);
  });

  it('is refused where one block of bitmap is too small', () => {
    expect(() => makeHfsPlus(join(dir, 'mac'), 'MAC', 256 * MEGABYTE)).toThrow('bitmap');
  });
});

describe.skipIf(!has('mkfs.fat') || !has('mcopy'))('a damaged FAT volume', () => {
  const files = photos(2, 50_000, { folder: 'notes' });
  const [one, other] = Object.values(files) as [Buffer, Buffer];

  it('was not let go of, and two of its files share clusters', async () => {
    const image = join(dir, 'stick');
    await makeDisk(image, { fileSystem: 'vfat', label: 'STICK', sizeMb: 64, files });
    crossLink(image, one, other);
    const volume = join(dir, 'volume');
    execFileSync('dd', [`if=${image}`, `of=${volume}`, 'bs=1M', 'skip=1', 'status=none']);
    const { status, stdout } = spawnSync('fsck.fat', ['-n', volume], { env, encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stdout).toMatch(/Dirty bit is set/);
    expect(stdout).toMatch(/share clusters/);
  });

  it('is refused where the file is not on it', async () => {
    const image = join(dir, 'stick');
    await makeDisk(image, { fileSystem: 'vfat', label: 'STICK', sizeMb: 64, files });
    expect(() => crossLink(image, Buffer.from('not there'), other)).toThrow('one piece');
  });
});
