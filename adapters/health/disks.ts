import { readlink, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** `major:minor` of the device that holds a folder, as Linux packs them into `st_dev` (makedev(3)). */
export async function deviceOfFolder(folder: string): Promise<string | null> {
  try {
    const { dev } = await stat(folder, { bigint: true });
    const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn);
    const minor = (dev & 0xffn) | ((dev >> 12n) & ~0xffn & 0xffffffffn);
    return `${major}:${minor}`;
  } catch {
    return null;
  }
}

/** Node of the disk on which a device lies: `/dev/sda` for `8:1`. Null for tmpfs, network and others without one. */
export async function diskOfDevice(sys: string, device: string): Promise<string | null> {
  try {
    // `…/block/sda` for a disk, `…/block/sda/sda1` for a partition.
    const target = await readlink(join(sys, 'dev/block', device));
    const parent = basename(dirname(target));
    const name = parent === 'block' ? basename(target) : parent;
    return `/dev/${name}`;
  } catch {
    return null;
  }
}

/** `/dev/sda` for `/dev/sda1`; a node that is no partition stays as it is. */
export async function diskOfNode(sys: string, node: string): Promise<string> {
  try {
    const target = await readlink(join(sys, 'class/block', basename(node)));
    const parent = basename(dirname(target));
    return parent === 'block' ? node : `/dev/${parent}`;
  } catch {
    return node;
  }
}
