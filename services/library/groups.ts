import type { ScannedFile } from '../media-ports.ts';
import { inWholeTree, MEDIA_KINDS, type MediaKind, mediaKind } from './media.ts';
import { clashKey, plainName, plainSegments, type SplitName, splitName } from './names.ts';
import { mainStems, relativeRank } from './relatives.ts';

/** Files that belong to one press of the shutter and stay together: RAW + JPEG, Live Photo, edited pictures, sidecars. */
export interface ShotGroup<File extends ScannedFile = ScannedFile> {
  /** The leading one first: RAW, photo, video, audio, sidecar. Never empty. */
  readonly members: readonly File[];
}

/**
 * Groups the files of a depth-first scan. Only the files of the folders between the root and the present file are
 * held: memory follows the largest folder, not the card.
 */
export async function* shotGroups<File extends ScannedFile>(
  files: AsyncIterable<File>,
): AsyncGenerator<ShotGroup<File>> {
  const open = new Map<string, File[]>();
  for await (const file of files) {
    const folder = plainSegments(file).slice(0, -1).join('/');
    for (const [above, members] of open) {
      if (isWithin(folder, above)) continue;
      open.delete(above);
      yield* groupsOfFolder(members);
    }
    const members = open.get(folder);
    if (members === undefined) open.set(folder, [file]);
    else members.push(file);
  }
  for (const members of open.values()) yield* groupsOfFolder(members);
}

const isWithin = (folder: string, above: string): boolean =>
  above === '' || folder === above || folder.startsWith(`${above}/`);

/**
 * Files of one folder, in any order: the groups are the same, and come in the order of their first files. What is no
 * media is a group of one.
 */
export function groupsOfFolder<File extends ScannedFile>(files: readonly File[]): ShotGroup<File>[] {
  const all = files.map((file, at) => namedFile(file, at));
  const stems = new Set(all.filter(({ kind }) => kind !== null).map(({ stem }) => clashKey(stem)));
  const ofKey = new Map<string, NamedFile<File>[]>();
  const groups: Shot<File>[] = [];
  for (const named of all) {
    if (named.kind === null) {
      groups.push({ members: [named], names: new Set() });
      continue;
    }
    const key = shotKey(named.stem, stems);
    const together = ofKey.get(key);
    if (together === undefined) ofKey.set(key, [named]);
    else together.push(named);
  }
  for (const together of ofKey.values()) groups.push(...shotsOf(together));
  return groups
    .map(({ members }) => ({ members, first: Math.min(...members.map(({ at }) => at)) }))
    .sort((a, b) => a.first - b.first)
    .map(({ members }) => ({ members: members.map(({ file }) => file) }));
}

interface NamedFile<File> extends SplitName {
  readonly file: File;
  /** Where the listing had it. */
  readonly at: number;
  readonly kind: MediaKind | null;
}

function namedFile<File extends ScannedFile>(file: File, at: number): NamedFile<File> {
  const name = plainName(file);
  return { file, at, kind: mediaKind(name), ...splitName(name) };
}

/** What all files of one shot have in common. */
function shotKey(stem: string, stems: ReadonlySet<string>): string {
  const mains = mainStems(stem).map(clashKey);
  return mains.find((main) => stems.has(main)) ?? mains[0] ?? clashKey(stem);
}

interface Shot<File> {
  readonly members: NamedFile<File>[];
  /** Clash keys of the names on the drive. */
  readonly names: Set<string>;
}

/** Of files with one key: one shot, unless names clash. */
function shotsOf<File extends ScannedFile>(files: NamedFile<File>[]): Shot<File>[] {
  const shots: Shot<File>[] = [];
  for (const named of files.sort(byLead)) {
    const name = clashKey(named.stem + named.tail);
    // `a.JPG` and `A.jpg` (possible on ext4) want one name on the drive: two shots, the second gets `_2`.
    const free = shots.filter(({ names }) => !names.has(name));
    const own = free.find(({ members }) => members.some(({ stem }) => stem === named.stem)) ?? free[0];
    const shot = own ?? { members: [], names: new Set<string>() };
    if (own === undefined) shots.push(shot);
    shot.members.push(named);
    shot.names.add(name);
  }
  return shots;
}

/** A total order of names: whatever the order of a listing, the same file leads. */
function byLead(a: NamedFile<ScannedFile>, b: NamedFile<ScannedFile>): number {
  // Two names that are not alike in their bytes may be once they are escaped.
  const [left, right] = [a, b].map(({ stem, tail, file }) => `${stem}${tail}/${file.pathBase64 ?? ''}`);
  const name = left === right ? 0 : (left ?? '') < (right ?? '') ? -1 : 1;
  return rank(a.kind) - rank(b.kind) || relativeRank(a.stem) - relativeRank(b.stem) || name;
}

const rank = (kind: MediaKind | null): number =>
  kind === null ? MEDIA_KINDS.length : MEDIA_KINDS.indexOf(kind);

/** Null for what goes to `Other/`: no media, or part of a tree that is kept whole. */
export function kindOfGroup(group: ShotGroup): MediaKind | null {
  const [leading] = group.members;
  if (leading === undefined || inWholeTree(plainSegments(leading).slice(0, -1))) return null;
  return mediaKind(plainName(leading));
}
