import type { FactOf } from '../../machines/facts.ts';
import type { DriveId } from '../../machines/ids.ts';
import type { Drive, DriveResult } from '../../machines/media.ts';
import type { Catalogue, Copy } from '../ports.ts';
import { isSomebodys } from './names.ts';
import { type InboxFile, type InboxListing, inodeOf, pathKey, unseenIn } from './ports.ts';
import { countsAs, type SettledFiles } from './settled-files.ts';

export type BackupEnd = FactOf<'BackupFinished'> | FactOf<'BackupFailed'> | FactOf<'BackupInterrupted'>;

/** Reasons for which some files are missing on a drive, and those that are recorded there are good. */
const MILD: ReadonlySet<string> = new Set([
  'drive-full',
  'file-too-large',
  'card-unreadable',
  'file-changed',
]);

export interface Judged {
  /** Complete, verified on as many drives as were asked for, and still what was read. */
  readonly safe: readonly InboxFile[];
  /** Everything else that lies in the inbox: a green light must not speak for it. */
  readonly left: number;
  /** A file in the inbox and a file of the library are one: taking it would take nothing away, and writing to it writes there. */
  readonly links: number;
  /** Files that are left and no links. */
  readonly waits: number;
  /** Paths of the first of those, as people read them. */
  readonly waiting: readonly string[];
}

/** Enough to know what is meant. */
const MAX_NAMED = 3;

export interface Case {
  readonly end: BackupEnd;
  /** What lies in the inbox now. */
  readonly listing: InboxListing;
  readonly offer: readonly InboxFile[];
  readonly files: SettledFiles;
  readonly drives: readonly Drive[];
  /** On so many drives each file must be. */
  readonly wanted: number;
  readonly catalogue: Pick<Catalogue, 'copyAt'>;
  /** `dev:ino` of copies, null where nothing lies. */
  readonly inodes: (copies: readonly Copy[]) => Promise<readonly (string | null)[]>;
}

const isMild = ({ outcome, reason }: DriveResult): boolean =>
  outcome === 'done' || (outcome === 'failed' && MILD.has(reason ?? ''));

/** At the end of a backup of an inbox: which of its files may be taken out. Throws `DriveError`. */
export async function judge(one: Case): Promise<Judged> {
  const offered = new Map(one.offer.map((file) => [pathKey(file), file.mark]));
  const present = one.listing.files.filter(isSomebodys);
  const likely = present
    .filter((file) => offered.get(pathKey(file)) === file.mark && one.files.isAsRead(file))
    .map((file) => ({ file, copies: goodCopies(file, one) }))
    .filter(({ copies }) => copies.length >= one.wanted);
  const inodes = await one.inodes(likely.flatMap(({ copies }) => copies));
  const safe: InboxFile[] = [];
  const done = new Set<InboxFile>();
  let at = 0;
  for (const { file, copies } of likely) {
    const found = inodes.slice(at, at + copies.length);
    at += copies.length;
    const isLink = found.includes(inodeOf(file));
    // Two drives of one file system may share a file by a hard link: that is one copy.
    const isWhole = !found.includes(null) && new Set(found).size >= one.wanted;
    if (!isLink && isWhole) safe.push(file);
    if (isLink || isWhole) done.add(file);
  }
  const waiting = present.filter((file) => !done.has(file));
  return {
    safe,
    links: done.size - safe.length,
    left: present.length - safe.length + unseenIn(one.listing),
    waits: waiting.length,
    waiting: waiting.slice(0, MAX_NAMED).map(({ path }) => path),
  };
}

function goodCopies(file: InboxFile, { end, drives, files, catalogue }: Case): readonly Copy[] {
  const good = new Set<DriveId>(
    end.type === 'BackupInterrupted' ? [] : end.drives.filter(isMild).map(({ driveId }) => driveId),
  );
  return files.copies(file, catalogue).filter((copy) => {
    const drive = drives.find(({ id }) => id === copy.driveId);
    return drive !== undefined && good.has(drive.id) && countsAs(drive, copy);
  });
}
