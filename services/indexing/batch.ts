import type { Fact, FactOf } from '../../machines/facts.ts';
import type { RelativePath } from '../../machines/ids.ts';
import type { Capture, IndexedFile, VerifiedFrom } from '../../machines/media.ts';
import { isRead } from '../library/metadata-readers.ts';
import { fileName } from '../library/names.ts';
import type { DriveStore, Sighting } from '../media-ports.ts';
import type { Clock } from '../ports.ts';
import { indexedWords, RANKS } from '../projections/photos.ts';
import { type ShotDayParts, ShotDays } from './shot-days.ts';
import type { IndexTally } from './tally.ts';
import type { Touched } from './touched.ts';
import type { TwinParts } from './twins.ts';
import { twinOf } from './twins.ts';

/** One commit to the journal each, as of a backup. */
const FILES_A_FACT = 128;
/** What was read longer ago than that, or so much ago, is recorded: a stop loses no more of the work. */
const RECORD_AFTER_BYTES = 64 * 1024 * 1024;
const RECORD_AFTER_MS = 5000;

/** A file that was read whole, and stayed what it was meanwhile. */
export interface ReadFile extends Pick<Sighting, 'file' | 'version' | 'sizeBytes' | 'mtimeMs'> {
  readonly path: RelativePath;
  readonly xxh64: string;
  readonly verifiedFrom: VerifiedFrom;
}

export interface BatchParts extends Omit<ShotDayParts, 'store'> {
  readonly store: DriveStore;
  readonly emit: (fact: Fact) => Promise<void>;
  readonly clock: Pick<Clock, 'monoMs'>;
  readonly touched: Touched;
  readonly twins: TwinParts;
  /** The number of the box's counter in a name. */
  readonly numberIn: (name: string) => number | null;
  /** Throws when something else is mounted in or over the folder: what is read there is not on the drive. */
  readonly assertOnDrive: () => Promise<void>;
  /** Keeps two drives from recording one file at the same moment. */
  readonly alone: <Result>(work: () => Promise<Result>) => Promise<Result>;
  readonly tally: IndexTally;
}

/** What was read and is to be recorded together. */
export class Batch {
  readonly #parts: BatchParts;
  readonly #days: ShotDays;
  #files: ReadFile[] = [];
  #lost: FactOf<'CopiesLost'>['files'][number][] = [];
  #bytes = 0;
  #sinceMs = 0;

  constructor(parts: BatchParts) {
    this.#parts = parts;
    this.#days = new ShotDays(parts);
  }

  /** The latest moment to record what is here, when nothing is done for the next `waitMs`. */
  isDue(waitMs = 0): boolean {
    const count = this.#files.length + this.#lost.length;
    if (count === 0) return false;
    const ageMs = this.#parts.clock.monoMs() - this.#sinceMs;
    return count >= FILES_A_FACT || this.#bytes >= RECORD_AFTER_BYTES || ageMs + waitMs >= RECORD_AFTER_MS;
  }

