import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { debugfs, extImage, setExtState } from './images.ts';
import { RealMachine, whyNoLoops } from './real-loops.ts';

const noLoops = whyNoLoops();
if (noLoops !== null) console.info(`the mount helper is not tested on loop devices: ${noLoops}`);

async function withMachine(run: (machine: RealMachine, image: string) => Promise<void>): Promise<void> {
  const dir = await realpath(await mkdtemp(join(tmpdir(), 'imagetank-mount-')));
  const machine = await RealMachine.start(dir);
  try {
    const image = join(dir, 'image');
    extImage(image, 'ext4');
    await run(machine, image);
  } finally {
    await machine.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

const hashOf = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');
const CARD = 'ro,nosuid,nodev,noexec,noatime,nosymfollow ro,norecovery';

describe.skipIf(noLoops !== null)('a real card', () => {
  it('is mounted so that nothing on it runs, and not one byte changes', async () => {
    await withMachine(async (machine, image) => {
      const { name } = machine.insert(image);
      machine.sh(
        'mkdir "$1/m"; mount "/dev/$2" "$1/m"; echo x >"$1/m/new"; ln -s folder "$1/m/link"; umount "$1/m"; cp "$1/image" "$1/written"',
        machine.dir,
        name,
      );
      const written = join(machine.dir, 'written');
      const before = hashOf(written);
      const card = machine.insert(written);
      expect(await machine.ask(`mount-card ${card.name} 17`)).toBe(`ok /media/imagetank/${card.name}`);
      expect(machine.options(card)).toBe(CARD);
      const point = join(machine.dir, 'media/imagetank', card.name);
      expect(machine.sh('cat "$1/folder/first" | wc -c', point)).toBe('40000');
      expect(() => machine.sh('cat "$1/link/first"', point)).toThrow(/Too many levels of symbolic links/);
      expect(() => machine.sh('touch "$1/y"', point)).toThrow(/Read-only file system/);
      expect(await machine.ask(`unmount ${card.name} 17`)).toBe(`ok /media/imagetank/${card.name}`);
      expect([machine.options(card), existsSync(point)]).toEqual([null, false]);
      expect(hashOf(written)).toBe(before);
    });
  });

  it('is refused when photos may stand in its journal only, and not one byte changes', async () => {
    await withMachine(async (machine, image) => {
      // As it stands when it is pulled out of a camera that writes: a copy of a mounted image.
      const { name } = machine.insert(image);
      machine.sh(
        'mkdir "$1/m"; mount "/dev/$2" "$1/m"; echo x >"$1/m/new"; sync "$1/m/new" "$1/m"; cp "$1/image" "$1/dirty"; umount "$1/m"',
        machine.dir,
        name,
      );
      const dirty = join(machine.dir, 'dirty');
      const before = hashOf(dirty);
      const card = machine.insert(dirty);
      expect(await machine.ask(`mount-card ${card.name} 17`)).toMatch(/^no failed its journal /);
      expect(machine.options(card)).toBeNull();
      expect(hashOf(dirty)).toBe(before);
      // What would have been missed: of a drive the kernel replays it.
      expect(await machine.ask(`mount-drive ${card.name} 17`)).toBe(`ok /media/imagetank/${card.name}`);
      expect(machine.sh('cat "$1/new"', join(machine.dir, 'media/imagetank', card.name)).trim()).toBe('x');
    });
  });

  it('of the old kind, without a journal, is mounted too', async () => {
    await withMachine(async (machine) => {
      const image = join(machine.dir, 'ext2');
      extImage(image, 'ext2');
      const card = machine.insert(image);
      expect(await machine.ask(`mount-card ${card.name} 17`)).toBe(`ok /media/imagetank/${card.name}`);
    });
  });

  it('that is read is detached all the same', async () => {
    await withMachine(async (machine, image) => {
      const card = machine.insert(image);
      await machine.ask(`mount-card ${card.name} 17`);
      await machine.use('exec 5<"$1"', join(machine.dir, 'media/imagetank', card.name, 'folder/first'));
      expect(await machine.ask(`mount-drive ${card.name} 17`)).toMatch(/^no busy /);
      expect(await machine.ask(`unmount ${card.name} 17`)).toBe(`ok /media/imagetank/${card.name}`);
      expect(machine.options(card)).toBeNull();
    });
  });

  it('is used where somebody else mounted it', async () => {
    await withMachine(async (machine, image) => {
      const card = machine.insert(image);
      machine.sh(
        'mkdir -p "$1/media/me/MY CARD"; mount -o ro "/dev/$2" "$1/media/me/MY CARD"',
        machine.dir,
        card.name,
      );
      expect(await machine.ask(`mount-card ${card.name} 17`)).toBe('ok /media/me/MY CARD');
    });
  });

  it('is not taken from the system', async () => {
    await withMachine(async (machine, image) => {
      const disk = machine.insert(image);
      machine.sh('mkdir "$1/srv"; mount "/dev/$2" "$1/srv"', machine.dir, disk.name);
      expect(await machine.ask(`mount-card ${disk.name} 17`)).toBe(
        `no not-allowed the system uses the disk ${disk.name}`,
      );
    });
  });
});

describe.skipIf(noLoops !== null)('a real drive', () => {
  it('gets its folders, and what exists is left as it is', async () => {
    await withMachine(async (machine, image) => {
      debugfs(image, 'symlink Other /nowhere');
      debugfs(image, 'mkdir Photos');
      const drive = machine.insert(image);
      await machine.ask(`mount-card ${drive.name} 17`);
      expect(await machine.ask(`mount-drive ${drive.name} 17`)).toBe(`ok /media/imagetank/${drive.name}`);
      expect(machine.options(drive)).toMatch(/^rw,nosuid,nodev,noexec,noatime rw/);
      const point = join(machine.dir, 'media/imagetank', drive.name);
      expect(machine.sh('cd "$1"; stat -c "%n %F %U %a" .imagetank Photos Other', point).split('\n')).toEqual(
        ['.imagetank directory nobody 755', 'Photos directory root 755', 'Other symbolic link root 777'],
      );
    });
  });

  it('belongs to another, and gets its folders all the same', async () => {
    await withMachine(async (machine, image) => {
      debugfs(image, 'set_inode_field <2> uid 4711');
      debugfs(image, 'set_inode_field <2> mode 040700');
      const drive = machine.insert(image);
      expect(await machine.ask(`mount-drive ${drive.name} 17`)).toBe(`ok /media/imagetank/${drive.name}`);
      expect(machine.sh('stat -c %U "$1/Photos"', join(machine.dir, 'media/imagetank', drive.name))).toBe(
        'nobody',
      );
    });
  });

  it('that is damaged is not mounted', async () => {
    await withMachine(async (machine, image) => {
      debugfs(image, 'clri folder/first');
      setExtState(image, 3);
      const before = hashOf(image);
      const drive = machine.insert(image);
      expect(await machine.ask(`mount-drive ${drive.name} 17`)).toBe(
        `no needs-repair sudo e2fsck -fy /dev/${drive.name}`,
      );
      expect([machine.options(drive), hashOf(image)]).toEqual([null, before]);
    });
  });

  it('whose lock is on is not mounted as a drive', async () => {
    await withMachine(async (machine, image) => {
      const drive = machine.insert(image, '--read-only');
      expect(await machine.ask(`mount-drive ${drive.name} 17`)).toBe('no read-only it is write-protected');
      expect(machine.options(drive)).toBeNull();
      expect(await machine.ask(`mount-card ${drive.name} 17`)).toBe(`ok /media/imagetank/${drive.name}`);
    });
  });

  it('that is read is made read-only and detached; one that is written stays', async () => {
    await withMachine(async (machine, image) => {
      const second = join(machine.dir, 'second');
      copyFileSync(image, second);
      const [read, written] = [machine.insert(image), machine.insert(second)];
      const point = ({ name }: { readonly name: string }) => join(machine.dir, 'media/imagetank', name);
      await machine.ask(`mount-drive ${read.name} 17`);
      await machine.ask(`mount-drive ${written.name} 17`);
      await machine.use('exec 5<"$1"', join(point(read), 'folder/first'));
      await machine.use('exec 5>"$1"', join(point(written), 'new'));
      expect(await machine.ask(`unmount ${read.name} 17`)).toBe(`ok /media/imagetank/${read.name}`);
      expect(await machine.ask(`unmount ${written.name} 17`)).toBe(
        `no busy /media/imagetank/${written.name} is in use`,
      );
      expect(machine.options(read)).toBeNull();
      expect(machine.options(written)).toMatch(/^rw/);
    });
  });

  it('that was pulled leaves nothing, nor what was mounted on it', async () => {
    await withMachine(async (machine, image) => {
      const drive = machine.insert(image);
      await machine.ask(`mount-drive ${drive.name} 17`);
      const point = join(machine.dir, 'media/imagetank', drive.name);
      machine.sh('mount -t tmpfs none "$1/Photos"', point);
      machine.pull(drive);
      expect(await machine.ask(`unmount ${drive.name} 17`)).toBe(`ok /media/imagetank/${drive.name}`);
      expect([machine.options(drive), existsSync(point)]).toEqual([null, false]);
      expect(machine.sh('grep -c imagetank/loop /proc/self/mountinfo || :')).toBe('0');
    });
  });
});
