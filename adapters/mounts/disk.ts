import type { DiskHardware } from './hardware.ts';
import type { Mount } from './mountinfo.ts';

/** A disk or a partition, as sysfs shows it. */
export interface BlockNode {
  /** Kernel name, `sda1`. */
  readonly name: string;
  /** Device node, `/dev/sda1`, `/dev/mapper/vault`. */
  readonly path: string;
  /** `major:minor`. */
  readonly device: string;
  readonly sizeBytes: number;
  readonly readOnly: boolean;
  /** Null for a whole disk. */
  readonly partition: number | null;
  /** Kernel names of what is stacked on it (LUKS, LVM, RAID): then it is no volume itself. */
  readonly holders: readonly string[];
  readonly inode: number | null;
}

/** A disk with a medium in it. */
export interface Disk extends BlockNode {
  /** Changes with the medium: the disk sequence number, or what else there is. */
  readonly medium: string;
  readonly removable: boolean;
  readonly hardware: DiskHardware;
  readonly partitions: readonly BlockNode[];
  /** Kernel names of what it is stacked on. */
  readonly slaves: readonly string[];
}

/** A partition, or a disk without partitions. */
export interface Part {
  readonly node: BlockNode;
  readonly disk: Disk;
  /** See `BlockVolume.key`. */
  readonly key: string;
}

export const partsOf = (disk: Disk): readonly Part[] =>
  (disk.partitions.length > 0 ? disk.partitions : [disk]).map((node) => ({
    node,
    disk,
    key: `${node.name}#${disk.medium}`,
  }));

/** btrfs mounts carry an anonymous number, only their source names the device. */
export function partOf(disks: readonly Disk[], mount: Mount): Part | null {
  const parts = disks.flatMap(partsOf);
  const isNumbered = (part: Part) => part.node.device === mount.device;
  const isNamed = (part: Part) => part.node.path === mount.source;
  return parts.find(isNumbered) ?? (mount.device.startsWith('0:') ? parts.find(isNamed) : null) ?? null;
}

/** Disks without anything below them on which a disk stands: several for RAID, itself for any other. */
export function bottomsOf(disks: readonly Disk[], disk: Disk): readonly Disk[] {
  const below = disk.slaves.flatMap((name) =>
    disks.filter(
      (one) => one !== disk && (one.name === name || one.partitions.some((part) => part.name === name)),
    ),
  );
  return below.length === 0 ? [disk] : below.flatMap((one) => bottomsOf(disks, one));
}
