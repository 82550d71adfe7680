import { readFileSync, writeFileSync } from 'node:fs';
import { SECTOR_BYTES, START_BYTES } from './partition-table.ts';

const FIRST_ENTRY = 446;
const ENTRY_BYTES = 16;
/** Of an entry: its first sector, 32 bits. */
const START = 8;

/** One disk with the partitions of two, one behind the other. */
export function joined(path: string, first: string, second: string): void {
  const [one, other] = [readFileSync(first), readFileSync(second)];
  const entry = Buffer.from(other.subarray(FIRST_ENTRY, FIRST_ENTRY + ENTRY_BYTES));
  entry.writeUInt32LE(one.length / SECTOR_BYTES, START);
  one.set(entry, FIRST_ENTRY + ENTRY_BYTES);
  writeFileSync(path, Buffer.concat([one, other.subarray(START_BYTES)]));
}
