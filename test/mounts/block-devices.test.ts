import { describe, expect, it } from 'vitest';
import { probeSuperblock } from '../../adapters/mounts/blkid.ts';
import { deviceOf, disksOf, listBlockDevices, parseLsblk } from '../../adapters/mounts/lsblk.ts';
import { parseMountinfo } from '../../adapters/mounts/mountinfo.ts';
import type { RunTool } from '../../adapters/mounts/run-tool.ts';
import { isOnSystemDisk, SYSTEM_PATHS } from '../../adapters/mounts/system-disk.ts';
import { VolumeDescriber } from '../../adapters/mounts/volume-describer.ts';

const node = (name: string, device: string, more: object = {}) => ({
  name,
  path: `/dev/${name}`,
  'maj:min': device,
  label: null,
  uuid: null,
  size: 1000,
  fstype: null,
  ro: false,
  ...more,
});

/** A Pi: system card, a drive with LVM on LUKS, a camera card in a reader, a mirror of two disks. */
const PI = JSON.stringify({
  blockdevices: [
    node('mmcblk0', '179:0', {
      children: [
        node('mmcblk0p1', '179:1', { label: 'bootfs', uuid: 'B-1', fstype: 'vfat' }),
        node('mmcblk0p2', '179:2', { label: 'rootfs', uuid: 'R-1', fstype: 'ext4' }),
        node('mmcblk0p3', '179:3', { label: 'SPARE', uuid: 'S-1', fstype: 'exfat' }),
      ],
    }),
    node('sda', '8:0', {
      children: [
        node('sda1', '8:1', {
          fstype: 'crypto_LUKS',
          children: [node('mapper/vault', '253:0', { label: 'BACKUP', uuid: 'V-1', fstype: 'btrfs' })],
        }),
      ],
    }),
    node('sdb', '8:16', {
      children: [
        node('sdb1', ' 8:17 ', {
          label: 'SD32',
          uuid: '3A4F-1B2C',
          size: '31914983424',
          ro: '1',
          fstype: 'vfat',
        }),
      ],
    }),
    node('sdc', '8:32', { children: [node('md0', '9:0', { uuid: 'M-1', fstype: 'ext4' })] }),
    node('sdd', '8:48', { children: [node('md0', '9:0', { uuid: 'M-1', fstype: 'ext4' })] }),
  ],
});

const MOUNTS = parseMountinfo(
  Buffer.from(
    [
      '1 0 179:2 / / rw - ext4 /dev/mmcblk0p2 rw',
      '2 1 179:1 / /boot/firmware rw - vfat /dev/mmcblk0p1 rw',
      '3 1 179:3 / /media/spare rw - exfat /dev/mmcblk0p3 rw',
      '4 1 0:40 / /media/backup rw - btrfs /dev/mapper/vault rw',
      '5 1 8:17 / /media/sd rw - vfat /dev/sdb1 rw',
      '6 1 9:0 / /media/mirror rw - ext4 /dev/md0 rw',
      '7 1 0:50 / /media/ram rw - tmpfs tmpfs rw',
      '8 1 179:2 /home /media/bind rw - ext4 /dev/mmcblk0p2 rw',
      '9 1 8:99 / /media/unknown ro - ext4 /dev/sdz rw',
      '',
    ].join('\n'),
  ),
);
const at = (path: string) => MOUNTS.filter((mount) => mount.mountPoint === path);
const [SPARE, BACKUP, SD, MIRROR, RAM, UNKNOWN] = ['spare', 'backup', 'sd', 'mirror', 'ram', 'unknown'].map(
  (name) => at(`/media/${name}`)[0]!,
);

