import { Buffer } from 'node:buffer';
import { link, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { openDriveStore } from '../../adapters/fs/drive-store.ts';
import type { DriveStore, ScannedEntry } from '../../services/media-ports.ts';
import { p, reasonOf } from '../contracts/drive-store.contract.ts';
import { adoptFolder } from './drives.ts';
import { run, useCleaner } from './folders.ts';

const clean = useCleaner();
let root: string;
let outside: string;
let store: DriveStore;
beforeEach(async () => {
  root = join(await clean.folder(), 'drive');
  outside = await clean.folder();
  await writeFile(join(outside, 'secret'), 'secret');
  store = await openDriveStore(await adoptFolder(root));
});

const untouched = async (): Promise<void> => {
  expect(await readdir(outside)).toEqual(['secret']);
  expect(await readFile(join(outside, 'secret'), 'utf8')).toBe('secret');
};

async function scanned(folder: string): Promise<readonly ScannedEntry[]> {
  const all: ScannedEntry[] = [];
  for await (const entry of store.scan(p(folder))) all.push(entry);
  return all;
}

async function part() {
  const file = await store.createIncoming();
  await file.write(Buffer.from('x'));
  await file.flush(0);
  return file;
}

describe('a link on the drive leads nothing out of it', () => {
  it('in place of a folder for photos', async () => {
    await symlink(outside, join(root, 'Photos'));
    for (const path of ['Photos/A.JPG', 'Photos/2010/A.JPG']) {
      const file = await part();
      expect(await reasonOf(file.place(p(path)))).toBe('drive-not-writable');
      await file.discard();
      expect(await reasonOf(store.writeNew([p(path)], ['x']))).toBe('drive-not-writable');
    }
    await untouched();
  });

  it('under the name of a photo', async () => {
    await mkdir(join(root, 'Photos'));
    await symlink(join(outside, 'secret'), join(root, 'Photos/A.JPG'));
    await symlink(join(outside, 'new'), join(root, 'Photos/B.JPG'));
    for (const name of ['A', 'B']) {
      const file = await part();
      expect(await file.place(p(`Photos/${name}.JPG`))).toBe('taken');
      await file.discard();
      expect(await store.writeNew([p(`Photos/${name}.JPG`)], ['x'])).toBeNull();
    }
    await untouched();
  });

  it('in place of the folder for files on their way', async () => {
    await rm(join(root, '.imagetank/incoming'), { recursive: true });
    await symlink(outside, join(root, '.imagetank/incoming'));
    await writeFile(join(outside, 'left.part'), 'x');
    expect(await reasonOf(store.createIncoming())).toBe('drive-not-writable');
    expect(await store.clearIncoming()).toBe(0);
    await rm(join(outside, 'left.part'));
    await untouched();
  });

  it('in place of one of imagetank’s own files', async () => {
    await symlink(join(outside, 'secret'), join(root, '.imagetank/journal.jsonl'));
    expect(await reasonOf(store.appendOwn(p('.imagetank/journal.jsonl'), ['x']))).toBe('drive-not-writable');
    await untouched();
    // Replacing takes the place of the link itself.
    await store.replaceOwn(p('.imagetank/journal.jsonl'), 'x');
    await untouched();
    expect(await readFile(join(root, '.imagetank/journal.jsonl'), 'utf8')).toBe('x');
  });

  it('in place of a folder of imagetank’s own files', async () => {
    await mkdir(join(root, 'Photos'));
    await symlink(outside, join(root, 'Photos/ascmhl'));
    expect(await reasonOf(store.replaceOwn(p('Photos/ascmhl/secret'), 'x'))).toBe('drive-not-writable');
    expect(await reasonOf(store.appendOwn(p('Photos/ascmhl/secret'), ['x']))).toBe('drive-not-writable');
    await untouched();
    expect(await readdir(join(root, '.imagetank/incoming'))).toEqual([]);
  });

  it('to any reader', async () => {
    await symlink(outside, join(root, 'Photos'));
    await symlink(join(outside, 'secret'), join(root, 'A.JPG'));
    await mkdir(join(root, 'Other'));
    await symlink(outside, join(root, 'Other/folder'));
    await symlink(join(outside, 'secret'), join(root, 'Other/file'));
    for (const path of ['Photos/secret', 'A.JPG', 'Other/folder/secret', 'Other/file']) {
      expect(await store.stat(p(path))).toBeNull();
      expect(await store.readText(p(path))).toBeNull();
      expect(await reasonOf(store.readBack(p(path)))).toBe('drive-not-writable');
    }
    expect(await store.list(p('Photos'))).toEqual([]);
    for (const folder of ['Photos', 'Other']) {
      for await (const file of store.walk(p(folder))) expect(file).toBe('nothing');
    }
    expect(
      await store.sightAll(['Photos/secret', 'A.JPG', 'Other/folder/secret', 'Other/file'].map(p)),
    ).toEqual([null, null, null, null]);
    expect(await scanned('Other')).toEqual([
      { kind: 'ignored', path: 'Other/file', special: 'link' },
      { kind: 'ignored', path: 'Other/folder', special: 'link' },
    ]);
    expect(await reasonOf(scanned('Photos'))).toBe('drive-failing');
  });
});

describe('what is no file of imagetank’s', () => {
  it('is not continued although it has the name of one: a second name of a photo, a fifo, a folder', async () => {
    await writeFile(join(root, 'A.JPG'), 'photo');
    await link(join(root, 'A.JPG'), join(root, '.imagetank/1.jsonl'));
    run('mkfifo', join(root, '.imagetank/2.jsonl'));
    await mkdir(join(root, '.imagetank/3.jsonl'));
    for (const n of [1, 2, 3]) {
      expect(await reasonOf(store.appendOwn(p(`.imagetank/${n}.jsonl`), ['x']))).toBe('drive-not-writable');
    }
    expect(await readFile(join(root, 'A.JPG'), 'utf8')).toBe('photo');
  });

  it('is not replaced when it is a folder', async () => {
    await mkdir(join(root, '.imagetank/x/y'), { recursive: true });
    expect(await reasonOf(store.replaceOwn(p('.imagetank/x'), 'text'))).toBe('drive-not-writable');
    expect(await readdir(join(root, '.imagetank/incoming'))).toEqual([]);
  });

  it('is not read as a text when it is larger than 64 MiB', async () => {
    run('truncate', '-s', String(64 * 1024 * 1024 + 1), join(root, 'Photos.xml'));
    expect(await reasonOf(store.readText(p('Photos.xml')))).toBe('drive-failing');
  });

  it('is kept when it lies among the files on their way without being one', async () => {
    await part();
    await writeFile(join(root, '.imagetank/incoming/note.txt'), 'mine');
    await store.clearIncoming();
    expect(await readdir(join(root, '.imagetank/incoming'))).toContain('note.txt');
  });

  it.each(['../A', '/A', 'a/../../A', 'a//b', ''])('is not a path on the drive: %j', async (path) => {
    const file = await part();
    const bad = path as ReturnType<typeof p>;
    await expect(file.place(bad)).rejects.toThrow(RangeError);
    await expect(store.stat(bad)).rejects.toThrow(RangeError);
    await expect(store.list(bad)).rejects.toThrow(RangeError);
    await expect(store.settle([bad])).rejects.toThrow(RangeError);
    await expect(store.readBack(bad)).rejects.toThrow(RangeError);
    await expect(store.readText(bad)).rejects.toThrow(RangeError);
    await expect(store.replaceOwn(bad, '')).rejects.toThrow(RangeError);
    await expect(store.walk(bad)[Symbol.asyncIterator]().next()).rejects.toThrow(RangeError);
    await file.discard();
  });
});
