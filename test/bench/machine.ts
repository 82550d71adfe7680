/** What the benchmark asks of Linux about disks and memory. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { run } from './processes.ts';

const SECTOR_BYTES = 512;

export const isRoot = (): boolean => process.getuid?.() === 0;

/** `8:1`, as /proc/diskstats and cgroups name the device below a folder. */
export function deviceNumber(folder: string): { readonly major: number; readonly minor: number } {
  const dev = BigInt(statSync(folder).dev);
  // As Linux packs them into st_dev: gnu_dev_major and gnu_dev_minor of sys/sysmacros.h.
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & 0xfffff000n);
  const minor = (dev & 0xffn) | ((dev >> 12n) & 0xffffff00n);
  return { major: Number(major), minor: Number(minor) };
}

/** Sectors read from the device below a folder since boot, in bytes; null where the kernel keeps no count of it. */
export function deviceReadBytes(folder: string): number | null {
  const { major, minor } = deviceNumber(folder);
  // Documentation/admin-guide/iostats.rst: major, minor, name, reads, merged, sectors read.
  const rows = readFileSync('/proc/diskstats', 'utf8')
    .split('\n')
    .map((row) => row.trim().split(/\s+/));
  const row = rows.find((columns) => columns[0] === String(major) && columns[1] === String(minor));
  return row === undefined ? null : Number(row[5]) * SECTOR_BYTES;
}

/** Everything that was written is on its disks; with root, nothing that was read is in memory any more. */
export async function settle(): Promise<void> {
  await run('sync', []);
  // Documentation/admin-guide/sysctl/vm.rst: page cache, directory entries and inodes.
  if (isRoot()) writeFileSync('/proc/sys/vm/drop_caches', '3');
}
