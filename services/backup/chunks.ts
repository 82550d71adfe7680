import type { PlannedGroup } from './drive-plan.ts';

/** Larger files are read block by block: 256 KiB is where a trip of their own costs less than their bytes. */
const MAX_SMALL_BYTES = 256 * 1024;
/** `CardReader.readStarts`: so much memory at once. */
const MAX_CHUNK_BYTES = 4 * 1024 * 1024;
/** What is done with them at once holds up lights and commands for a few milliseconds. */
const MAX_CHUNK_FILES = 64;

/** Groups that are taken from the card together: one of any size, or several of small files. */
export interface Chunk {
  readonly groups: readonly PlannedGroup[];
  readonly small: boolean;
  readonly bytes: number;
  /** Of the largest file. */
  readonly largestBytes: number;
}

/** In the order of the plan. */
export function* chunksOf(groups: Iterable<PlannedGroup>): Generator<Chunk> {
  let open: PlannedGroup[] = [];
  let files = 0;
  let bytes = 0;
  let largestBytes = 0;
  for (const planned of groups) {
    const size = sizesOf(planned);
    const small = size.largest <= MAX_SMALL_BYTES;
    const largest = Math.max(largestBytes, size.largest);
    const together = files + size.files;
    const fits = small && together <= MAX_CHUNK_FILES && together * largest <= MAX_CHUNK_BYTES;
    if (!fits && open.length > 0) {
      yield { groups: open, small: true, bytes, largestBytes };
      open = [];
      [files, bytes, largestBytes] = [0, 0, 0];
    }
    if (!small || size.files > MAX_CHUNK_FILES || size.files * size.largest > MAX_CHUNK_BYTES) {
      yield { groups: [planned], small: false, bytes: size.bytes, largestBytes: size.largest };
      continue;
    }
    open.push(planned);
    files += size.files;
    bytes += size.bytes;
    largestBytes = Math.max(largestBytes, size.largest);
  }
  if (open.length > 0) yield { groups: open, small: true, bytes, largestBytes };
}

function sizesOf({ group }: PlannedGroup): { files: number; bytes: number; largest: number } {
  let bytes = 0;
  let largest = 0;
  for (const { sizeBytes } of group.members) {
    bytes += sizeBytes;
    largest = Math.max(largest, sizeBytes);
  }
  return { files: group.members.length, bytes, largest };
}
