import { readFileSync, writeFileSync } from 'node:fs';
import { SECTOR_BYTES, START_BYTES } from './partition-table.ts';

/** FAT32 entries: 28 bits. */
const ENTRY_BYTES = 4;
/** BS_Reserved1 of FAT32; 1: not let go of (kernel, fs/fat/fat.h, FAT_STATE_DIRTY). */
const STATE = 65;
const DIRTY = 1;

/**
 * Damages the one FAT32 partition of a disk: the file with the first content goes on in the clusters of the other, in
 * both tables, and the volume was not let go of. Throws when one of them does not lie there in one piece.
 */
export function crossLink(image: string, from: Buffer, to: Buffer): void {
  const disk = readFileSync(image);
  const volume = disk.subarray(START_BYTES);
  const sectorsPerCluster = volume.readUInt8(13);
  const reserved = volume.readUInt16LE(14);
  const tables = volume.readUInt8(16);
  const sectorsPerTable = volume.readUInt32LE(36);
  const clusterOf = (content: Buffer): number => {
    const at = volume.indexOf(content);
    if (at < 0) throw new Error(`the file does not lie in one piece in ${image}`);
    const sector = at / SECTOR_BYTES - reserved - tables * sectorsPerTable;
    return 2 + sector / sectorsPerCluster;
  };
  const [cluster, other] = [clusterOf(from), clusterOf(to)];
  for (let table = 0; table < tables; table += 1) {
    const start = (reserved + table * sectorsPerTable) * SECTOR_BYTES;
    volume.writeUInt32LE(other, start + cluster * ENTRY_BYTES);
  }
  volume.writeUInt8(volume.readUInt8(STATE) | DIRTY, STATE);
  writeFileSync(image, disk);
}
