/** A classic partition table with one partition, as cameras and drives from the shop have it. */

export const SECTOR_BYTES = 512;

/** Where the partition begins: 1 MiB, as everybody's tools do since there are 4 KiB sectors. */
export const START_SECTOR = 2048;
export const START_BYTES = START_SECTOR * SECTOR_BYTES;

export type FileSystem = 'vfat' | 'exfat' | 'ext4' | 'btrfs' | 'ntfs' | 'hfsplus';

/** System ids of the table: FAT32 with LBA, exFAT and NTFS share one, Linux, Apple. */
const TYPE = {
  ...{ vfat: 0x0c, exfat: 0x07, ntfs: 0x07, ext4: 0x83, btrfs: 0x83, hfsplus: 0xaf },
} as const satisfies Record<FileSystem, number>;

const ENTRY_OFFSET = 446;
const SIGNATURE_OFFSET = 440;
/** "Not representable, use LBA" for the cylinder-head-sector fields. */
const NO_CHS = [0xfe, 0xff, 0xff] as const;

/**
 * The first sector of a disk: one partition from 1 MiB to the end. `signature` is the 32-bit number from which the
 * kernel makes PARTUUID. Throws when the disk has no room for a partition.
 */
export function partitionTable(fileSystem: FileSystem, sizeBytes: number, signature: number): Buffer {
  const sectors = Math.floor(sizeBytes / SECTOR_BYTES) - START_SECTOR;
  if (sectors <= 0) throw new Error(`a disk of ${sizeBytes} bytes has no room for a partition`);
  const table = Buffer.alloc(SECTOR_BYTES);
  table.writeUInt32LE(signature >>> 0, SIGNATURE_OFFSET);
  table.set([0x00, ...NO_CHS, TYPE[fileSystem], ...NO_CHS], ENTRY_OFFSET);
  table.writeUInt32LE(START_SECTOR, ENTRY_OFFSET + 8);
  table.writeUInt32LE(sectors, ENTRY_OFFSET + 12);
  table.writeUInt16LE(0xaa55, SECTOR_BYTES - 2);
  return table;
}
