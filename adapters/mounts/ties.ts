import { type Disk, partOf } from './disk.ts';
import type { Mount } from './mountinfo.ts';

/**
 * Remembers which medium each mount was made of. When a card is changed in its slot, the mount of the old one stays
 * and seems to be one of the new card: the kernel gives it the same number.
 */
export class Ties {
  readonly #keys = new Map<string, string>();

  /** The mounts that still show the medium that they were made of, out of all that stand now. */
  keepTrue(mounts: readonly Mount[], disks: readonly Disk[]): readonly Mount[] {
    const standing = new Set(mounts.map(nameOf));
    for (const name of this.#keys.keys()) if (!standing.has(name)) this.#keys.delete(name);
    return mounts.filter((mount) => this.#isTrue(mount, disks));
  }

  #isTrue(mount: Mount, disks: readonly Disk[]): boolean {
    const key = partOf(disks, mount)?.key ?? null;
    const name = nameOf(mount);
    const before = this.#keys.get(name);
    if (before === undefined && key !== null) this.#keys.set(name, key);
    return before === undefined || before === key;
  }
}

/** Ids of mounts are used again by the kernel, so the id alone is not enough. */
const nameOf = (mount: Mount): string =>
  JSON.stringify([mount.mountId, mount.device, mount.source, mount.root, mount.mountPoint, mount.fsType]);
