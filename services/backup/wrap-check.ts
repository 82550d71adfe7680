import type { RelativePath } from '../../machines/ids.ts';
import { DriveError, isDriveError } from '../errors.ts';
import type { DriveStore, ReadBack } from '../ports.ts';
import { keyOf } from './content.ts';
import type { LostCopies } from './trust.ts';

/** The first files of a backup are those that a drive overwrites when it wraps around. */
const FIRST_FILES = 8;
const SPREAD_FILES = 24;
/** A sample may not cost what the backup cost: half a second on a slow drive. */
const MAX_SAMPLE_BYTES = 64 * 1024 * 1024;

/** What this backup placed on a drive, in the order in which it was placed. */
export interface PlacedFile {
  readonly to: RelativePath;
  readonly sizeBytes: number;
  /** 16 hexadecimal digits. */
  readonly xxh64: string;
}

export interface BrokenSample {
  /** To be told as `CopiesLost` before the drive is given up. */
  readonly lost: LostCopies;
  readonly error: DriveError;
}

/**
 * Keeps the first 8 placed files and up to 24 spread evenly over all that follow, without holding the others: whenever
 * the sample is full every second one of the spread is dropped and the step doubles. Bounded by bytes too: what alone
 * is larger than the whole sample may be is passed over.
 */
export class PlacedSample {
  readonly #first: PlacedFile[] = [];
  #spread: PlacedFile[] = [];
  #step = 1;
  #seen = 0;

  add(file: PlacedFile): void {
    if (file.sizeBytes === 0 || file.sizeBytes > MAX_SAMPLE_BYTES) return;
    if (this.#first.length < FIRST_FILES) {
      this.#first.push(file);
      return;
    }
    if (this.#seen % this.#step === 0) this.#spread.push(file);
    this.#seen += 1;
    if (this.#spread.length <= SPREAD_FILES) return;
    this.#spread = this.#spread.filter((_, at) => at % 2 === 0);
    this.#step *= 2;
  }

  get files(): readonly PlacedFile[] {
    return [...this.#first, ...this.#spread];
  }
}

/**
 * Reads a sample of what this backup placed on a drive a second time, at its end: a drive that lies about its size
 * wraps around, and the last files overwrite the first ones after these were read back and found good. Reads 64 MiB at
 * most, the first ones first. Null when all is as written. Never throws `DriveError`: it is in the answer.
 */
export async function sampleIntact(
  store: Pick<DriveStore, 'drive' | 'readBack'>,
  files: readonly PlacedFile[],
  onReadBack: (result: ReadBack) => void,
): Promise<BrokenSample | null> {
  const lost: { readonly to: RelativePath; readonly why: 'altered' }[] = [];
  let left = MAX_SAMPLE_BYTES;
  for (const file of files) {
    if (file.sizeBytes > left) continue;
    left -= file.sizeBytes;
    try {
      const result = await store.readBack(file.to);
      onReadBack(result);
      if (keyOf(result) !== keyOf(file)) lost.push({ to: file.to, why: 'altered' });
    } catch (error) {
      if (!isDriveError(error)) throw error;
      return { lost, error };
    }
  }
  const [first] = lost;
  if (first === undefined) return null;
  const detail = `${store.drive.label}: ${first.to} (${lost.length} of the files looked at) was good when it was written and is not any more: the drive has less room than it says (fake flash) or is dying`;
  return { lost, error: new DriveError('drive-failing', detail) };
}
