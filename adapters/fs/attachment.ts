import fs, { constants } from 'node:fs';
import { deviceNumbers } from './presence.ts';

/**
 * What stays the same from when a drive is attached until it is detached, and is another one after that: the kernel's
 * number of the disk (`diskseq`, since Linux 5.15), which a mount of its own does not change. Where there is no disk, or
 * an older kernel: the mount.
 */
export function attachmentOf(root: string, sysFolder = '/sys'): string {
  const fd = fs.openSync(root, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    const { dev } = fs.fstatSync(fd);
    const mount = /^mnt_id:\s*(\d+)$/m.exec(fs.readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1] ?? '';
    const disk = diskOf(dev, sysFolder) ?? diskOf(sourceOf(mount), sysFolder);
    return disk === null ? `mount ${mount} of ${dev}` : `disk ${disk}`;
  } finally {
    fs.closeSync(fd);
  }
}

/** Null where the device has no number. */
function diskOf(dev: number | null, sysFolder: string): string | null {
  if (dev === null) return null;
  const { major, minor } = deviceNumbers(dev);
  const folder = `${sysFolder}/dev/block/${major}:${minor}`;
  // A partition's folder lies in that of its disk; the kernel goes there through the link.
  return read(`${folder}/diskseq`) ?? read(`${folder}/../diskseq`);
}

/** btrfs has a device number of its own; its mount names one of its devices. */
function sourceOf(mount: string): number | null {
  const line = read('/proc/self/mountinfo')
    ?.split('\n')
    .find((each) => each.startsWith(`${mount} `));
  const source = line?.split(' - ')[1]?.split(' ')[1];
  if (source?.startsWith('/dev/') !== true) return null;
  return fs.statSync(source, { throwIfNoEntry: false })?.rdev ?? null;
}

function read(path: string): string | null {
  try {
    return fs.readFileSync(path, 'utf8').trim();
  } catch {
    // Not there: an older kernel, or no disk.
    return null;
  }
}
