import { describe, expect, it } from 'vitest';
import { BlockTable } from '../../adapters/mounts/block-table.ts';
import { partOf } from '../../adapters/mounts/disk.ts';
import { parseMountinfo } from '../../adapters/mounts/mountinfo.ts';
import { SYSTEM_PATHS } from '../../adapters/mounts/system-disk.ts';
import { picture, volume } from '../../adapters/mounts/volumes.ts';
import { FakeMachine } from './fake-machine.ts';
import { cardA, cardB, PI_CARD, VAULT } from './machines.ts';

/** A Pi: system card, a drive with LUKS, a camera card in a reader, a mirror of two disks. */
const mirror = (name: string, dev: string) => ({
  ...cardA(20, { name, dev, partitions: [] }),
  at: `${cardA(20).at}-${name}`,
});
const MACHINE = new FakeMachine(PI_CARD, ...VAULT, cardB(18), mirror('sde', '8:64'), mirror('sdf', '8:80'), {
  name: 'md0',
  dev: '9:0',
  at: 'virtual/block',
  diskseq: 30,
  slaves: ['sde', 'sdf'],
  uuid: 'M-1',
});
const DISKS = await new BlockTable(MACHINE.files).read('full');

const lines = (...all: readonly string[]) => parseMountinfo(Buffer.from(`${all.join('\n')}\n`));
const MOUNTS = lines(
  '1 0 179:2 / / rw - ext4 /dev/mmcblk0p2 rw',
  '2 1 179:1 / /boot/firmware rw - vfat /dev/mmcblk0p1 rw',
  '4 1 0:40 / /media/backup rw - btrfs /dev/mapper/vault rw',
  '5 1 8:17 / /media/sd rw - vfat /dev/sdb1 rw',
  '6 1 9:0 / /media/mirror rw - ext4 /dev/md0 rw',
  '7 1 0:50 / /media/ram rw - tmpfs tmpfs rw',
  '8 1 179:2 /home /media/bind rw - ext4 /dev/mmcblk0p2 rw',
  '9 1 8:99 / /media/unknown ro - ext4 /dev/sdz rw',
);

const isSystem = (
  mounts: typeof MOUNTS,
  path: string,
  disks = DISKS,
  paths: readonly string[] = SYSTEM_PATHS,
) =>
  mounts
    .filter((mount) => mount.mountPoint === path)
    .map(
      (mount) =>
        volume(
          mount,
          { part: partOf(disks, mount), content: null },
          picture(disks, mounts, paths, ['/media']),
        ).system,
    );

describe('the system disk', () => {
  it.each([
    ['/', true],
    ['/boot/firmware', true],
    ['/media/bind', true],
    ['/media/backup', false],
    ['/media/sd', false],
    ['/media/mirror', false],
    ['/media/ram', false],
    ['/media/unknown', false],
  ])('%s: %s', (path, expected) => {
    expect(isSystem(MOUNTS, path)).toEqual([expected]);
  });

  it('is also the one that holds the state folder, through a mirror and encryption', () => {
    expect(isSystem(MOUNTS, '/media/mirror', DISKS, ['/', '/media/mirror/state'])).toEqual([true]);
    expect(isSystem(MOUNTS, '/media/backup', DISKS, ['/', '/media/backup/state'])).toEqual([true]);
  });

  it('is every disk of a mirror', () => {
    const now = picture(DISKS, MOUNTS, ['/media/mirror'], ['/media']);
    expect([...now.systemDisks]).toEqual(['sde', 'sdf']);
  });

  it('is known by another partition of it', () => {
    const mounts = lines(
      '1 0 179:2 / / rw - ext4 /dev/mmcblk0p2 rw',
      '3 1 179:1 / /media/spare rw - vfat x rw',
    );
    expect(isSystem(mounts, '/media/spare')).toEqual([true]);
  });

  it('is known by the same file system without sysfs', () => {
    expect(isSystem(MOUNTS, '/media/bind', [])).toEqual([true]);
    expect(isSystem(MOUNTS, '/media/sd', [])).toEqual([false]);
  });

  it('is seen through the overlay of the read-only mode of raspi-config', () => {
    const mounts = lines(
      '1 0 0:30 / / rw - overlay overlay rw,lowerdir=/media/root-ro,upperdir=/media/root-rw/overlay,workdir=/w',
      '2 1 179:2 / /media/root-ro ro - ext4 /dev/mmcblk0p2 ro',
      '3 1 0:31 / /media/root-rw rw - tmpfs tmpfs rw',
      '5 1 8:17 / /media/sd rw - vfat /dev/sdb1 rw',
    );
    const all = ['/', '/media/root-ro', '/media/root-rw', '/media/sd'].flatMap((path) =>
      isSystem(mounts, path),
    );
    expect(all).toEqual([true, true, true, false]);
  });
});

describe('the device of a mount', () => {
  const keyOf = (path: string) =>
    partOf(DISKS, MOUNTS.find((mount) => mount.mountPoint === path)!)?.key ?? null;

  it.each([
    ['/media/sd', 'sdb1#18'],
    ['/media/mirror', 'md0#30'],
    ['/media/backup', 'dm-0#9'],
    ['/media/ram', null],
    ['/media/unknown', null],
  ])('at %s is %s', (path, expected) => {
    expect(keyOf(path)).toBe(expected);
  });

  it('is found by name only where there is no number: a node may be of another device since', () => {
    const [stale] = lines('5 1 8:99 / /media/sd rw - vfat /dev/sdb1 rw');
    expect(partOf(DISKS, stale!)).toBeNull();
  });
});

describe('a disk that somebody mounted outside of the roots', () => {
  it('is in use, with all of its partitions; one below the roots is not', () => {
    const elsewhere = [...MOUNTS, ...lines('90 1 8:17 / /srv/data rw - ext4 /dev/sdb1 rw')];
    const used = (mounts: typeof MOUNTS) =>
      [...picture(DISKS, mounts, SYSTEM_PATHS, ['/media']).usedDisks].filter((name) => name === 'sdb');
    expect(used(MOUNTS)).toEqual([]);
    expect(used(elsewhere)).toEqual(['sdb']);
  });
});
