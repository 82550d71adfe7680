import type { RelativePath } from '../../machines/ids.ts';
import { isDriveError } from '../errors.ts';
import { isAsRecorded } from '../library/as-recorded.ts';
import type { Sighting } from '../media-ports.ts';
import type { Catalogue, Copy } from '../ports.ts';
import type { Pace } from '../verify/pace.ts';
import type { FolderReader } from '../verify/ports.ts';
import type { Batch, BatchParts, ReadFile } from './batch.ts';
import type { Listed, Promised } from './listing.ts';

export interface LookingParts extends Pick<BatchParts, 'store' | 'touched' | 'tally'> {
  readonly catalogue: Pick<Catalogue, 'copyAt'>;
  /** For what another tool listed without XXH64. */
  readonly reader: Pick<FolderReader, 'hash'>;
  readonly pace: Pace;
  readonly rateBytesPerSecond: number | null;
  readonly batch: Batch;
  /** Nothing is read, nothing is recorded. */
  readonly isDryRun: boolean;
}

/** Looks at one file after the other, and reads those of which nobody knows what is in them. */
export class Looking {
  readonly #parts: LookingParts;
  /** Why a reading was ended from here: that says nothing of its file. */
  #ended: { readonly reason: unknown } | null = null;

  constructor(parts: LookingParts) {
    this.#parts = parts;
  }

  /** Throws `DriveError` when the drive goes, and the reason of a stop. */
  async look({ path, found, promised }: Listed): Promise<void> {
    const { store, catalogue, batch, tally, isDryRun, pace } = this.#parts;
    const copy = catalogue.copyAt(store.drive.id, path);
    if (found === null) {
      tally.add('missing', path);
      if (copy !== null && !isDryRun) batch.lose(path, 'missing');
    } else if (copy?.state === 'verified' && isAsRecorded(store, copy, found) && agrees(copy, promised)) {
      tally.known(isListed(copy, promised));
    } else if (isDryRun) {
      tally.unread(found.sizeBytes);
    } else {
      // What waits for a backup to end must not wait with it.
      if (pace.isHeldUp) await batch.record();
      await pace.clear();
      await this.#read(path, copy, promised);
    }
    if (batch.isDue()) await batch.record();
  }

  async #read(path: RelativePath, copy: Copy | null, promised: Promised | null): Promise<void> {
    const { batch, tally, touched } = this.#parts;
    touched.watch(path);
    const read = await this.#steady(path, promised);
    if (typeof read === 'string') {
      touched.forget(path);
      tally.add(read, path);
    } else if (!holds(read, copy) || !isKept(read, promised)) {
      touched.forget(path);
      tally.add('altered', path);
      if (copy !== null) batch.lose(path, 'altered');
    } else batch.add(read);
  }

  /** The file as it was from before the opening until after the last byte; or why that cannot be said. */
  async #steady(path: RelativePath, promised: Promised | null): Promise<Reading | 'changed' | 'unreadable'> {
    const { store } = this.#parts;
    try {
      const before = await this.#sight(path);
      const read = await store.readBack(path, this.#afterBlock);
      const format = promised?.hash?.format ?? 'xxh64';
      // XXH64 is what counts here; what another tool wrote is read once more, both hashes in that reading.
      const again = format === 'xxh64' ? null : await this.#again(path, format);
      const after = await this.#sight(path);
      const isSame = before !== null && before.version === after?.version;
      const isOne = read.sizeBytes === before?.sizeBytes && (again === null || again.also === read.xxh64);
      if (!isSame || !isOne) return 'changed';
      return { path, ...before, ...read, other: again?.value ?? null };
    } catch (error) {
      if (this.#ended !== null) throw this.#ended.reason;
      if (!isDriveError(error) || error.reason === 'drive-lost') throw error;
      return 'unreadable';
    }
  }

  #again(path: RelativePath, format: NonNullable<Promised['hash']>['format']) {
    return this.#parts.reader.hash(path, format, this.#afterBlock, 'xxh64');
  }

  async #sight(path: RelativePath): Promise<Sighting | null> {
    const [sighting = null] = await this.#parts.store.sightAll([path]);
    return sighting;
  }

  readonly #afterBlock = async (sizeBytes: number): Promise<void> => {
    const { pace, batch, rateBytesPerSecond: rate } = this.#parts;
    const waitMs = rate === null ? 0 : (sizeBytes / rate) * 1000;
    try {
      batch.grow(sizeBytes);
      if (pace.isHeldUp || batch.isDue(waitMs)) await batch.record();
      await pace.spend(sizeBytes);
    } catch (reason) {
      this.#ended = { reason };
      throw reason;
    }
  };
}

interface Reading extends ReadFile {
  /** In the format of the manifest where that is not XXH64. */
  readonly other: string | null;
}

/** The journal was right when it recorded the copy: only what a manifest says in XXH64 can be held against it unread. */
function agrees(copy: Copy, promised: Promised | null): boolean {
  if (promised === null) return true;
  const { sizeBytes, hash } = promised;
  if (sizeBytes !== null && sizeBytes !== copy.sizeBytes) return false;
  return hash?.format !== 'xxh64' || hash.value === copy.xxh64;
}

/** In a manifest, with this very hash. */
const isListed = (copy: Copy, promised: Promised | null): boolean =>
  promised?.hash?.format === 'xxh64' && promised.hash.value === copy.xxh64;

/** What was recorded, or claimed by a manifest of the drive, is what lies there. */
const holds = ({ xxh64, sizeBytes }: Reading, copy: Copy | null): boolean =>
  copy === null || (copy.xxh64 === xxh64 && copy.sizeBytes === sizeBytes);

function isKept({ xxh64, other, sizeBytes }: Reading, promised: Promised | null): boolean {
  if (promised === null) return true;
  if (promised.sizeBytes !== null && promised.sizeBytes !== sizeBytes) return false;
  return promised.hash === null || promised.hash.value === (other ?? xxh64);
}
