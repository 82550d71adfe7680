import { Buffer } from 'node:buffer';
import { appendFile, mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { openDriveStore } from '../../adapters/fs/drive-store.ts';
import { readDriveIdentity, writeDriveIdentity } from '../../adapters/fs/identity.ts';
import { deviceNumbers } from '../../adapters/fs/presence.ts';
import { p, reasonOf } from '../contracts/drive-store.contract.ts';
import { adoptFolder, DRIVE_ID, driveAt, identityOf } from './drives.ts';
import { mountTmpfs, run, told, useCleaner, whyNoMount } from './folders.ts';
import { watchSyncs } from './handles.ts';

const clean = useCleaner();
let root: string;
beforeEach(async () => {
  root = join(await clean.folder(), 'drive');
  await mkdir(root);
});
const file = (): string => join(root, '.imagetank/drive.json');

describe('the identity of a drive', () => {
  it('reads as it was written', async () => {
    const identity = identityOf('an-id', '3A4F-1B2C');
    await writeDriveIdentity(root, identity);
    expect(await readDriveIdentity(root)).toEqual(identity);
    expect(JSON.parse(await readFile(file(), 'utf8'))).toEqual(identity);
    expect(await readdir(join(root, '.imagetank/incoming'))).toEqual([]);
  });

  it('is durable: the file under both names, then its folder, the root, and what it was moved out of', async () => {
    const synced = watchSyncs();
    await writeDriveIdentity(root, identityOf());
    vi.restoreAllMocks();
    expect(synced[0]).toMatch(/\.part$/);
    expect(synced.slice(1)).toEqual([
      file(),
      join(root, '.imagetank'),
      root,
      join(root, '.imagetank/incoming'),
    ]);
  });

  it('takes the place of an older one', async () => {
    await writeDriveIdentity(root, identityOf('first'));
    await writeDriveIdentity(root, identityOf('second'));
    expect(await readDriveIdentity(root)).toMatchObject({ id: 'second' });
    expect(await readdir(join(root, '.imagetank/incoming'))).toEqual([]);
  });

  it('is none on a drive that nobody adopted', async () => {
    expect(await readDriveIdentity(root)).toBeNull();
    await mkdir(join(root, '.imagetank'));
    expect(await readDriveIdentity(root)).toBeNull();
  });

  it('of a drive that is not there is an error', async () => {
    await rm(root, { recursive: true });
    expect(await reasonOf(readDriveIdentity(root))).toBe('drive-failing');
  });

  it.each([
    ['torn', '{"format": 1, "id": "x"'],
    ['empty', ''],
    ['of a later format', JSON.stringify({ ...identityOf(), format: 2 })],
    ['without an id', JSON.stringify({ ...identityOf(), id: '' })],
    ['with a number for an id', JSON.stringify({ ...identityOf(), id: 7 })],
    ['no object', '[]'],
    ['longer than 64 KiB', `${JSON.stringify(identityOf())}${' '.repeat(65_536)}`],
  ])('is not understood and left alone when it is %s', async (_what, text) => {
    await mkdir(join(root, '.imagetank'));
    await writeFile(file(), text);
    expect(await readDriveIdentity(root)).toBe('damaged');
    expect(await reasonOf(writeDriveIdentity(root, identityOf()))).toBe('drive-not-writable');
    expect(await readFile(file(), 'utf8')).toBe(text);
  });

  it('is not believed through a link, nor written through one', async () => {
    const other = await clean.folder();
    await adoptFolder(other);
    await symlink(join(other, '.imagetank'), join(root, '.imagetank'));
    expect(await readDriveIdentity(root)).toBeNull();
    await rm(join(other, '.imagetank'), { recursive: true });
    expect(await reasonOf(writeDriveIdentity(root, identityOf()))).toBe('drive-not-writable');
    expect(await readdir(other)).toEqual([]);
  });

  it('is not waited for when it is a fifo', async () => {
    await mkdir(join(root, '.imagetank'));
    run('mkfifo', file());
    expect(await readDriveIdentity(root)).toBe('damaged');
    expect(await reasonOf(writeDriveIdentity(root, identityOf()))).toBe('drive-not-writable');
  });

  it('that gives an error is not taken for a damaged one', async () => {
    await mkdir(file(), { recursive: true });
    expect(await reasonOf(readDriveIdentity(root))).toBe('drive-not-writable');
    expect(await reasonOf(writeDriveIdentity(root, identityOf()))).toBe('drive-not-writable');
  });
});

describe('a drive opens', () => {
  it('only where it is', async () => {
    const drive = await adoptFolder(root);
    expect((await openDriveStore(drive)).drive).toBe(drive);
    await rename(root, `${root}.away`);
    expect(await reasonOf(openDriveStore(drive))).toBe('drive-lost');
    await mkdir(root);
    expect(await reasonOf(openDriveStore(drive))).toBe('drive-lost');
  });

  it('only with its own id and the UUID of its volume', async () => {
    await writeDriveIdentity(root, identityOf(DRIVE_ID, 'UUID-1'));
    await openDriveStore(driveAt(root, DRIVE_ID, 'UUID-1'));
    expect(await reasonOf(openDriveStore(driveAt(root, 'other', 'UUID-1')))).toBe('drive-lost');
    expect(await reasonOf(openDriveStore(driveAt(root, DRIVE_ID, 'UUID-2')))).toBe('drive-lost');
    expect(await reasonOf(openDriveStore(driveAt(root, DRIVE_ID, null)))).toBe('drive-lost');
  });

  it('through a link to its folder, and then keeps to the folder', async () => {
    await adoptFolder(root);
    await symlink(root, `${root}.link`);
    const store = await openDriveStore(driveAt(`${root}.link`));
    await rm(`${root}.link`);
    await symlink('/nowhere', `${root}.link`);
    expect(await store.writeNew([p('Photos/A.txt')], ['x'])).toBe(p('Photos/A.txt'));
    expect(await readFile(join(root, 'Photos/A.txt'), 'utf8')).toBe('x');
  });
});

describe('a drive is lost', () => {
  it('when its identity is gone or damaged while it is written', async () => {
    const store = await openDriveStore(await adoptFolder(root));
    await appendFile(file(), 'x');
    expect(await reasonOf(store.createIncoming())).toBe('drive-lost');
    await rm(file());
    expect(await reasonOf(store.createIncoming())).toBe('drive-lost');
  });

  it('when its device is, although the mount still answers', async () => {
    const drive = await adoptFolder(root);
    const sysFolder = await clean.folder();
    const { major, minor } = deviceNumbers((await stat(root)).dev);
    const device = join(sysFolder, 'dev/block', `${major}:${minor}`);
    await mkdir(device, { recursive: true });
    const store = await openDriveStore(drive, { sysFolder });
    const part = await store.createIncoming();
    await part.write(Buffer.from('x'));
    await part.flush(0);
    await rm(device, { recursive: true });
    expect(await reasonOf(store.createIncoming())).toBe('drive-lost');
    expect(await reasonOf(part.place(p('Photos/A.JPG')))).toBe('drive-lost');
    await part.discard();
  });

  it('and not merely failing, when what fails is explained by that', async () => {
    const store = await openDriveStore(await adoptFolder(root));
    await rename(root, `${root}.away`);
    expect(await reasonOf(store.readBack(p('Photos/A.JPG')))).toBe('drive-lost');
    expect(await reasonOf(store.freeBytes())).toBe('drive-lost');
  });

  it.skipIf(told('empty folder below a mount point', whyNoMount))(
    'when it is unmounted: the folder below is never written, not even with the same identity',
    async () => {
      const mount = await mountTmpfs(clean, 'size=1m');
      const store = await openDriveStore(await adoptFolder(mount));
      const part = await store.createIncoming();
      await part.write(Buffer.from('x'));
      await part.flush(0);
      run('umount', mount);
      await adoptFolder(mount);
      expect(await reasonOf(store.createIncoming())).toBe('drive-lost');
      expect(await reasonOf(part.place(p('Photos/A.JPG')))).toBe('drive-lost');
      expect(await reasonOf(store.writeNew([p('A.txt')], ['x']))).toBe('drive-lost');
      expect(await readdir(mount)).toEqual(['.imagetank']);
      // For the unmounting after the test.
      run('mount', '-t', 'tmpfs', 'none', mount);
    },
  );
});
