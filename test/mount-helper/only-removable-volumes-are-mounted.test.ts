/** The whole script on a machine of files: which volumes it takes. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ask, machineWith, USB } from './asking.ts';
import { type FakeDisk, plug } from './script.ts';
import { tempFolders } from './temp.ts';

const folder = tempFolders();
const PCI = 'devices/pci0000:00/0000:01:00.0';
const NVME: FakeDisk = { name: 'nvme0n1p1', disk: 'nvme0n1', number: '259:1', bus: `${PCI}/nvme/nvme0` };
const SLOT: FakeDisk = { name: 'mmcblk1p1', disk: 'mmcblk1', number: '179:9', bus: 'devices/platform/mmc1' };
const NOT_REMOVABLE = 'no not-allowed not removable';

describe('as a card', () => {
  it.each<[string, FakeDisk, string]>([
    ['on a USB port is taken', USB, 'ok /media/imagetank/sda1'],
    ['that is a whole disk is taken', { ...USB, name: 'sda', number: '8:0' }, 'ok /media/imagetank/sda'],
    [
      'that says that it is removable is taken',
      { ...NVME, removable: true },
      'ok /media/imagetank/nvme0n1p1',
    ],
    ['an SD card in a slot is taken', { ...SLOT, type: 'SD' }, 'ok /media/imagetank/mmcblk1p1'],
    ['soldered memory is not', { ...SLOT, type: 'MMC' }, NOT_REMOVABLE],
    ['a built-in disk is not', NVME, NOT_REMOVABLE],
    ['an old kernel without sequence numbers', { ...USB, diskseq: null }, 'no gone it is not there'],
    ['another medium than was meant', { ...USB, diskseq: '18' }, 'no gone it is not there'],
    ['a part of something larger', { ...USB, holders: ['dm-0'] }, 'no not-allowed part of dm-0'],
    ['a part of nothing larger', { ...USB, holders: [] }, 'ok /media/imagetank/sda1'],
  ])('%s', async (_, disk, expected) => {
    const machine = machineWith(await folder(), disk);
    expect(await ask(machine, `mount-card ${disk.name} 17`)).toBe(expected);
    expect(machine.mode(disk.name)).toBe(expected.startsWith('ok') ? 'read-only' : null);
  });

  it('without sequence numbers is taken when none is asked for', async () => {
    const machine = machineWith(await folder(), { ...USB, diskseq: null });
    expect(await ask(machine, 'mount-card sda1 -')).toBe('ok /media/imagetank/sda1');
    expect(await ask(machine, 'mount-card sda1 -')).toBe('ok /media/imagetank/sda1');
    expect(machine.calls().filter((call) => call.startsWith('mount'))).toHaveLength(1);
  });

  it('whose node is of another device is gone', async () => {
    const machine = machineWith(await folder());
    writeFileSync(join(machine.dir, 'dev/sda1.is'), 'block special file:8:2\n');
    expect(await ask(machine, 'mount-card sda1 17')).toBe('no gone it is not there');
    writeFileSync(join(machine.dir, 'dev/sda1.is'), 'regular file:8:1\n');
    expect(await ask(machine, 'mount-card sda1 17')).toBe('no gone it is not there');
  });
});

describe('a disk of the system is never taken', () => {
  const SYSTEM = 'no not-allowed the system uses the disk sda';
  it.each([
    ['mounted as /', '40 1 8:2 / / rw - ext4 /dev/sda2 rw'],
    ['mounted as the boot partition', '40 1 8:1 / /boot/firmware ro - vfat /dev/sda1 ro'],
    ['mounted wherever its owner likes', '40 1 8:2 / /srv/photos rw - ext4 /dev/sda2 rw'],
    ['bound to another place', '40 1 8:2 /etc /etc/other rw - ext4 /dev/sda2 rw'],
    ['below an overlay', '40 1 8:2 / DIR/media/root-ro ro shared:2 master:1 - ext4 /dev/sda2 ro'],
    ['with btrfs, which has no number', '40 1 0:33 /@ / rw shared:1 - btrfs DIR/dev/sda2 rw,subvol=/@'],
    ['mounted under a name that looks like ours', '40 1 8:2 / /mediathek rw - ext4 /dev/sda2 rw'],
  ])('%s', async (_, line) => {
    const machine = machineWith(await folder());
    machine.insert({ ...USB, name: 'sda2', number: '8:2' });
    machine.mounted(line.replace(' DIR', ` ${machine.dir}`));
    expect(await ask(machine, 'mount-card sda1 17')).toBe(SYSTEM);
    expect(await ask(machine, 'mount-drive sda1 17')).toBe(SYSTEM);
    expect(machine.calls()).toEqual([]);
  });

  it('that holds a volume group', async () => {
    const machine = machineWith(await folder());
    machine.insert({ ...USB, name: 'sda2', number: '8:2', holders: ['dm-0'] });
    const lower: FakeDisk = { name: 'dm-0', number: '253:0', bus: 'devices/virtual', slaves: ['sda2'] };
    plug(machine.dir, lower);
    machine.mounted('40 1 253:0 / /home rw - ext4 /dev/mapper/home rw');
    expect(await ask(machine, 'mount-card sda1 17')).toBe(SYSTEM);
  });

  it.each([
    ['swap', 'swaps', 'DEV/sda2 partition 1 0 -2\n'],
    ['what the kernel was started with', 'cmdline', 'quiet root=DEV/sda2 rw\n'],
  ])('%s', async (_, file, text) => {
    const machine = machineWith(await folder());
    machine.insert({ ...USB, name: 'sda2', number: '8:2' });
    writeFileSync(join(machine.dir, 'proc', file), text.replace('DEV', `${machine.dir}/dev`), { flag: 'a' });
    expect(await ask(machine, 'mount-card sda1 17')).toBe(SYSTEM);
  });

  it('but the others are, whatever is mounted where removable media belong', async () => {
    const machine = machineWith(await folder());
    machine.insert({ ...USB, name: 'sda2', number: '8:2' });
    machine.mounted(
      `40 1 8:2 / ${machine.dir}/media/somebody/CARD rw - vfat /dev/sda2 rw`,
      `41 1 8:2 / ${machine.dir}/run-media/somebody/CARD rw - vfat /dev/sda2 rw`,
      '42 1 0:22 / /tmp rw - tmpfs tmpfs rw',
    );
    expect(await ask(machine, 'mount-card sda1 17')).toBe('ok /media/imagetank/sda1');
  });
});

describe('as a drive', () => {
  it('a built-in disk is taken, when the system does not use it', async () => {
    const machine = machineWith(await folder(), NVME, 'ext4');
    expect(await ask(machine, 'mount-drive nvme0n1p1 17')).toBe('ok /media/imagetank/nvme0n1p1');
    expect(machine.mode('nvme0n1p1')).toBe('read-write');
  });

  it('what has no hardware behind it is not', async () => {
    const machine = machineWith(await folder(), {
      name: 'loop0',
      number: '7:0',
      bus: 'devices/virtual',
      hardware: false,
    });
    expect(await ask(machine, 'mount-drive loop0 17')).toBe('no not-allowed not a disk of its own');
  });

  it('what has a place in /etc/fstab is not, but a removable one is', async () => {
    const machine = machineWith(await folder(), NVME);
    machine.insert(USB);
    const lines = ['nvme0n1p1', 'sda1'].map(
      (name) => `${machine.dir}/dev/${name} /srv/${name} auto noauto 0 0\n`,
    );
    writeFileSync(join(machine.dir, 'fstab'), lines.join(''));
    expect(await ask(machine, 'mount-drive nvme0n1p1 17')).toBe(
      'no not-allowed it has a place in /etc/fstab',
    );
    expect(await ask(machine, 'mount-drive sda1 17')).toBe('ok /media/imagetank/sda1');
  });
});

describe('of file systems', () => {
  it.each([
    ['vfat', 'ok /media/imagetank/sda1'],
    ['exfat', 'ok /media/imagetank/sda1'],
    ['ntfs', 'ok /media/imagetank/sda1'],
    ['hfsplus', 'ok /media/imagetank/sda1'],
    ['ext2', 'ok /media/imagetank/sda1'],
    ['ext3', 'ok /media/imagetank/sda1'],
    ['ext4', 'ok /media/imagetank/sda1'],
    ['btrfs', 'no not-allowed file system btrfs'],
    ['iso9660', 'no not-allowed file system iso9660'],
    ['crypto_LUKS', 'no not-allowed file system crypto_LUKS'],
    ['', 'no not-allowed no file system'],
  ])('%j', async (fileSystem, expected) => {
    const machine = machineWith(await folder(), USB, fileSystem);
    expect(await ask(machine, 'mount-card sda1 17')).toBe(expected);
  });

  it.each([
    ['2', 'no not-allowed no file system'],
    ['8', 'no not-allowed it looks like several file systems at once'],
    ['4', 'no failed it cannot be read (blkid: 4)'],
  ])('what blkid does not know: %s', async (status, expected) => {
    const machine = machineWith(await folder());
    writeFileSync(join(machine.dir, 'dev/sda1.status'), status);
    expect(await ask(machine, 'mount-card sda1 17')).toBe(expected);
  });
});

it('the mount point must be free', async () => {
  const machine = machineWith(await folder());
  mkdirSync(join(machine.dir, 'media/imagetank/sda1/something'), { recursive: true });
  expect(await ask(machine, 'mount-card sda1 17')).toBe('no failed /media/imagetank/sda1 is in the way');
});
