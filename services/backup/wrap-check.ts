import type { RelativePath } from '../../machines/ids.ts';
import { DriveError, isDriveError } from '../errors.ts';
import type { DriveStore, ReadBack } from '../media-ports.ts';
import { HEAD_BYTES, keyOf } from './content.ts';
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
  /** Of its first 64 KiB: of a file that is too large for the sample only these are read. Null where nobody knows. */
  readonly headXxh64: string | null;
}

export interface BrokenSample {
  /** To be told as `CopiesLost` before the drive is given up. */
  readonly lost: LostCopies;
  readonly error: DriveError;
}

/**
 * Keeps the first 8 placed files and up to 24 spread evenly over all that follow, without holding the others: whenever
 * the sample is full every second one of the spread is dropped and the step doubles.
 */
export class PlacedSample {
  readonly #first: PlacedFile[] = [];
  #spread: PlacedFile[] = [];
  #step = 1;
  #seen = 0;

  add(file: PlacedFile): void {
    if (file.sizeBytes === 0) return;
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
 * wraps around, and the last files overwrite the first ones after these were read back and found good. Reads 64 MiB of
 * whole files at most, the first ones first, and the beginnings of what is larger. Null when all is as written. Never throws `DriveError`: it is in the answer.
 */
export async function sampleIntact(
  store: Pick<DriveStore, 'drive' | 'readBack' | 'readHead'>,
  files: readonly PlacedFile[],
  onReadBack: (result: ReadBack) => void,
): Promise<BrokenSample | null> {
  const lost: { readonly to: RelativePath; readonly why: 'altered' }[] = [];
  let left = MAX_SAMPLE_BYTES;
  for (const file of files) {
    const isWhole = file.sizeBytes <= left;
    if (!isWhole && file.headXxh64 === null) continue;
    if (isWhole) left -= file.sizeBytes;
    try {
      const result = isWhole ? await store.readBack(file.to) : await store.readHead(file.to, HEAD_BYTES);
      onReadBack(result);
      const good = isWhole ? keyOf(result) === keyOf(file) : result.xxh64 === file.headXxh64;
      if (!good) lost.push({ to: file.to, why: 'altered' });
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
