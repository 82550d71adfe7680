import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeDisk, partitioned, sectorOf, writeTree } from './images/disk.ts';
import { partitionTable, START_BYTES } from './images/partition-table.ts';
import { photos, sha256 } from './images/photos.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'lab-images-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const MEGABYTE = 1 << 20;

describe('a partition table', () => {
  it('has one partition from 1 MiB to the end', () => {
    const table = partitionTable('vfat', 64 * MEGABYTE, 0xcafe0001);
    expect(table).toHaveLength(512);
    expect(table.readUInt32LE(446 + 8)).toBe(2048);
    expect(table.readUInt32LE(446 + 12)).toBe(64 * 2048 - 2048);
    expect(table.subarray(446 + 16, 510).every((byte) => byte === 0)).toBe(true);
    expect([...table.subarray(510)]).toEqual([0x55, 0xaa]);
  });

  it.each([
    ['vfat', 0x0c],
    ['exfat', 0x07],
    ['ntfs', 0x07],
    ['ext4', 0x83],
    ['hfsplus', 0xaf],
  ] as const)('says %s by the number %i', (fileSystem, type) => {
    expect(partitionTable(fileSystem, 8 * MEGABYTE, 0)[446 + 4]).toBe(type);
  });

  it('carries the signature that becomes PARTUUID, all 32 bits', () => {
    expect(partitionTable('ext4', 8 * MEGABYTE, 0xffffffff).readUInt32LE(440)).toBe(0xffffffff);
  });

  it('is refused where there is no room for a partition', () => {
    expect(() => partitionTable('vfat', MEGABYTE, 0)).toThrow('no room');
  });
});

describe('a disk', () => {
  it('is as large as asked and takes no room', () => {
    const path = join(dir, 'disk.img');
    partitioned(path, { fileSystem: 'exfat', label: 'X', sizeMb: 64 });
    expect(statSync(path).size).toBe(64 * MEGABYTE);
    expect(statSync(path).blocks * 512).toBeLessThan(MEGABYTE);
    expect(readFileSync(path).subarray(510, 512)).toEqual(Buffer.from([0x55, 0xaa]));
  });

  it('of a kind that only a kernel can fill is refused before anything is written', async () => {
    const spec = { fileSystem: 'ntfs', label: 'X', sizeMb: 8 } as const;
    await expect(makeDisk(join(dir, 'disk.img'), spec)).rejects.toThrow('guest-made');
  });

  it('knows the sector of a file that lies in one piece, and of no other', () => {
    const path = join(dir, 'disk.img');
    const content = Buffer.alloc(1_000, 7);
    writeFileSync(path, Buffer.concat([Buffer.alloc(START_BYTES), content]));
    expect(sectorOf(path, content)).toBe(2048);
    expect(() => sectorOf(path, Buffer.alloc(1_000, 8))).toThrow('one piece');
  });
});

describe('files for a disk', () => {
  it('are written with the day on which they were taken', () => {
    const modified = new Date('2025-02-03T04:05:06Z');
    writeTree(join(dir, 'tree'), { files: { 'DCIM/a.jpg': Buffer.from('a') }, modified });
    expect(statSync(join(dir, 'tree', 'DCIM', 'a.jpg')).mtime).toEqual(modified);
  });

  it('look like photos, have the size asked for, and no two are alike', () => {
    const files = photos(3, 5_000);
    expect(Object.keys(files)).toEqual([1, 2, 3].map((n) => `DCIM/100CANON/IMG_000${n}.JPG`));
    for (const content of Object.values(files)) {
      expect(content).toHaveLength(5_000);
      expect(content.readUInt32BE(0)).toBe(0xffd8ffe1);
    }
    expect(new Set(Object.values(files).map(sha256)).size).toBe(3);
  });

  it('are the same for the same seed, and others for another', () => {
    const sums = (seed: string) => Object.values(photos(2, 100, { seed })).map(sha256);
    expect(sums('a')).toEqual(sums('a'));
    expect(sums('a')).not.toEqual(sums('b'));
  });
});
