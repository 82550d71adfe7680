import type { ScannedFile } from '../ports.ts';
import { inWholeTree, MEDIA_KINDS, type MediaKind, mediaKind } from './media.ts';
import { clashKey, plainName, plainSegments, splitName } from './names.ts';

/** Files that belong to one press of the shutter and stay together: RAW + JPEG, Live Photo, their sidecars. */
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

/** Files of one folder. What is no media is a group of one. */
export function groupsOfFolder<File extends ScannedFile>(files: readonly File[]): ShotGroup<File>[] {
  const groups: Shot<File>[] = [];
  const ofStem = new Map<string, Shot<File>[]>();
  for (const file of files) {
    const name = plainName(file);
    const { stem, tail } = splitName(name);
    const key = clashKey(stem);
    const shots = mediaKind(name) === null ? [] : (ofStem.get(key) ?? []);
    // `a.JPG` and `A.jpg` (possible on ext4) want one name on the drive: two shots, the second gets `_2`.
    const free = shots.filter(({ tails }) => !tails.has(clashKey(tail)));
    const shot = free.find((each) => each.stem === stem) ?? free[0];
    if (shot !== undefined) {
      shot.members.push(file);
      shot.tails.add(clashKey(tail));
      continue;
    }
    const first = { stem, members: [file], tails: new Set([clashKey(tail)]) };
    groups.push(first);
    if (mediaKind(name) !== null) ofStem.set(key, [...shots, first]);
  }
  return groups.map(({ members }) => ({ members: members.sort((a, b) => rank(a) - rank(b)) }));
}

interface Shot<File> {
  /** As its first member writes it. */
  readonly stem: string;
  readonly members: File[];
  readonly tails: Set<string>;
}

function rank(file: ScannedFile): number {
  const kind = mediaKind(plainName(file));
  return kind === null ? MEDIA_KINDS.length : MEDIA_KINDS.indexOf(kind);
}

/** Null for what goes to `Other/`: no media, or part of a tree that is kept whole. */
export function kindOfGroup(group: ShotGroup): MediaKind | null {
  const [leading] = group.members;
  if (leading === undefined || inWholeTree(plainSegments(leading).slice(0, -1))) return null;
  return mediaKind(plainName(leading));
}
