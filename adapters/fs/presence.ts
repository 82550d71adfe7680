import fs from 'node:fs';
import { isMachineFault } from './errno.ts';

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
export function lookAt(root: string, sysFolder = '/sys'): Sight {
  const { dev } = fs.statSync(root);
  const { major, minor } = deviceNumbers(dev);
  const deviceFolder = `${sysFolder}/dev/block/${major}:${minor}`;
  return { dev, deviceFolder: fs.existsSync(deviceFolder) ? deviceFolder : null };
}

/**
 * False when the root is gone, is another file system now, or its device was pulled. A pulled card stays in the list
 * of mounts; FAT then fails `statfs`, ext4 answers from memory, which is why the device itself is asked as well.
 */
export function isStillThere(root: string, sight: Sight): boolean {
  try {
    fs.statfsSync(root);
    const { dev } = fs.statSync(root);
    return dev === sight.dev && (sight.deviceFolder === null || fs.existsSync(sight.deviceFolder));
  } catch (error) {
    if (isMachineFault(error)) throw error;
    return false;
  }
}
