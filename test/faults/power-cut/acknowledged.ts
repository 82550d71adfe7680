/** What imagetank promised, and from which moment on. */
import type { Entry } from './write-log.ts';

export interface Content {
  readonly sizeBytes: number;
  /** 16 hexadecimal digits. */
  readonly xxh64: string;
}

export const contentKey = ({ sizeBytes, xxh64 }: Content): string => `${sizeBytes}/${xxh64}`;

/** From this place in the common order on, these files lie on the drive, whatever happens. */
export interface Promised {
  readonly at: number;
  readonly driveId: string;
  readonly what: 'DriveAdopted' | 'FilesSettled' | 'BackupFinished';
  readonly files: readonly (Content & { readonly path: string })[];
}

interface FileOnDrive extends Content {
  readonly to: string;
}

/** As much of the stored records as is needed here (machines/facts.ts). */
interface JournalRecord {
  readonly type: string;
  readonly data: {
    readonly driveId?: string;
    readonly drive?: { readonly id: string };
    readonly copied?: readonly FileOnDrive[];
    readonly duplicates?: readonly FileOnDrive[];
    readonly drives?: readonly { readonly driveId: string; readonly outcome: string }[];
  };
}

/** imagetank's own files on a drive when nothing runs any more: the manifests, and the mark of its adoption. */
export type OwnFiles = ReadonlyMap<string, readonly (Content & { readonly path: string })[]>;

const MARK = '.imagetank/drive.json';

/**
 * From the journal's stored lines and everything that was written to the disk on which it lies. A record counts from
 * the first moment at which it can survive: when its bytes were handed to the disk, before they were flushed.
 */
export function promisesOf(
  lines: readonly string[],
  journalDisk: readonly Entry[],
  own: OwnFiles,
): Promised[] {
  const promises: Promised[] = [];
  for (const line of lines) {
    const { type, data } = JSON.parse(line) as JournalRecord;
    const ownOf = (driveId: string) => own.get(driveId) ?? [];
    const add = (driveId: string, what: Promised['what'], files: Promised['files']): void => {
      promises.push({ at: writtenAt(line, journalDisk), driveId, what, files });
    };
    if (type === 'DriveAdopted' && data.drive !== undefined) {
      const { id } = data.drive;
      add(
        id,
        type,
        ownOf(id).filter(({ path }) => path === MARK),
      );
    } else if (type === 'FilesSettled' && data.driveId !== undefined) {
      const files = [...(data.copied ?? []), ...(data.duplicates ?? [])];
      add(
        data.driveId,
        type,
        files.map(({ to, sizeBytes, xxh64 }) => ({ path: to, sizeBytes, xxh64 })),
      );
    } else if (type === 'BackupFinished') {
      for (const { driveId, outcome } of data.drives ?? []) {
        if (outcome === 'done') add(driveId, type, ownOf(driveId));
      }
    }
  }
  return promises;
}

/** Short enough to lie in one page of the database. */
const PIECE_BYTES = 96;
/** What stands before it (number, moment, hash of the record before) is of this record only; two drives may share the rest. */
const AFTER_ENVELOPE = '"type":';

/**
 * When the last piece of a stored line was first written. A piece that lies across two pages shows up later or never; so
 * it counts only before the flush that ends the commit. A line of which nothing is found is an error of this search.
 */
function writtenAt(line: string, entries: readonly Entry[]): number {
  const bytes = Buffer.from(line);
  const envelope = line.indexOf(AFTER_ENVELOPE);
  const firstFrom = (piece: Buffer, earliest: number): number | undefined =>
    entries.find(
      ({ at, ...entry }) => at >= earliest && entry.kind === 'write' && entry.bytes.includes(piece),
    )?.at;
  const pieces: Buffer[] = [];
  const begins: number[] = [];
  for (let from = 0; from < bytes.length; from += PIECE_BYTES) {
    const piece = bytes.subarray(from, from + PIECE_BYTES);
    // A short rest may stand in other records too.
    if (piece.length < PIECE_BYTES && from > 0) break;
    pieces.push(piece);
    const begin = from < envelope || from === 0 ? firstFrom(piece, 0) : undefined;
    if (begin !== undefined) begins.push(begin);
  }
  if (begins.length === 0) {
    throw new Error(`a record of the journal was never written: ${line.slice(0, PIECE_BYTES)}`);
  }
  const begin = Math.min(...begins);
  const end = entries.find(({ kind, at }) => kind === 'flush' && at > begin)?.at ?? Number.POSITIVE_INFINITY;
  const places = pieces.flatMap((piece) => firstFrom(piece, begin) ?? []);
  return Math.max(...places.filter((at) => at < end));
}