describe('lsblk', () => {
  const tree = parseLsblk(PI);

  it('gives label, UUID, size and kind, in the forms of old and new versions', () => {
    expect(deviceOf(tree, SD!)).toEqual({
      path: '/dev/sdb1',
      device: '8:17',
      label: 'SD32',
      uuid: '3A4F-1B2C',
      sizeBytes: 31914983424,
      fsType: 'vfat',
      readOnly: true,
      children: [],
    });
  });

  it('finds btrfs by its source, because its number is anonymous', () => {
    expect(deviceOf(tree, BACKUP!)).toMatchObject({ uuid: 'V-1' });
  });

  it('finds nothing for tmpfs', () => {
    expect(deviceOf(tree, RAM!)).toBeNull();
    expect(disksOf(tree, RAM!)).toEqual([]);
  });

  it('walks up to the disks, through encryption and mirrors', () => {
    expect(disksOf(tree, SD!)).toEqual(['/dev/sdb']);
    expect(disksOf(tree, BACKUP!)).toEqual(['/dev/sda']);
    expect(disksOf(tree, MIRROR!)).toEqual(['/dev/sdc', '/dev/sdd']);
  });

  it.each([
    '',
    '{',
    '[]',
    '{"blockdevices": 1}',
    '{"blockdevices": [{"path": 1}]}',
  ])('is empty when it prints %j', (output) => {
    expect(parseLsblk(output)).toEqual([]);
  });

  it.each([0, null, 'much', -1, 1.5])('knows no size for %j', (size) => {
    const [disk] = parseLsblk(JSON.stringify({ blockdevices: [node('sda', '8:0', { size })] }));
    expect(disk?.sizeBytes).toBeNull();
  });

  it('is called with arguments only, and is empty when it is missing', async () => {
    const calls: unknown[] = [];
    const run: RunTool = async (...call) => {
      calls.push(call);
      return null;
    };
    expect(await listBlockDevices(run)).toEqual([]);
    expect(calls).toEqual([['lsblk', ['-J', '-b', '-o', 'NAME,PATH,MAJ:MIN,LABEL,UUID,SIZE,FSTYPE,RO']]]);
  });
});

describe('the system disk', () => {
  const paths = [...SYSTEM_PATHS, '/var/lib/imagetank'];
  const isSystem = (path: string, tree = parseLsblk(PI), system: readonly string[] = paths) =>
    at(path).map((mount) => isOnSystemDisk(mount, MOUNTS, tree, system));

  it.each([
    ['/', true],
    ['/boot/firmware', true],
    ['/media/spare', true],
    ['/media/bind', true],
    ['/media/backup', false],
    ['/media/sd', false],
    ['/media/mirror', false],
    ['/media/ram', false],
    ['/media/unknown', false],
  ])('%s: %s', (path, expected) => {
    expect(isSystem(path)).toEqual([expected]);
  });

  it('is also the one that holds the state folder', () => {
    expect(isSystem('/media/mirror', parseLsblk(PI), ['/', '/media/mirror/state'])).toEqual([true]);
  });

  it('is known by the same file system without lsblk', () => {
    expect(isSystem('/media/bind', [])).toEqual([true]);
    expect(isSystem('/media/spare', [])).toEqual([false]);
  });

  it('is seen through the overlay of the read-only mode of raspi-config', () => {
    const mounts = parseMountinfo(
      Buffer.from(
        [
          '1 0 0:30 / / rw - overlay overlay rw,lowerdir=/media/root-ro,upperdir=/media/root-rw/overlay,workdir=/w',
          '2 1 179:2 / /media/root-ro ro - ext4 /dev/mmcblk0p2 ro',
          '3 1 0:31 / /media/root-rw rw - tmpfs tmpfs rw',
          '4 1 179:3 / /media/spare rw - exfat /dev/mmcblk0p3 rw',
          '5 1 8:17 / /media/sd rw - vfat /dev/sdb1 rw',
        ].join('\n'),
      ),
    );
    const found = mounts.map((mount) => isOnSystemDisk(mount, mounts, parseLsblk(PI), SYSTEM_PATHS));
    expect(found).toEqual([true, true, true, true, false]);
  });
});

describe('blkid', () => {
  it('reads label, UUID and kind', async () => {
    const run: RunTool = async () => 'DEVNAME=/dev/sdb1\nLABEL=My\\ Card\nUUID=3A4F-1B2C\nTYPE=vfat\nX=a=b\n';
    expect(await probeSuperblock('/dev/sdb1', run)).toEqual({
      label: 'My Card',
      uuid: '3A4F-1B2C',
      fsType: 'vfat',
    });
  });

  it('knows nothing when it may not read the device', async () => {
    const nothing = { label: null, uuid: null, fsType: null };
    expect(await probeSuperblock('/dev/sdb1', async () => null)).toEqual(nothing);
    expect(await probeSuperblock('/dev/sdb1', async () => 'LABEL=\n')).toEqual(nothing);
  });
});

