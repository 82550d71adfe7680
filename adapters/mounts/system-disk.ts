import { bottomsOf, type Disk, partOf } from './disk.ts';
import { type Mount, mountOf } from './mountinfo.ts';

/** Where a Raspberry Pi keeps its system; the state folder is added by the caller. */
export const SYSTEM_PATHS = ['/', '/boot', '/boot/firmware'] as const;

/** The mounts that the running system needs. */
export function systemMounts(mounts: readonly Mount[], paths: readonly string[]): readonly Mount[] {
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

/** Kernel names of the disks, without others below them, on which these mounts lie. */
export function disksBelow(disks: readonly Disk[], mounts: readonly Mount[]): ReadonlySet<string> {
  const parts = mounts.flatMap((mount) => partOf(disks, mount) ?? []);
  return new Set(parts.flatMap((part) => bottomsOf(disks, part.disk)).map((disk) => disk.name));
}
