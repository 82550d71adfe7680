import { access, stat, statfs } from 'node:fs/promises';
import { errnoOf } from './errno.ts';

/** What tells a root from the empty folder below its mount point, and from a device that was pulled. */
export interface Sight {
  /** `st_dev`: another file system has another one. */
  readonly dev: number;
  /** The device's folder in sysfs, which goes when the device goes; null for tmpfs, btrfs, FUSE and the like. */
  readonly deviceFolder: string | null;
}

/** Major and minor number as Linux packs them into `st_dev` (`gnu_dev_major`, `gnu_dev_minor` of sys/sysmacros.h). */
export function deviceNumbers(dev: number): { readonly major: number; readonly minor: number } {
  const packed = BigInt(dev);
  return {
    major: Number(((packed >> 8n) & 0xfffn) | ((packed >> 32n) & 0xfffff000n)),
    minor: Number((packed & 0xffn) | ((packed >> 12n) & 0xffffff00n)),
  };
}

/** Looks at a root for the first time. Throws the system's error when it is not there. */
export async function lookAt(root: string, sysFolder = '/sys'): Promise<Sight> {
  const { dev } = await stat(root);
  const { major, minor } = deviceNumbers(dev);
  const deviceFolder = `${sysFolder}/dev/block/${major}:${minor}`;
  return { dev, deviceFolder: (await exists(deviceFolder)) ? deviceFolder : null };
}

/**
 * False when the root is gone, is another file system now, or its device was pulled. A pulled card stays in the list
 * of mounts; FAT then fails `statfs`, ext4 answers from memory, which is why the device itself is asked as well.
 */
export async function isStillThere(root: string, sight: Sight): Promise<boolean> {
  try {
    const [now] = await Promise.all([stat(root), statfs(root)]);
    return now.dev === sight.dev && (sight.deviceFolder === null || (await exists(sight.deviceFolder)));
  } catch (error) {
    // Short of files or memory here says nothing about the device.
    if (['EMFILE', 'ENFILE', 'ENOMEM'].includes(errnoOf(error) ?? '')) throw error;
    return false;
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
