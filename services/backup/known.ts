import type { RelativePath } from '../../machines/ids.ts';
import type { Card, FileOnDrive } from '../../machines/media.ts';
import { type DriveError, isDriveError } from '../errors.ts';
import { folderOf } from '../library/naming.ts';
import type { CardHistory } from '../manifest/card-history.ts';
import type { DriveStore, FileStart, ScannedFile } from '../media-ports.ts';
import type { Catalogue, Copy } from '../ports.ts';
import { HEAD_BYTES, headHash } from './content.ts';
import type { DriveContext, Group } from './drive-context.ts';
import { isFileProblem } from './problems.ts';
import type { Source } from './source.ts';
import { isVerified, looksAt } from './trust.ts';

/** Where a known file has to lie. */
export interface KnownContext {
  readonly card: Card;
  readonly store: DriveStore;
  readonly catalogue: Catalogue;
  /** What the card's own manifests ask for. */
  readonly cardHistory: Pick<CardHistory, 'wanted'>;
  /** `mirror`: only a copy in this folder counts. Null: anywhere on the drive. */
  readonly folder: RelativePath | null;
}

export interface Recorded {
  readonly copy: Copy;
  readonly onDrive: FileOnDrive;
  /** What the first 64 KiB of the card's file must hash to. */
  readonly startXxh64: string;
}

/** A record whose copy lies on the drive as it says. */
interface Lying extends Recorded {
  /** `FoundFile.file` of the copy. */
  readonly file: string | null;
}

interface Head extends Pick<FileStart, 'file'> {
  readonly xxh64: string;
}

/** Only a volume with a UUID is the same card again for sure: a folder can hold anything. */
const canKnow = (card: Card): boolean => card.kind === 'volume' && card.uuid !== null;

/** Two members at least are in a RAW + JPEG group; more than these are asked in several calls. */
const HEADS_AT_ONCE = 64;

/**
 * Which groups need not be read in full again (`contract.md` section 4, "Known file"): for each lane one verdict a
 * group, or the error of a drive that failed. Reads 64 KiB of a file of the card at most, once for all drives. Throws
 * `Stopped`.
 */
export async function knownGroups(
  groups: readonly Group[],
  lanes: readonly DriveContext[],
): Promise<readonly (readonly boolean[] | DriveError)[]> {
  lanes[0]?.source.check();
  const lying = await Promise.all(lanes.map((lane) => recordedAndThere(groups, lane).catch(driveError)));
  const asked = groups.filter((_, at) =>
    lying.some((records) => !isDriveError(records) && records[at] !== null),
  );
  const heads = await headsOf(asked, lanes[0]?.source);
  return lanes.map((lane, nth) => {
    const records = lying[nth] ?? [];
    if (isDriveError(records)) return records;
    return groups.map(({ members }, at) => {
      const known = records[at] ?? null;
      return known !== null && members.every((file, index) => isHeldBy(known[index], heads.get(file), lane));
    });
  });
}

/** A hard link to the card's file, or to another drive's, is no copy of it. */
const isHeldBy = (copy: Lying | undefined, head: Head | undefined, lane: DriveContext): boolean =>
  copy?.file != null && head?.xxh64 === copy.startXxh64 && head.file !== copy.file && lane.claim(copy.file);

function driveError(error: unknown): DriveError {
  if (isDriveError(error)) return error;
  throw error;
}

/** For each group the records of all its members, where the drive still has every one of them as recorded; else null. */
async function recordedAndThere(
  groups: readonly Group[],
  lane: DriveContext,
): Promise<readonly (readonly Lying[] | null)[]> {
  const records = groups.map((group) => recordedGroup(group, lane));
  const all = records.flatMap((group) => group ?? []);
  if (all.length === 0) return records.map(() => null);
  const looks = await looksAt(
    lane.store,
    all.map(({ copy }) => copy),
  );
  const there = new Map(
    all.flatMap((record, at) => {
      const { fault, file = null } = looks[at] ?? { fault: 'missing' };
      return fault === null ? [[record, { ...record, file }] as const] : [];
    }),
  );
  return records.map((group) => {
    const lying = group?.flatMap((record) => there.get(record) ?? []) ?? [];
    return lying.length === group?.length ? lying : null;
  });
}

function recordedGroup(group: Group, lane: DriveContext): readonly Recorded[] | null {
  const context = knownContext(group, lane);
  const records: Recorded[] = [];
  for (const file of group.members) {
    const record = recordedFile(file, context);
    if (record === null) return null;
    records.push(record);
  }
  return records;
}

/** Hash of each file's beginning; none for what changed since the listing, or cannot be read: copying says so. */
async function headsOf(
  groups: readonly Group[],
  source: Source | undefined,
): Promise<ReadonlyMap<ScannedFile, Head>> {
  const heads = new Map<ScannedFile, Head>();
  const files = groups.flatMap(({ members }) => members);
  for (let start = 0; start < files.length && source !== undefined; start += HEADS_AT_ONCE) {
    const some = files.slice(start, start + HEADS_AT_ONCE);
    const starts = await source.starts(some, HEAD_BYTES);
    try {
      for (const [at, file] of some.entries()) {
        const head = starts.files[at];
        if (head !== undefined && !isFileProblem(head) && isAsListed(head, file)) {
          heads.set(file, { xxh64: headHash(head.bytes), file: head.file });
        }
      }
    } finally {
      starts.release();
    }
  }
  return heads;
}

const isAsListed = (head: FileStart, file: ScannedFile): boolean =>
  head.steady && head.sizeBytes === file.sizeBytes && head.mtimeMs === file.mtimeMs;

export function knownContext(
  group: Group,
  { job, store, catalogue, shelving, cardHistory }: DriveContext,
): KnownContext {
  const folder = shelving.template === null ? folderOf(group, shelving, null) : null;
  return { card: job.card, store, catalogue, folder, cardHistory };
}

/** What the catalogue says of a file, without asking card or drive. */
export function recordedFile(file: ScannedFile, context: KnownContext): Recorded | null {
  const { card, store, catalogue, folder, cardHistory } = context;
  // Two names that are not UTF-8 may look alike in the catalogue: such files are always read.
  if (!canKnow(card) || file.pathBase64 !== undefined) return null;
  const seen = catalogue.findSeen(store.drive.id, card.id, file.path);
  if (seen === null || seen.mtimeMs !== file.mtimeMs) return null;
  const { copy } = seen;
  if (!isVerified(store, copy) || copy.sizeBytes !== file.sizeBytes || copy.toMtimeMs === null) return null;
  if (folder !== null && parentOf(copy.to) !== folder) return null;
  // The card's own manifest is to be held against the content: it has to be read again where its hash is not known.
  const wanted = cardHistory.wanted(file.path);
  if (wanted !== null && copy.hash?.format !== wanted) return null;
  const onDrive: FileOnDrive = {
    path: file.path,
    sizeBytes: file.sizeBytes,
    mtimeMs: file.mtimeMs,
    xxh64: copy.xxh64,
    headXxh64: seen.headXxh64,
    to: copy.to,
    toMtimeMs: copy.toMtimeMs,
    ...(copy.hash === undefined || copy.hash === null ? {} : { hash: copy.hash }),
  };
  // The beginning of a small file is all of it.
  const startXxh64 = file.sizeBytes <= HEAD_BYTES ? copy.xxh64 : seen.headXxh64;
  return { copy, onDrive, startXxh64 };
}

/** Folder of a path on the drive; empty at its root, where a foreign manifest may claim files. */
export function parentOf(path: RelativePath): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
