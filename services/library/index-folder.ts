import type { FactOf } from '../../machines/facts.ts';
import type { DriveId, RelativePath } from '../../machines/ids.ts';
import type { IndexedFile } from '../../machines/media.ts';
import { isDriveError } from '../errors.ts';
import { ASCMHL_FOLDER } from '../manifest/names.ts';
import { SYSTEM_PATTERNS } from '../manifest/system-files.ts';
import type { DriveStore, Found, ReadBack } from '../media-ports.ts';
import type { Catalogue } from '../ports.ts';
import { ignoreRule } from '../verify/ignore.ts';
import type { Pace } from '../verify/pace.ts';
import { isAsRecorded } from './as-recorded.ts';

/** One commit to the journal each, as of a backup. */
const FILES_A_FACT = 128;

export interface IndexJob {
  readonly store: DriveStore;
  /** Of the drive, below its top. */
  readonly folder: RelativePath;
  readonly catalogue: Pick<Catalogue, 'copyAt'>;
  readonly emit: (fact: FactOf<'FilesIndexed'> | FactOf<'CopiesLost'>) => Promise<void>;
  readonly pace: Pace;
  /** Throws when something else is mounted below the folder: what is read there is not on the drive. */
  readonly assertOnDrive: () => Promise<void>;
}

type FoundFile = Found & { readonly path: RelativePath };

/** What became of one file. */
export interface Indexed {
  readonly path: RelativePath;
  readonly sizeBytes: number;
  readonly outcome: 'indexed' | 'known' | 'altered' | 'unreadable';
}

/** Files that systems leave behind, and the manifests themselves, are no part of a library. */
const isIgnored = ignoreRule([...SYSTEM_PATTERNS, `${ASCMHL_FOLDER}/`]);

/** Every file of the folder that may be indexed, depth first. Throws `DriveError`. */
export async function* filesOf(store: DriveStore, folder: RelativePath): AsyncGenerator<FoundFile> {
  for await (const found of store.walk(folder)) if (!isIgnored(found.path)) yield found;
}

/**
 * Reads every file that is no verified copy yet from the medium and records it as one; nothing is written but facts. What
 * was recorded with another content is `altered` and loses its mark, as `verify` would say. One outcome a file; all of them
 * are durable at its end. Throws `DriveError` when the drive goes, and the reason of a stop.
 */
export async function* indexFolder(job: IndexJob): AsyncGenerator<Indexed> {
  const batch = new Batch(job);
  await job.assertOnDrive();
  for await (const found of filesOf(job.store, job.folder)) {
    await job.pace.clear();
    const { path, sizeBytes } = found;
    const outcome = await look(found, job, batch);
    yield { path, sizeBytes, outcome };
    if (batch.isFull) await batch.record();
  }
  await batch.record();
}

async function look(found: FoundFile, job: IndexJob, batch: Batch): Promise<Indexed['outcome']> {
  const { store, catalogue } = job;
  const { path } = found;
  const copy = catalogue.copyAt(store.drive.id, path);
  const isVerified = copy?.state === 'verified';
  if (isVerified && isAsRecorded(store, copy, found)) return 'known';
  const read = await readSteady(found, job);
  if (read === null) return 'unreadable';
  if (copy !== null && (copy.xxh64 !== read.xxh64 || copy.sizeBytes !== read.sizeBytes)) {
    batch.lose(path);
    return 'altered';
  }
  batch.add({ to: path, sizeBytes: read.sizeBytes, xxh64: read.xxh64, toMtimeMs: found.mtimeMs }, read);
  return 'indexed';
}

/** Null for what cannot be read, and for what was written to meanwhile. Throws when the drive itself is gone. */
async function readSteady({ path, sizeBytes, mtimeMs }: FoundFile, { store, pace }: IndexJob) {
  try {
    const read = await store.readBack(path, pace.spend);
    const after = await store.stat(path);
    const isSteady =
      read.sizeBytes === sizeBytes && after?.sizeBytes === sizeBytes && after.mtimeMs === mtimeMs;
    return isSteady ? read : null;
  } catch (error) {
    if (!isDriveError(error) || error.reason === 'drive-lost') throw error;
    return null;
  }
}

/** What is to be recorded together. */
class Batch {
  readonly #job: IndexJob;
  readonly #driveId: DriveId;
  #files: IndexedFile[] = [];
  #lost: FactOf<'CopiesLost'>['files'][number][] = [];
  #isFromCache = false;

  constructor(job: IndexJob) {
    this.#job = job;
    this.#driveId = job.store.drive.id;
  }

  get isFull(): boolean {
    return this.#files.length + this.#lost.length >= FILES_A_FACT;
  }

  add(file: IndexedFile, { verifiedFrom }: ReadBack): void {
    this.#files.push(file);
    this.#isFromCache ||= verifiedFrom === 'cache';
  }

  lose(to: RelativePath): void {
    this.#lost.push({ to, why: 'altered' });
  }

  async record(): Promise<void> {
    const { store, emit, assertOnDrive } = this.#job;
    const driveId = this.#driveId;
    if (this.#lost.length > 0) {
      await emit({ type: 'CopiesLost', backupId: null, driveId, files: this.#lost });
      this.#lost = [];
    }
    if (this.#files.length === 0) return;
    await assertOnDrive();
    // As for a copy of ours: its name is durable before anybody relies on it.
    await store.settle(this.#files.map(({ to }) => to));
    const verifiedFrom = this.#isFromCache ? 'cache' : 'medium';
    await emit({ type: 'FilesIndexed', driveId, verifiedFrom, files: this.#files });
    this.#files = [];
    this.#isFromCache = false;
  }
}
