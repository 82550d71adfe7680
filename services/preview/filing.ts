import type { RelativePath } from '../../machines/ids.ts';
import type { Capture } from '../../machines/media.ts';
import { findDuplicate, type Group, type ReadFile } from '../backup/drive-context.ts';
import { shelve, shotOfGroup } from '../backup/filing.ts';
import { knownContext, recordedFile } from '../backup/known.ts';
import { isTooLarge } from '../backup/lane-plan.ts';
import { type PlaceContext, placeGroups } from '../backup/placement.ts';
import type { GroupState, PlannedFile } from '../backup/ports.ts';
import { isNumbered } from '../library/template.ts';
import type { PreviewFile } from '../work-shapes.ts';
import { ContentWanted, type ImaginedDrive } from './imagined-drive.ts';
import type { PreviewLane } from './lane.ts';

export type Captures = ReadonlyMap<PlannedFile, Capture | null>;

/** A group, and what is known of its files. */
export interface Asked {
  readonly group: Group;
  readonly captures: Captures;
  /** Reads its files, once for all drives; null where one cannot be read. Throws `Stopped`. */
  readonly read: () => Promise<readonly ReadFile[] | null>;
  /** Whether any drive may have a file of this size. */
  readonly isSizeKnown: (file: PlannedFile) => boolean;
}

/** Where the files of one group lie on a drive, or would go. Throws `DriveError` and `Stopped`. */
export async function fileGroup(
  asked: Asked,
  state: GroupState,
  lane: PreviewLane,
): Promise<readonly PreviewFile[]> {
  if (state === 'none' || state === 'left-out') return [];
  const files = asked.group.members.filter((file) => !isTooLarge(file, lane.store));
  const lying = state === 'new' ? null : await lyingAt(asked, files, state, lane);
  if (lying === null) return files.length === 0 ? [] : place(asked, files, state !== 'new', lane);
  return files.flatMap((file, at) => {
    const to = lying[at];
    const there = to !== undefined && !lane.store.isImagined(to);
    return to === undefined ? [] : [shown(file, to, lane, { there, renamed: false })];
  });
}

async function lyingAt(
  asked: Asked,
  files: readonly PlannedFile[],
  state: GroupState,
  lane: PreviewLane,
): Promise<readonly RelativePath[] | null> {
  if (state === 'known') {
    const context = knownContext(asked.group, lane);
    const records = files.flatMap((file) => recordedFile(file, context) ?? []);
    if (records.length === files.length) return records.map(({ copy }) => copy.to);
  }
  const read = await asked.read();
  const members = read?.filter(({ file }) => files.includes(file)) ?? [];
  if (members.length < files.length || members.length === 0) return null;
  const trusted = await findDuplicate(members, lane);
  return trusted?.map(({ to }) => to) ?? null;
}

/** As `settle.ts` does it, on a drive in memory. Contents are read only where they decide. */
async function place(asked: Asked, files: readonly PlannedFile[], wasRead: boolean, lane: PreviewLane) {
  const { template } = lane.shelving;
  // A shot has one number on all drives: its content tells which.
  const isTold = template !== null && isNumbered(template) && files.some(asked.isSizeKnown);
  try {
    if (!isTold && !wasRead)
      return await placeAs(asked, files, null, {
        ...lane,
        imagined: lane.store,
        store: lane.store.forUnread,
      });
  } catch (error) {
    if (!(error instanceof ContentWanted)) throw error;
  }
  return placeAs(asked, files, await asked.read(), { ...lane, imagined: lane.store });
}

type Placing = Omit<PreviewLane, 'store'> & PlaceContext & { readonly imagined: ImaginedDrive };

async function placeAs(
  { group, captures }: Asked,
  files: readonly PlannedFile[],
  read: readonly ReadFile[] | null,
  placing: Placing,
): Promise<readonly PreviewFile[]> {
  const { imagined, shelf } = placing;
  const leaderMtimeMs = group.members[0]?.mtimeMs ?? 0;
  const contents = new Map(read?.map(({ file, content }) => [file, content]));
  const written = files.map((file) => imagined.incoming(file, contents.get(file) ?? null, leaderMtimeMs));
  const shot = await shotOfGroup(files, (file) => captures.get(file) ?? null, leaderMtimeMs, placing);
  const shelved = shelve(written, shot, placing);
  const placed = await placeGroups([shelved], placing, shelf);
  const found = new Map(placed.map((each) => [each.written.file, each]));
  const { folder, isNumbered: isCounted, names } = shelved.naming;
  return files.flatMap((file, at) => {
    const { to, adopted } = found.get(file) ?? { to: null, adopted: false };
    if (to === null) return [];
    const renamed = !isCounted && to !== `${folder}/${names(1)[at]}`;
    return [shown(file, to, placing, { there: adopted && !imagined.isImagined(to), renamed })];
  });
}

function shown(
  { path, pathBase64 }: PlannedFile,
  to: RelativePath,
  { label, store }: Pick<PreviewLane, 'label'> & { readonly store: Pick<ImaginedDrive, 'drive'> },
  { there, renamed }: { readonly there: boolean; readonly renamed: boolean },
): PreviewFile {
  const raw = pathBase64 === undefined ? {} : { pathBase64 };
  const on = label === null ? {} : { drive: label, driveId: store.drive.id, there };
  return { path, ...raw, to, renamed: renamed && !there, ...on };
}