describe('describing volumes', () => {
  /** Answers as the tools would, and counts. */
  const tools = (answers: { lsblk: readonly (string | null)[]; blkid?: string }) => {
    const calls: string[] = [];
    const left = [...answers.lsblk];
    const run: RunTool = async (file) => {
      calls.push(file);
      return file === 'lsblk'
        ? ((left.length > 1 ? left.shift() : left[0]) ?? null)
        : (answers.blkid ?? null);
    };
    return { calls, run };
  };

  it('says all about a card', async () => {
    const { run } = tools({ lsblk: [PI] });
    expect(await new VolumeDescriber(SYSTEM_PATHS, run).describe([SD!], MOUNTS)).toEqual([
      {
        mountId: 5,
        path: '/media/sd',
        label: 'SD32',
        uuid: '3A4F-1B2C',
        device: '/dev/sdb1',
        sizeBytes: 31914983424,
        system: false,
        fsType: 'vfat',
        readOnly: true,
      },
    ]);
  });

  it('has nulls for tmpfs, for an unknown device, and without lsblk', async () => {
    const nulls = { label: null, uuid: null, device: null, sizeBytes: null, system: false };
    const { run } = tools({ lsblk: [PI] });
    expect(await new VolumeDescriber(SYSTEM_PATHS, run).describe([RAM!, UNKNOWN!], MOUNTS)).toMatchObject([
      { ...nulls, fsType: 'tmpfs', readOnly: false },
      { ...nulls, readOnly: true },
    ]);
    const missing = tools({ lsblk: [null] });
    expect(await new VolumeDescriber([], missing.run).describe([SD!], MOUNTS)).toMatchObject([nulls]);
  });

  it('asks once for each mount, and keeps the answer when lsblk fails later', async () => {
    const { calls, run } = tools({ lsblk: [PI, null] });
    const describer = new VolumeDescriber(SYSTEM_PATHS, run);
    const first = await describer.describe([SD!], MOUNTS);
    expect(await describer.describe([SD!], MOUNTS)).toEqual(first);
    expect(calls).toEqual(['lsblk']);
    expect(await describer.describe([SD!, BACKUP!], MOUNTS)).toMatchObject([...first, { uuid: null }]);
  });

  it('asks again after one failure', async () => {
    const { calls, run } = tools({ lsblk: [null, PI] });
    const found = await new VolumeDescriber(SYSTEM_PATHS, run).describe([SD!], MOUNTS);
    expect(found).toMatchObject([{ uuid: '3A4F-1B2C' }]);
    expect(calls).toEqual(['lsblk', 'lsblk']);
  });

  it('forgets what is no longer mounted', async () => {
    const { calls, run } = tools({ lsblk: [PI] });
    const describer = new VolumeDescriber(SYSTEM_PATHS, run);
    await describer.describe([SD!], MOUNTS);
    await describer.describe([], []);
    await describer.describe([SD!], MOUNTS);
    expect(calls).toEqual(['lsblk', 'lsblk']);
  });

  it('takes a mount id that is used again by another device for another mount', async () => {
    const { run } = tools({ lsblk: [PI] });
    const describer = new VolumeDescriber(SYSTEM_PATHS, run);
    await describer.describe([SD!], MOUNTS);
    const other = { ...SPARE!, mountId: SD!.mountId, mountPoint: SD!.mountPoint };
    expect(await describer.describe([other], [other])).toMatchObject([{ label: 'SPARE' }]);
  });

  it('reads the device itself where no udev told lsblk anything', async () => {
    const bare = JSON.stringify({ blockdevices: [node('sdb1', '8:17')] });
    const { calls, run } = tools({ lsblk: [bare], blkid: 'LABEL=L\nUUID=U\nTYPE=vfat\n' });
    expect(await new VolumeDescriber([], run).describe([SD!], MOUNTS)).toMatchObject([
      { label: 'L', uuid: 'U', device: '/dev/sdb1', sizeBytes: 1000 },
    ]);
    expect(calls).toEqual(['lsblk', 'blkid']);
  });
});
