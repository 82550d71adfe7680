import { Buffer } from 'node:buffer';
import { chmod, link, mkdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { openDriveStore } from '../../adapters/fs/drive-store.ts';
import { fileAt } from '../../adapters/fs/file-at.ts';
import type { DriveStore, ScannedEntry } from '../../services/media-ports.ts';
import { p, reasonOf } from '../contracts/drive-store.contract.ts';
import { adoptFolder } from './drives.ts';
import { useCleaner } from './folders.ts';

const clean = useCleaner();
let root: string;
let store: DriveStore;
beforeEach(async () => {
  root = join(await clean.folder(), 'drive');
  store = await openDriveStore(await adoptFolder(root));
  await mkdir(join(root, 'images'));
  await writeFile(join(root, 'images/a.jpg'), 'photo');
});

async function scan(): Promise<readonly ScannedEntry[]> {
  const all: ScannedEntry[] = [];
  for await (const entry of store.scan(p('images'))) all.push(entry);
  return all;
}
const sight = async (path: string) => (await store.sightAll([p(path)]))[0];

describe('a scan', () => {
  it('gives names that are not UTF-8 with their bytes', async () => {
    await writeFile(
      Buffer.concat([Buffer.from(`${root}/images/`), Buffer.from([0xff]), Buffer.from('.jpg')]),
      'x',
    );
    const [, odd] = await scan();
    expect(odd).toMatchObject({ kind: 'file', path: 'images/\ufffd.jpg' });
    const bytes = odd !== undefined && 'pathBase64' in odd ? (odd.pathBase64 ?? '') : '';
    expect(Buffer.from(bytes, 'base64').toString('latin1')).toBe('images/\u00ff.jpg');
  });

  it.skipIf(process.getuid?.() === 0)(
    'names a folder that may not be opened, and goes on behind it',
    async () => {
      await mkdir(join(root, 'images/0private'));
      await chmod(join(root, 'images/0private'), 0);
      expect(await scan()).toMatchObject([
        { kind: 'unreadable', path: 'images/0private', detail: expect.stringContaining('EACCES') },
        { kind: 'file', path: 'images/a.jpg' },
      ]);
      await chmod(join(root, 'images/0private'), 0o755);
    },
  );

  it('of a drive that went away is no empty folder', async () => {
    await rename(root, `${root}.away`);
    await mkdir(join(root, 'images'), { recursive: true });
    expect(await reasonOf(scan())).toBe('drive-lost');
    expect(await reasonOf(store.sightAll([p('images/a.jpg')]))).toBe('drive-lost');
    await rm(root, { recursive: true });
  });
});

describe('a sighting', () => {
  it('of a hard link is that of the same file, on the drive and elsewhere', async () => {
    await link(join(root, 'images/a.jpg'), join(root, 'images/b.jpg'));
    await link(join(root, 'images/a.jpg'), join(root, '../outside.jpg'));
    const [a, b] = [await sight('images/a.jpg'), await sight('images/b.jpg')];
    expect(a?.file).toBe(b?.file);
    expect(await fileAt(join(root, '../outside.jpg'))).toBe(a?.file);
    expect(await fileAt(join(root, 'none.jpg'))).toBeNull();
  });

  it('is another one when the file was written with its old size and its time put back', async () => {
    const at = new Date(1_600_000_000_000);
    await utimes(join(root, 'images/a.jpg'), at, at);
    const before = await sight('images/a.jpg');
    await writeFile(join(root, 'images/a.jpg'), 'PHOTO');
    await utimes(join(root, 'images/a.jpg'), at, at);
    const after = await sight('images/a.jpg');
    expect([after?.sizeBytes, after?.mtimeMs]).toEqual([before?.sizeBytes, before?.mtimeMs]);
    expect(after?.version).not.toBe(before?.version);
  });

  it('has the time that a look at it has, to the fraction', async () => {
    await utimes(join(root, 'images/a.jpg'), 1_600_000_000.123_456, 1_600_000_000.123_456);
    expect((await sight('images/a.jpg'))?.mtimeMs).toBe((await store.stat(p('images/a.jpg')))?.mtimeMs);
  });
});
