import { Buffer } from 'node:buffer';
import { describe, expect, test } from 'vitest';
import { relativePath } from '../../machines/ids.ts';
import { ContentHash } from '../../services/backup/content.ts';
import { isBlank, largerThanItself } from '../../services/backup/suspect-card.ts';

const start = (byte: number, length = 4096) => Buffer.alloc(length, byte);
const blank = (name: string, bytes: Uint8Array) => {
  const hash = new ContentHash(null);
  hash.update(bytes);
  hash.update(start(1));
  return isBlank({ path: relativePath(`DCIM/${name}`) }, hash.digest());
};

describe('a blank file', () => {
  test.each([
    ['IMG_1.JPG', 0x00],
    ['IMG_1.jpg', 0xff],
    ['IMG_1.CR3', 0x00],
    ['MVI_1.MP4', 0xff],
  ])('%s of %s alone', (name, byte) => {
    expect(blank(name, start(byte))).toBe(true);
    expect(blank(name, start(byte, 65_536))).toBe(true);
  });

  test.each([
    ['one byte is another', 'IMG_1.JPG', Buffer.concat([start(0, 4095), Buffer.from([1])])],
    ['the first byte is another', 'IMG_1.JPG', Buffer.concat([Buffer.from([0xff]), start(0, 4095)])],
    ['another byte over and over', 'IMG_1.JPG', start(0x20)],
    ['no photo', 'notes.bin', start(0)],
    ['a sound may be silent', 'A.WAV', start(0)],
    ['a sidecar', 'IMG_1.xmp', start(0)],
    ['what a sensor gave in the dark', 'dark.RAW', start(0)],
    ['less than 4 KiB were read', 'IMG_1.JPG', start(0, 4095)],
  ])('is none where %s', (_why, name, bytes) => {
    expect(blank(name, bytes)).toBe(false);
  });
});

describe('files that are more than the card', () => {
  const card = { label: 'SD1', fsType: 'exfat', sizeBytes: 1000 };

  test.each(['exfat', 'vfat'])('are named on %s', (fsType) => {
    expect(largerThanItself({ ...card, fsType }, 1001)).toMatch(/^SD1: .*(fake flash)/);
    expect(largerThanItself({ ...card, fsType }, 1000)).toBeNull();
  });

  test.each([
    ['ext4', 1000],
    ['btrfs', 1000],
    ['ntfs3', 1000],
    [null, 1000],
    ['exfat', null],
  ])('say nothing on %s of %s bytes', (fsType, sizeBytes) => {
    expect(largerThanItself({ ...card, fsType, sizeBytes }, 5000)).toBeNull();
  });
});
