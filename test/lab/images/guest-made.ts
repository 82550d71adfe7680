import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Cache } from '../build/cache.ts';
import { keyOf } from '../build/key.ts';
import type { Guest } from '../vm/guest.ts';
import type { Usb } from '../vm/usb.ts';
import { type DiskSpec, makeDisk, partitioned } from './disk.ts';
import { makeHfsPlus } from './hfs-plus.ts';
import type { FileSystem } from './partition-table.ts';

const GUEST_MADE = ['exfat', 'btrfs', 'ntfs', 'hfsplus'] as const;
type GuestMade = (typeof GUEST_MADE)[number];

export const isGuestMade = (fileSystem: FileSystem): fileSystem is GuestMade =>
  (GUEST_MADE as readonly FileSystem[]).includes(fileSystem);

/**
 * What makes the empty volume in the guest; of HFS+ we make it ourselves. Clusters of exFAT are as on a real drive (32 KiB
 * up to 32 GiB, 128 KiB beyond), not the 4 KiB of a tiny image: a folder grows by one, and a power cut just then is what
 * Linux's exFAT does not survive (ARCHITECTURE.md, known gaps).
 */
const MAKE = {
  exfat: (disk: string, label: string) => `mkfs.exfat -c 64K -L ${label} ${disk}`,
  btrfs: (disk: string, label: string) => `mkfs.btrfs -q -f -L ${label} ${disk}`,
  ntfs: (disk: string, label: string) => `mkfs.ntfs -q -Q -L ${label} ${disk}`,
  hfsplus: () => 'true',
} as const satisfies Record<GuestMade, (disk: string, label: string) => string>;

/** A machine for a moment, to let its kernel write. */
export type WithGuest = (work: (guest: Guest, usb: Usb) => Promise<void>) => Promise<void>;

/** A disk that only a kernel can fill: made once in a guest, then kept. Gives the path of the kept image. */
export async function guestMade(
  cache: Cache,
  spec: DiskSpec & { fileSystem: GuestMade },
  withGuest: WithGuest,
): Promise<string> {
  const { fileSystem, label, sizeMb, signature = 0, files = {}, modified } = spec;
  const parts = Object.entries(files).flat();
  const made = `${MAKE[fileSystem]('', label)} ${sizeMb} ${signature} ${modified?.toISOString()}`;
  const key = keyOf([fileSystem, made, ...parts]);
  const { dir } = await cache.stage(`disk-${fileSystem}-${label}`, key, async (draft) => {
    const image = join(draft, 'disk.img');
    const source = join(draft, 'source.img');
    partitioned(image, spec);
    if (fileSystem === 'hfsplus') makeHfsPlus(image, label, sizeMb << 20);
    await makeDisk(source, { ...spec, fileSystem: 'ext4', label: 'LABSOURCE', signature: 0xcafeffff });
    await withGuest(async (guest, usb) => {
      await usb.plug('source', { image: source, readOnly: true });
      await usb.plug('made', { image, serial: 'MADE' });
      const disk = '/dev/disk/by-id/usb-QEMU_QEMU_HARDDISK_MADE-0:0-part1';
      await guest.awaitPath(disk);
      await guest.awaitPath('/dev/disk/by-label/LABSOURCE');
      await guest.sh(
        [
          MAKE[fileSystem](disk, label),
          'mkdir -p /mnt/from /mnt/to',
          'mount -o ro,noload /dev/disk/by-label/LABSOURCE /mnt/from',
          `mount ${disk} /mnt/to`,
          'rmdir /mnt/from/lost+found 2>/dev/null || true',
          'for entry in /mnt/from/*; do case $entry in */lost+found) ;; *) cp -r --preserve=timestamps "$entry" /mnt/to/ ;; esac; done',
          'umount /mnt/to /mnt/from',
        ].join(' && '),
      );
    });
    rmSync(source);
    renameSync(image, join(draft, `${label}.img`));
  });
  return join(dir, `${label}.img`);
}
