import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import exifr from 'exifr';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { shoot } from './card.ts';
import { contentsBelow } from './files.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'imagetank-bench-card-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const names = (folder: string) => readdirSync(join(root, 'DCIM', folder)).sort();

describe('a card', () => {
  test('has folders of 999 files as cameras make them', () => {
    shoot(root, { from: 0, files: 1001, fileBytes: 200 });
    expect(readdirSync(join(root, 'DCIM')).sort()).toEqual(['100CANON', '101CANON']);
    expect(names('100CANON')).toHaveLength(999);
    expect(names('101CANON')).toEqual(['IMG_00999.JPG', 'IMG_01000.JPG']);
  });

  test('gets more files later, beside those that it has', () => {
    shoot(root, { from: 0, files: 2, fileBytes: 200 });
    shoot(root, { from: 2, files: 1, fileBytes: 200 });
    expect(names('100CANON')).toEqual(['IMG_00000.JPG', 'IMG_00001.JPG', 'IMG_00002.JPG']);
  });

  test('begins in the folder of its first number', () => {
    shoot(root, { from: 1500, files: 1, fileBytes: 200 });
    expect(names('101CANON')).toEqual(['IMG_01500.JPG']);
  });

  test('its photos tell their day, which is that of their file', async () => {
    shoot(root, { from: 500, files: 1, fileBytes: 2000 });
    const path = join(root, 'DCIM', '100CANON', 'IMG_00500.JPG');
    const { DateTimeOriginal } = (await exifr.parse(path, { reviveValues: false })) as {
      readonly DateTimeOriginal: string;
    };
    expect(DateTimeOriginal).toBe('2026:01:02 12:00:00');
    expect(statSync(path).mtime.toISOString()).toBe('2026-01-02T12:00:00.000Z');
  });

  test('has files of exactly that size, no two alike, also those that are written in pieces', () => {
    shoot(root, { from: 0, files: 2, fileBytes: 24_000_001 });
    const sizes = names('100CANON').map((name) => statSync(join(root, 'DCIM', '100CANON', name)).size);
    expect(sizes).toEqual([24_000_001, 24_000_001]);
    expect(new Set(contentsBelow(root)).size).toBe(2);
  });

  test('a file that is too large for a photo is a video', () => {
    shoot(root, { from: 0, files: 1, fileBytes: 200_000_001 });
    expect(names('100CANON')).toEqual(['MVI_00000.MP4']);
    const bytes = readFileSync(join(root, 'DCIM', '100CANON', 'MVI_00000.MP4'));
    const boxEnd = bytes.readUInt32BE(0);
    expect(bytes.toString('latin1', 4, 8)).toBe('ftyp');
    expect(bytes.toString('latin1', boxEnd + 4, boxEnd + 8)).toBe('mdat');
    expect(boxEnd + Number(bytes.readBigUInt64BE(boxEnd + 8))).toBe(bytes.length);
  });
});
