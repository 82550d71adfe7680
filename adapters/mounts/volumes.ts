import type { Hardware } from '../../machines/media.ts';
import type { BlockVolume, MountedVolume } from '../../services/devices/ports.ts';
import type { Volume } from '../../services/ports.ts';
import { bottomsOf, type Disk, type Part, partOf } from './disk.ts';
import type { BlockContent } from './lsblk.ts';
import { isBelow, isReadOnly, type Mount } from './mountinfo.ts';
import { neverHoldsPhotos } from './partition-types.ts';
import { disksBelow, systemMounts } from './system-disk.ts';

/** The kernel shows an extended partition as two sectors; the smallest file system has more. */
const EXTENDED_BYTES = 1024;

/** Disks and mounts of one moment. */
export interface Picture {
  readonly disks: readonly Disk[];
  readonly mounts: readonly Mount[];
  /** Names of the disks, without others below them, that the running system needs. */
  readonly systemDisks: ReadonlySet<string>;
  readonly systemDevices: ReadonlySet<string>;
  /** Names of the disks, without others below them, that are mounted outside of the roots. */
  readonly usedDisks: ReadonlySet<string>;
}

export function picture(
  disks: readonly Disk[],
  mounts: readonly Mount[],
  systemPaths: readonly string[],
  roots: readonly string[],
): Picture {
  const system = systemMounts(mounts, systemPaths);
  return {
    disks,
    mounts,
    systemDisks: disksBelow(disks, system),
    // Recognises at least the same file system where there is no sysfs.
    systemDevices: new Set(system.map((mount) => mount.device)),
    usedDisks: disksBelow(
      disks,
      mounts.filter(({ mountPoint }) => !roots.some((root) => isBelow(mountPoint, root))),
    ),
  };
}

/** Not of a kind that can never be mounted; what is on it is not asked here. */
export const canBeVolume = ({ node }: Part): boolean =>
  node.holders.length === 0 && (node.partition === null || node.sizeBytes > EXTENDED_BYTES);

/** Null when it is no volume: swap, a boot partition. */
export function blockVolume(
  part: Part,
  content: BlockContent,
  { disks, systemDisks, usedDisks }: Picture,
): BlockVolume | null {
  if (content.fsType === 'swap' || neverHoldsPhotos(content.partitionType)) return null;
  const bottoms = bottomsOf(disks, part.disk);
  return {
    key: part.key,
    label: content.label,
    uuid: content.uuid,
    fsType: content.fsType,
    sizeBytes: part.node.sizeBytes,
    readOnly: part.node.readOnly || part.disk.readOnly,
    system: bottoms.some((disk) => systemDisks.has(disk.name)),
    inUse: bottoms.some((disk) => usedDisks.has(disk.name)),
    removable: bottoms.every((disk) => disk.removable),
    hardware: hardware(part, content, bottoms),
  };
}

function hardware({ node, disk }: Part, content: BlockContent, bottoms: readonly Disk[]): Hardware {
  // Of a mirror the first: there is one line to show it.
  const shown = (bottoms[0] ?? disk).hardware;
  return {
    node: node.path,
    partition: node.partition,
    bus: shown.bus ?? content.transport,
    port: shown.port,
    vendor: content.vendor ?? shown.vendor,
    product: content.product ?? shown.product,
    serial: content.serial ?? shown.serial,
  };
}

/** `content` and `part` are null for mounts without a device, and where there is no sysfs. */
export function volume(
  mount: Mount,
  { part, content }: { readonly part: Part | null; readonly content: BlockContent | null },
  now: Picture,
): Volume {
  const bottoms = part === null ? [] : bottomsOf(now.disks, part.disk);
  return {
    path: mount.mountPoint,
    label: content?.label ?? null,
    uuid: content?.uuid ?? null,
    device: part?.node.path ?? null,
    sizeBytes: part?.node.sizeBytes ?? null,
    fsType: mount.fsType,
    readOnly: isReadOnly(mount) || part?.node.readOnly === true || part?.disk.readOnly === true,
    system: now.systemDevices.has(mount.device) || bottoms.some((disk) => now.systemDisks.has(disk.name)),
    hardware: part === null || content === null ? null : hardware(part, content, bottoms),
  };
}

/** The mounts with what is known of their device; those of which it is not known yet are left out. */
export function mountedVolumes(
  mounts: readonly Mount[],
  now: Picture,
  contentOf: (part: Part) => BlockContent | null,
): readonly MountedVolume[] {
  return mounts.flatMap((mount) => {
    const part = partOf(now.disks, mount);
    const content = part === null ? null : contentOf(part);
    if (part !== null && content === null) return [];
    return [{ ...volume(mount, { part, content }, now), mountId: mount.mountId, block: part?.key ?? null }];
  });
}
