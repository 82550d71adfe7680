import { type BlockDevice, disksOf } from './lsblk.ts';
import { type Mount, mountOf } from './mountinfo.ts';

/** Where a Raspberry Pi keeps its system; the state folder is added by the caller. */
export const SYSTEM_PATHS = ['/', '/boot', '/boot/firmware'] as const;

/**
 * True when a mount lies on a disk that the running system needs: the same file system, or any partition of the same
 * disk. Without lsblk only the same file system is recognised.
 */
export function isOnSystemDisk(
  mount: Mount,
  mounts: readonly Mount[],
  tree: readonly BlockDevice[],
  systemPaths: readonly string[],
): boolean {
  const system = systemMounts(mounts, systemPaths);
  if (system.some((one) => one.device === mount.device)) return true;
  const disks = new Set(system.flatMap((one) => disksOf(tree, one)));
  return disksOf(tree, mount).some((disk) => disks.has(disk));
}

function systemMounts(mounts: readonly Mount[], paths: readonly string[]): readonly Mount[] {
  return paths.flatMap((path) => {
    const mount = mountOf(mounts, path);
    return mount === null ? [] : [mount, ...layersOf(mount, mounts)];
  });
}

/** With raspi-config's read-only mode `/` is an overlay over `/media/root-ro` and `/media/root-rw`: those are the system. */
function layersOf(mount: Mount, mounts: readonly Mount[]): readonly Mount[] {
  if (mount.fsType !== 'overlay') return [];
  const folders = mount.superOptions.flatMap((option) => {
    const [name, value] = option.split('=', 2);
    return name === 'lowerdir' || name === 'upperdir' ? (value ?? '').split(':') : [];
  });
  return folders.flatMap((folder) => mountOf(mounts, folder) ?? []);
}
