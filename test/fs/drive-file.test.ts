import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openBelow, openDriveFile } from '../../adapters/fs/drive-file.ts';
import type { RelativePath } from '../../machines/ids.ts';

let root: string;
let drive: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'imagetank-drive-file-'));
  drive = join(root, 'drive');
  mkdirSync(join(drive, 'Photos/2026'), { recursive: true });
  writeFileSync(join(drive, 'Photos/2026/IMG_1.JPG'), 'a photo');
  mkdirSync(join(root, 'secret'));
  writeFileSync(join(root, 'secret/key'), 'secret');
});
afterEach(() => rmSync(root, { recursive: true }));

/** What this process holds open below a folder. */
const openHandles = (folder: string) =>
  readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`);
      return path.startsWith(folder) ? [path] : [];
    } catch {
      return [];
    }
  });

const open = (path: string) => openDriveFile(drive, path as RelativePath);

describe('a file of a drive', () => {
  test('is read from any position, with its size', async () => {
    const file = await open('Photos/2026/IMG_1.JPG');
    const buffer = Buffer.alloc(20);
    expect(file?.sizeBytes).toBe(7);
    expect(await file?.read(buffer, 2)).toBe(5);
    expect(buffer.toString('utf8', 0, 5)).toBe('photo');
    expect(await file?.read(buffer, 7)).toBe(0);
    await file?.close();
  });

  test('has any name that Linux allows', async () => {
    for (const name of ['-rf', 'new\nline.JPG', '"quoted".JPG', 'ä 照片.JPG', '%s$(id).JPG']) {
      writeFileSync(join(drive, name), 'x');
      const file = await open(name);
      expect(file?.sizeBytes, name).toBe(1);
      await file?.close();
    }
  });

  test('may lie on a drive whose own path is a link', async () => {
    symlinkSync(drive, join(root, 'link'));
    const file = await openDriveFile(join(root, 'link'), 'Photos/2026/IMG_1.JPG' as RelativePath);
    expect(file?.sizeBytes).toBe(7);
    await file?.close();
  });
});

describe('nothing is opened', () => {
  const links: [string, string, string][] = [
    ['a link in place of the file', 'Photos/key', 'Photos/key'],
    ['a link in place of a folder', 'Photos/2025', 'Photos/2025/key'],
    ['a link in place of the first folder', 'Other', 'Other/key'],
  ];
  test.each(links)('%s', async (_what, link, path) => {
    symlinkSync(link === path ? join(root, 'secret/key') : join(root, 'secret'), join(drive, link));
    expect(await open(path)).toBeNull();
  });

  test('a link that stays on the drive', async () => {
    symlinkSync('2026', join(drive, 'Photos/latest'));
    expect(await open('Photos/latest/IMG_1.JPG')).toBeNull();
  });

  test('a folder, a pipe without a writer, a socket, a device', async () => {
    execFileSync('mkfifo', [join(drive, 'pipe.JPG')]);
    const server = createServer().listen(join(drive, 'socket.JPG'));
    await new Promise((resolve) => server.once('listening', resolve));
    for (const path of ['Photos/2026', 'pipe.JPG', 'socket.JPG', 'Photos/2026/IMG_1.JPG/more', 'nothing']) {
      expect(await open(path), path).toBeNull();
    }
    expect(await openDriveFile('/dev', 'null' as RelativePath)).toBeNull();
    await new Promise((resolve) => server.close(resolve));
  });

  test.each([
    '../secret/key',
    '/etc/passwd',
    'Photos/../../secret/key',
    '',
    'Photos//x',
    './x',
    'a\0b',
  ])('what climbs or is no path: %j', async (path) => {
    expect(await open(path)).toBeNull();
  });
});

test('a folder that is swapped for a link while it is opened does not lead out of the drive', async () => {
  const [photos, aside] = [join(drive, 'Photos'), join(drive, 'aside')];
  mkdirSync(join(root, 'secret/2026'));
  writeFileSync(join(root, 'secret/2026/IMG_1.JPG'), 'secret!');
  const seen = new Set<string>();
  for (let round = 0; round < 200; round += 1) {
    const opening = open('Photos/2026/IMG_1.JPG');
    renameSync(photos, aside);
    symlinkSync(join(root, 'secret'), photos);
    const file = await opening;
    const buffer = Buffer.alloc(7);
    await file?.read(buffer, 0);
    seen.add(file === null ? 'nothing' : buffer.toString());
    await file?.close();
    rmSync(photos);
    renameSync(aside, photos);
  }
  expect(seen).not.toContain('secret!');
});

test('nothing stays open of what could not be opened', async () => {
  const before = openHandles(root);
  for (const path of ['Photos/2026/missing', 'Photos/2026', 'Photos/2026/IMG_1.JPG/x']) await open(path);
  await expect(openBelow(drive, 'Photos' as RelativePath)).rejects.toThrow('not a regular file');
  expect(openHandles(root)).toEqual(before);
});
