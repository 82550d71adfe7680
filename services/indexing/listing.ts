import type { RelativePath } from '../../machines/ids.ts';
import { OWN_FOLDER } from '../drive-folders.ts';
import type { HashValue } from '../manifest/mhl-reader.ts';
import { ASCMHL_FOLDER } from '../manifest/names.ts';
import { SYSTEM_PATTERNS } from '../manifest/system-files.ts';
import { carries } from '../manifest/xml-writer.ts';
import type { DriveStore, Found, ScannedEntry } from '../media-ports.ts';
import { Histories } from '../verify/histories.ts';
import { ignoreRule } from '../verify/ignore.ts';
import type { FolderReader } from '../verify/ports.ts';
import type { IndexTally } from './tally.ts';

/** Looked at in one call. */
const FILES_AT_ONCE = 128;

/** A file of the folder. */
export interface Listed {
  readonly path: RelativePath;
  /** Null for one that a manifest lists and that is gone. */
  readonly found: Found | null;
  /** What a manifest there says of it; null where none does. */
  readonly promised: Promised | null;
}

export interface Promised {
  readonly sizeBytes: number | null;
  /** Null where its hash is in no format that we read. */
  readonly hash: HashValue | null;
}

/** Files that systems leave behind, manifests and what is imagetank's own are no part of a library. */
const isLeftOut = ignoreRule([...SYSTEM_PATTERNS, `${ASCMHL_FOLDER}/`, `${OWN_FOLDER}/`]);

/** What a listing tells of a photo, or of what keeps it from being one. */
export function isOfLibrary({ path }: ScannedEntry): boolean {
  return !isLeftOut(path);
}

export interface ListingParts {
  readonly store: DriveStore;
  readonly folder: RelativePath;
  /** Of histories that list files of the folder, deepest first; null is the top of the drive. */
  readonly roots: readonly (RelativePath | null)[];
  readonly reader: FolderReader;
  readonly stop: AbortSignal;
  readonly tally: IndexTally;
}

/**
 * Every file of a folder once: first what manifests list there, in their order, then what no manifest knows. Names that
 * no manifest can carry, and what is no file, are named in the tally. Memory: 32 bytes for each file that is listed.
 * Throws `DriveError`, `ManifestError` and the reason of `stop`.
 */
export async function* filesOf(parts: ListingParts): AsyncGenerator<Listed> {
  const { store, folder, stop, tally } = parts;
  const histories = new Histories(parts.reader, parts.roots);
  yield* promisedFiles(histories, parts);
  for (const problem of histories.problems) tally.manifest(problem);
  for await (const entry of store.scan(folder)) {
    stop.throwIfAborted();
    if (!isOfLibrary(entry)) continue;
    const { path } = entry;
    if (entry.kind === 'unreadable') tally.add('unreadable', path);
    else if (entry.kind === 'ignored') tally.add('special', path);
    else if (entry.pathBase64 !== undefined || !carries(path)) tally.add('refused', path);
    // Under the old name of a renamed file lies another one.
    else if (!histories.knows(path) || histories.claim(path)) yield { path, found: entry, promised: null };
  }
}

async function* promisedFiles(histories: Histories, parts: ListingParts): AsyncGenerator<Listed> {
  const { store, folder, stop } = parts;
  let waiting: Omit<Listed, 'found'>[] = [];
  const flush = async function* (): AsyncGenerator<Listed> {
    const found = await store.statAll(waiting.map(({ path }) => path));
    const listed = waiting.map((file, at) => ({ ...file, found: found[at] ?? null }));
    waiting = [];
    yield* listed;
  };
  for await (const { path, sizeBytes, hash } of histories.files()) {
    stop.throwIfAborted();
    if (!path.startsWith(`${folder}/`)) continue;
    waiting.push({ path, promised: { sizeBytes, hash } });
    if (waiting.length >= FILES_AT_ONCE) yield* flush();
  }
  yield* flush();
}
