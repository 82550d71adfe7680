import type { Card, FileOnDrive } from '../../machines/facts.ts';
import type { RelativePath } from '../../machines/ids.ts';
import type { Catalogue, DriveStore, ScannedFile } from '../ports.ts';
import { HEAD_BYTES, headHash } from './content.ts';
import { isFileProblem } from './problems.ts';
import type { Source } from './source.ts';
import { isVerified, liesAsRecorded } from './trust.ts';

/** Where a known file has to lie. */
export interface KnownContext {
  readonly card: Card;
  readonly store: DriveStore;
  readonly catalogue: Catalogue;
  readonly source: Source;
  /** `mirror`: only a copy in this folder counts. Null: anywhere on the drive. */
  readonly folder: RelativePath | null;
}

/** Only a volume with a UUID is the same card again for sure: a folder can hold anything. */
const canKnow = (card: Card): boolean => card.kind === 'volume' && card.uuid !== null;

/**
 * The copy of a file that needs not be read in full again (`contract.md` section 4, "Known file"), or null.
 * Reads 64 KiB of the card at most. Throws `DriveError` and `Stopped`.
 */
export async function knownFile(file: ScannedFile, context: KnownContext): Promise<FileOnDrive | null> {
  const recorded = recordedFile(file, context);
  if (recorded === null) return null;
  const { store, source } = context;
  if (!(await liesAsRecorded(store, recorded.copy))) return null;
  const { files, release } = await source.starts([file], HEAD_BYTES);
  try {
    const [head] = files;
    // What cannot be read here fails with its own words when it is copied.
    if (head === undefined || isFileProblem(head)) return null;
    const same =
      headHash(head.bytes) === recorded.onDrive.headXxh64 &&
      head.sizeBytes === file.sizeBytes &&
      head.mtimeMs === file.mtimeMs;
    return same ? recorded.onDrive : null;
  } finally {
    release();
  }
}

/** What the catalogue says of a file, without asking card or drive. */
export function recordedFile(file: ScannedFile, context: Omit<KnownContext, 'source'>) {
  const { card, store, catalogue, folder } = context;
  // Two names that are not UTF-8 may look alike in the catalogue: such files are always read.
  if (!canKnow(card) || file.pathBase64 !== undefined) return null;
  const seen = catalogue.findSeen(store.drive.id, card.id, file.path);
  if (seen === null || seen.mtimeMs !== file.mtimeMs) return null;
  const { copy } = seen;
  if (!isVerified(store, copy) || copy.sizeBytes !== file.sizeBytes || copy.toMtimeMs === null) return null;
  if (folder !== null && parentOf(copy.to) !== folder) return null;
  const onDrive: FileOnDrive = {
    path: file.path,
    sizeBytes: file.sizeBytes,
    mtimeMs: file.mtimeMs,
    xxh64: copy.xxh64,
    headXxh64: seen.headXxh64,
    to: copy.to,
    toMtimeMs: copy.toMtimeMs,
  };
  return { copy, onDrive };
}

/** Folder of a path on the drive; empty at its root, where a foreign manifest may claim files. */
export function parentOf(path: RelativePath): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
