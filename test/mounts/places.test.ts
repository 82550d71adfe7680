import { chmod, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BlockTable } from '../../adapters/mounts/block-table.ts';
import { Contents } from '../../adapters/mounts/contents.ts';
import { DeviceTable } from '../../adapters/mounts/device-table.ts';
import { MountTable } from '../../adapters/mounts/mount-table.ts';
import { parseMountinfo } from '../../adapters/mounts/mountinfo.ts';
import { MountPlaces } from '../../adapters/mounts/places.ts';
import { createRunTool, runTool } from '../../adapters/mounts/run-tool.ts';
import { withTemp } from './temp.ts';

const isRoot = process.getuid?.() === 0;
const places = (mountinfo?: string, canWrite?: (folder: string) => Promise<boolean>) => {
  const read = mountinfo === undefined ? undefined : async () => Buffer.from(mountinfo);
  const mounts = new MountTable([], read);
  const parts = { mounts, blocks: new BlockTable(), contents: new Contents(), systemPaths: ['/'], roots: [] };
  return new MountPlaces(mounts, new DeviceTable({ ...parts, monoMs: () => 0 }), undefined, canWrite);
};

describe('camera folders', () => {
  it.each([
    ['DCIM', true],
    ['dcim', true],
    ['Dcim/100CANON', true],
    ['AVCHD', true],
    ['XDROOT', true],
    ['PRIVATE/M4ROOT', true],
    ['private/avchd', true],
    ['PRIVATE', false],
    ['PRIVATE/OTHER', false],
    ['M4ROOT', false],
    ['Photos/DCIM', false],
    ['DCIM2', false],
  ])('%s: %s', async (folder, expected) => {
    await withTemp(async (dir) => {
      await mkdir(join(dir, folder), { recursive: true });
      expect(await places().cameraFolders(dir)).toBe(expected);
    });
  });

  it('are folders, not files or links', async () => {
    await withTemp(async (dir) => {
      await writeFile(join(dir, 'DCIM'), '');
      await writeFile(join(dir, 'PRIVATE'), '');
      await mkdir(join(dir, 'elsewhere/AVCHD'), { recursive: true });
      await symlink(join(dir, 'elsewhere'), join(dir, 'avchd'));
      await symlink(join(dir, 'elsewhere'), join(dir, 'private'));
      expect(await places().cameraFolders(dir)).toBe(false);
    });
  });

  it('are found beside names that are not UTF-8', async () => {
    await withTemp(async (dir) => {
      await writeFile(Buffer.concat([Buffer.from(`${dir}/`), Buffer.from([0xff, 0xfe])]), '');
      await mkdir(join(dir, 'DCIM'));
      expect(await places().cameraFolders(dir)).toBe(true);
    });
  });

  it('reject when the folder cannot be listed', async () => {
    await expect(places().cameraFolders('/nonexistent')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('folders', () => {
  it('are told from files and from nothing, through links', async () => {
    await withTemp(async (dir) => {
      await mkdir(join(dir, 'folder'));
      await writeFile(join(dir, 'file'), '');
      await symlink(join(dir, 'folder'), join(dir, 'link'));
      const of = (name: string) => places().isFolder(join(dir, name));
      expect([await of('folder'), await of('link'), await of('file'), await of('nope')]).toEqual([
        true,
        true,
        false,
        false,
      ]);
      expect(await places().realPath(join(dir, 'link'))).toBe(join(dir, 'folder'));
      await expect(places().realPath(join(dir, 'nope'))).rejects.toMatchObject({ code: 'ENOENT' });
    });
  });

  it('are writable by permission', async () => {
    await withTemp(async (dir) => {
      expect(await places().writable(dir)).toBe(true);
      await chmod(dir, 0o555);
      expect(await places().writable(dir)).toBe(isRoot);
      await chmod(dir, 0o755);
      expect(await places().writable(join(dir, 'nope'))).toBe(false);
    });
  });

  it('are not writable on a read-only mount, for root neither', async () => {
    await withTemp(async (dir) => {
      const readOnly = `1 0 8:1 / ${dir} ro - ext4 /dev/sda1 rw\n`;
      expect(await places(readOnly).writable(dir)).toBe(false);
    });
  });

  it('are writable for a user whose folders they hold, though the top is not his', async () => {
    await withTemp(async (dir) => {
      const own = ['.imagetank', 'Photos', 'Other'].map((name) => join(dir, name));
      const ours = new Set<string>();
      const ask = () => places(undefined, async (folder) => ours.has(folder)).writable(dir);
      for (const path of own) {
        expect(await ask()).toBe(false);
        ours.add(path);
        expect(await ask()).toBe(false);
        await mkdir(path);
      }
      expect(await ask()).toBe(true);
      expect(await places(`1 0 8:1 / ${dir} ro - ext4 /dev/sda1 rw\n`, async () => true).writable(dir)).toBe(
        false,
      );
      for (const path of own) {
        ours.delete(path);
        expect(await ask()).toBe(false);
        ours.add(path);
      }
      await rm(join(dir, 'Other'), { recursive: true });
      await symlink(join(dir, 'Photos'), join(dir, 'Other'));
      expect(await ask()).toBe(false);
    });
  });

  it('stand on a volume', async () => {
    await withTemp(async (dir) => {
      const found = await places().volumeOf(dir);
      expect(dir.startsWith(found.path)).toBe(true);
      expect(found).not.toHaveProperty('mountId');
      expect(found).not.toHaveProperty('block');
      const text = '1 0 0:9 / / rw - tmpfs tmpfs rw\n';
      expect(await places(text).volumeOf(dir)).toEqual({
        path: '/',
        label: null,
        uuid: null,
        device: null,
        sizeBytes: null,
        fsType: 'tmpfs',
        readOnly: false,
        system: true,
        hardware: null,
      });
      await expect(places('').volumeOf(dir)).rejects.toThrow('no mount');
      await expect(places().volumeOf(join(dir, 'nope'))).rejects.toMatchObject({ code: 'ENOENT' });
    });
  });

  it('have space, or nobody knows', async () => {
    await withTemp(async (dir) => {
      const space = await places().space(dir);
      expect(space?.sizeBytes).toBeGreaterThan(0);
      expect(space?.freeBytes).toBeLessThanOrEqual(space?.sizeBytes ?? 0);
      expect(await places().space(join(dir, 'nope'))).toBeNull();
    });
  });
});

describe('mounts of this machine', () => {
  it('are understood, the root among them', async () => {
    const all = await new MountTable([]).all();
    expect(all.map((mount) => mount.mountPoint)).toContain('/');
    expect(await places().isMounted(all[0]?.mountId ?? -1)).toBe(true);
    expect(await places().isMounted(-1)).toBe(false);
    expect(parseMountinfo(Buffer.from(''))).toEqual([]);
  });
});

describe('running a tool', () => {
  it('gives its output, without a shell', async () => {
    expect(await runTool('echo', ['$HOME', '; id'])).toBe('$HOME ; id\n');
  });

  it.each([
    ['is missing', '/nonexistent/tool', []],
    ['fails', 'false', []],
    ['says too much', 'head', ['-c', '5000000', '/dev/zero']],
  ])('gives null when it %s', async (_, file, args) => {
    expect(await runTool(file, args)).toBeNull();
  });

  it('gives null after a deadline, and starts no other until the one that was left behind has ended', async () => {
    const run = createRunTool(200, 1);
    expect(await run('sleep', ['1000'])).toBeNull();
    // It was killed, and its end is not told yet.
    expect(await run('true', [])).toBeNull();
    while ((await run('true', [])) === null) await new Promise((resolve) => setImmediate(resolve));
  });
});

describe('sectors written', () => {
  it('are those of the kernel, and unknown for what it does not count', async () => {
    const [disk] = (await readdir('/sys/class/block')).filter((name) => /^(vd|sd|nvme\d+n)/.test(name));
    if (disk === undefined) return console.log('skipped: this machine has no disk');
    expect(await places().sectorsWritten(`/dev/${disk}`)).toBeGreaterThanOrEqual(0);
    expect(await places().sectorsWritten('/dev/nothing-of-that-name')).toBeNull();
  });
});
