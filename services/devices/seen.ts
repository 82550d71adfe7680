import type { BlockVolume, DeviceListing, MountedVolume, MountTarget, Places } from './ports.ts';

/** The mount helper mounts below this folder and nowhere else (`adapters/systemd/imagetank-mount`). */
export const MOUNT_ROOT = '/media/imagetank';

/** One insertion of a volume as a listing shows it: its block device, where it is mounted, or both. */
export interface Seen {
  /** The same for as long as this medium stays: `sda1#17`, or `mount 42` without a block device. */
  readonly key: string;
  /** Null for tmpfs, network and others without a device. */
  readonly block: BlockVolume | null;
  readonly mount: MountedVolume | null;
}

/** Every volume of a listing once; one that is mounted several times counts where the helper mounted it, else where it is first. */
export function seenIn({ blocks, mounts }: DeviceListing): ReadonlyMap<string, Seen> {
  const seen = new Map<string, Seen>();
  for (const block of blocks) seen.set(block.key, { key: block.key, block, mount: null });
  for (const mount of mounts) {
    const key = mount.block ?? `mount ${mount.mountId}`;
    const other = seen.get(key)?.mount ?? null;
    if (other === null || (!isOurs(other) && isOurs(mount))) {
      seen.set(key, { key, block: seen.get(key)?.block ?? null, mount });
    }
  }
  return seen;
}

/** Mounted by the helper, now or for an earlier daemon. */
export const isOurs = ({ path }: { readonly path: string }): boolean => path.startsWith(`${MOUNT_ROOT}/`);

/** As people know it: `/dev/sda1`, or the mount point where there is no device. */
export const nodeOf = ({ block, mount, key }: Seen): string =>
  block?.hardware.node ?? mount?.device ?? mount?.path ?? key;

/** What the helper needs to know of it; null without a block device. */
export const targetOf = ({ block, key }: Seen): MountTarget | null =>
  block === null ? null : { node: block.hardware.node, key };

/**
 * This process sees the volume at that path. The empty folder below a mount point looks like a card without a single
 * photo: in another mount namespace, or when somebody let go of it meanwhile.
 */
export async function isMountOf(path: string, node: string, places: Places): Promise<boolean> {
  const there = await places.volumeOf(path).catch(() => null);
  return there !== null && there.device === node && there.path === path;
}
