/** The drives of the campaign: one of each file system, all in one backup. */
import type { DiskSpec } from '../../lab/images/disk.ts';
import { START_BYTES } from '../../lab/images/partition-table.ts';
import { photos } from '../../lab/images/photos.ts';
import type { Machine } from '../../lab/machine.ts';
import type { Served } from '../../lab/vm/block-node.ts';
import type { Imagetank } from '../../lab/vm/imagetank.ts';
import { Unit } from '../../lab/vm/unit.ts';

export interface DriveSpec extends DiskSpec {
  readonly fileSystem: 'ext4' | 'exfat' | 'vfat' | 'btrfs';
  /** How a power-cut volume is looked at. ext4 and btrfs replay their journals all the same. */
  readonly look: string;
}

const FOREIGN = 'ro,iocharset=utf8';

/** btrfs takes no less than 109 MB. */
export const DRIVES: readonly DriveSpec[] = [
  { fileSystem: 'ext4', label: 'ONEXT', sizeMb: 64, signature: 0xd0000001, look: 'ro' },
  { fileSystem: 'exfat', label: 'ONEXFAT', sizeMb: 64, signature: 0xd0000002, look: FOREIGN },
  { fileSystem: 'vfat', label: 'ONFAT', sizeMb: 64, signature: 0xd0000003, look: 'ro,utf8' },
  { fileSystem: 'btrfs', label: 'ONBTRFS', sizeMb: 160, signature: 0xd0000004, look: 'ro' },
];

/** Small files, which are made durable in batches, and large ones, each for itself. All different. */
export const CARD: DiskSpec = {
  fileSystem: 'vfat',
  label: 'EOS_DIGITAL',
  sizeMb: 64,
  signature: 0xca4d0001,
  files: {
    ...photos(24, 24_000),
    ...photos(12, 9_000, { folder: 'DCIM/101CANON', seed: 'b' }),
    ...photos(2, 3_300_000, { folder: 'DCIM/102CANON', seed: 'c' }),
  },
};

const BTRFS_POINT = '/media/lab-btrfs';

/**
 * imagetank mounts what it knows. btrfs it takes where its owner mounted it, with the three folders its own. One after
 * the other: four checks at once take an emulated machine longer than imagetank waits for one.
 */
export async function plugDrives(
  machine: Machine,
  served: (label: string) => Served,
  isSeen: (label: string) => Promise<unknown>,
): Promise<void> {
  for (const { label, fileSystem } of DRIVES) {
    await machine.usb.plug(label, { image: served(label) });
    const device = await machine.volume(label);
    if (fileSystem === 'btrfs') await mountBtrfs(machine, device);
    await isSeen(label);
  }
}

async function mountBtrfs({ guest }: Machine, device: string): Promise<void> {
  const folders = ['Photos', 'Other', '.imagetank'].map((name) => `${BTRFS_POINT}/${name}`).join(' ');
  await guest.sh(
    `mkdir -p ${BTRFS_POINT} && mount -o noatime ${device} ${BTRFS_POINT} && mkdir -p ${folders} && chown imagetank: ${folders}`,
  );
}

/**
 * Nothing reaches a drive because time goes by: an emulated machine is slow, and what the kernel writes after five or
 * thirty seconds would hide that nobody asked for it.
 */
export async function beLazy({ guest }: Machine): Promise<void> {
  const settings = ['writeback_centisecs=0', 'expire_centisecs=360000', 'background_ratio=70', 'ratio=80'];
  // Nor does it end because this host is slow: that is a scenario of its own.
  await new Unit(guest).setService('WatchdogSec=0');
  await guest.sh(
    settings.map((line) => `echo ${line.replace(/^(.*)=(.*)$/, '$2 > /proc/sys/vm/dirty_$1')}`).join(' && '),
  );
}

/** The same for the journals of ext4 and btrfs, as soon as they are mounted to be written. */
export async function beLazyOn({ guest }: Machine, imagetank: Imagetank): Promise<void> {
  const { drives } = await imagetank.status();
  for (const { fileSystem, label } of DRIVES) {
    const path = drives.find((drive) => drive.label === label)?.path;
    if (fileSystem !== 'ext4' && fileSystem !== 'btrfs') continue;
    await guest.sh(`mount -i -o remount,commit=600 ${path}`);
  }
}

export const PARTITION_BYTES = START_BYTES;