  add(file: ReadFile): void {
    // While others wait here its bytes are counted as they are read.
    if (this.#begin()) this.#bytes = file.sizeBytes;
    this.#files.push(file);
  }

  /** So much was read behind those that wait here. */
  grow(sizeBytes: number): void {
    if (this.#files.length + this.#lost.length > 0) this.#bytes += sizeBytes;
  }

  /** It was a copy, and is none any more. */
  lose(to: RelativePath, why: 'altered' | 'missing'): void {
    this.#begin();
    this.#lost.push({ to, why });
  }

  /** True for the first one. */
  #begin(): boolean {
    if (this.#files.length + this.#lost.length > 0) return false;
    this.#sinceMs = this.#parts.clock.monoMs();
    this.#bytes = 0;
    return true;
  }

  /** Everything is durable then, or named in the tally. Throws `DriveError`. */
  async record(): Promise<void> {
    const [files, lost] = [this.#files, this.#lost];
    [this.#files, this.#lost, this.#bytes] = [[], [], 0];
    const { store, emit, touched, assertOnDrive, alone, metadata } = this.#parts;
    const driveId = store.drive.id;
    try {
      if (lost.length > 0) await emit({ type: 'CopiesLost', backupId: null, driveId, files: lost });
      const there = await this.#unchanged(files);
      if (there.length === 0) return;
      const captures = await capturesOf(there, store.drive.path, metadata);
      const days = await this.#days.of(there, captures);
      await assertOnDrive();
      // As for a copy of ours: its name is durable before anybody relies on it.
      await store.settle(there.map(({ path }) => path));
      await alone(async () => {
        const own = await this.#withoutTwins(there);
        // The last look, right before the word is given: whatever took long came before.
        await this.#tell(await this.#unchanged(own), { captures, days });
      });
    } finally {
      for (const { path } of files) touched.forget(path);
    }
  }

  /** Those that are what they were before their first byte was read; the others are named. */
  async #unchanged(files: readonly ReadFile[]): Promise<readonly ReadFile[]> {
    if (files.length === 0) return [];
    const { store, touched, tally } = this.#parts;
    const now = await store.sightAll(files.map(({ path }) => path));
    return files.filter(({ path, version }, at) => {
      const isSame = now[at]?.version === version && !touched.has(path);
      if (!isSame) tally.add('changed', path);
      return isSame;
    });
  }

  async #withoutTwins(files: readonly ReadFile[]): Promise<readonly ReadFile[]> {
    const { store, twins, tally } = this.#parts;
    const own: ReadFile[] = [];
    for (const file of files) {
      if ((await twinOf(file, store.drive.id, twins)) === null) own.push(file);
      else tally.add('linked', file.path);
    }
    return own;
  }

  async #tell(files: readonly ReadFile[], { captures, days }: Words): Promise<void> {
    const { store, emit, touched, tally } = this.#parts;
    const driveId = store.drive.id;
    for (const verifiedFrom of ['medium', 'cache'] as const) {
      const those = files.filter((file) => file.verifiedFrom === verifiedFrom);
      if (those.length === 0) continue;
      const indexed = those.map((file) => this.#indexed(file, captures.get(file), days.get(file)));
      await emit({ type: 'FilesIndexed', driveId, verifiedFrom, files: indexed });
      // Told while this was on its way to the journal: it must not outlive that word.
      const overtaken = those.filter(({ path }) => touched.has(path));
      const lost = overtaken.map(({ path }) => ({ to: path, why: 'altered' }) as const);
      if (lost.length > 0) await emit({ type: 'CopiesLost', backupId: null, driveId, files: lost });
      for (const file of those) {
        if (overtaken.includes(file)) tally.add('changed', file.path);
        else tally.indexed(verifiedFrom);
      }
    }
  }

  #indexed(
    { path, sizeBytes, xxh64, mtimeMs }: ReadFile,
    capture: Capture | undefined,
    day: string | undefined,
  ): IndexedFile {
    const number = this.#parts.numberIn(fileName(path));
    const file: IndexedFile = {
      ...{ to: path, sizeBytes, xxh64, toMtimeMs: mtimeMs },
      ...(number === null ? {} : { number }),
      ...(capture === undefined ? {} : { capture }),
    };
    const own = indexedWords(file);
    return day === undefined || own.rank < RANKS.file || own.day === day ? file : { ...file, day };
  }
}

/** What is told of files beside their contents. */
interface Words {
  readonly captures: ReadonlyMap<ReadFile, Capture>;
  readonly days: ReadonlyMap<ReadFile, string>;
}

async function capturesOf(
  files: readonly ReadFile[],
  root: string,
  metadata: ShotDayParts['metadata'],
): Promise<ReadonlyMap<ReadFile, Capture>> {
  const asked = files.filter(({ path }) => isRead(fileName(path)));
  if (asked.length === 0) return new Map();
  const found = await metadata.captures(
    asked.map(({ path }) => ({ path: `${root}/${path}`, name: fileName(path) })),
  );
  return new Map(
    asked.flatMap((file, at) => {
      const capture = found[at] ?? null;
      // One that says nothing of use is not worth its bytes in the journal.
      return capture === null || Object.keys(capture).length === 0 ? [] : [[file, capture] as const];
    }),
  );
}
