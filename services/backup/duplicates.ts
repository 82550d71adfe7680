import type { RelativePath } from '../../machines/ids.ts';
import { relativePath } from '../../machines/ids.ts';
import { isAsRecorded } from '../library/as-recorded.ts';
import { driveNames, fileName, plainName, splitName } from '../library/names.ts';
import type { Found, ScannedFile } from '../media-ports.ts';
import type { Copy } from '../ports.ts';
import { type Content, keyOf } from './content.ts';
import type { DriveContext } from './drive-context.ts';
import { parentOf } from './known.ts';
import { examine, type Trusted } from './trust.ts';

/** Places tried for one group: a content that lies on a drive more often is found in one of the first. */
const MAX_PLACES = 64;
/** Files of one folder that are looked at for the chapters of a video: more is no day of a camera. */
const MAX_LOOKED_AT = 10_000;

/** A member of a shot group that was read. */
export interface ReadMember {
  readonly file: ScannedFile;
  readonly content: Content;
}

/** The other chapters of a video on the card, and the folder where it belongs. */
export interface FilmHome {
  readonly others: readonly ScannedFile[];
  readonly folder: RelativePath;
}

export type DuplicateContext = Pick<
  DriveContext,
  'store' | 'source' | 'catalogue' | 'claim' | 'onReadBack' | 'onLost'
>;

/**
 * Where the whole group lies together on the drive already, in the order of its members; null when it does not.
 * `only` is the folder that counts (`mirror`, and empty files); null lets any folder count. An empty file is a
 * duplicate only under its own name, because every empty file has the same content. A chapter of a video (`film`) is
 * one only where the other chapters lie too, or in the folder where they are going to.
 */
export async function findTogether(
  members: readonly ReadMember[],
  only: RelativePath | null,
  context: DuplicateContext,
  film: FilmHome | null = null,
): Promise<readonly Trusted[] | null> {
  for (const copies of places(members, only, context)) {
    if (film !== null && !(await isWithFilm(copies, members, film, context))) continue;
    const trusted = await examineAll(copies, members, context);
    if (trusted !== null) return trusted;
  }
  return null;
}

/**
 * One copy for each member, in their order. Null when one of them is the member itself or another drive's copy, and, with a word of what is no
 * more, when one is not as recorded.
 */
export async function examineAll(
  copies: readonly Copy[],
  members: readonly ReadMember[],
  context: DuplicateContext,
): Promise<readonly Trusted[] | null> {
  const trusted: Trusted[] = [];
  for (const [at, copy] of copies.entries()) {
    const member = members[at];
    if (member === undefined) return null;
    const verdict = await examine(copy, member.content, context);
    if (verdict === 'no-copy') return null;
    if ('lost' in verdict) {
      await context.onLost([{ to: copy.to, why: verdict.lost }]);
      return null;
    }
    trusted.push(verdict.trusted);
  }
  return trusted;
}

/**
 * By name and size, in another layout by size and time: what the other chapters contain is not known before their turn.
 * Where this errs the video lies in two folders; nothing is lost.
 */
async function isWithFilm(
  copies: readonly Copy[],
  members: readonly ReadMember[],
  { others, folder }: FilmHome,
  context: DuplicateContext,
): Promise<boolean> {
  const [copy, member] = [copies[0], members[0]];
  if (copy === undefined || member === undefined) return true;
  const parent = parentOf(copy.to);
  const there = copiesAt(others, parent, numberIn(copy.to, member.file), context);
  const away = others.filter((other, at) => {
    const found = there[at] ?? null;
    return found === null ? parent !== folder : found.sizeBytes !== other.sizeBytes;
  });
  if (away.length === 0) return true;
  const lying = await lyingIn(parent, context);
  return away.every(({ sizeBytes, mtimeMs }) =>
    lying.some((found) => isAsRecorded(context.store, { sizeBytes, toMtimeMs: mtimeMs }, found)),
  );
}

/** Sizes and times of the copies in a folder of the drive. Throws `DriveError`. */
async function lyingIn(folder: string, { store, catalogue }: DuplicateContext): Promise<readonly Found[]> {
  const names = folder === '' ? [] : await store.list(relativePath(folder));
  if (names.length > MAX_LOOKED_AT) return [];
  const paths = names.map((name) => relativePath(`${folder}/${name}`));
  const known = paths.filter((path) => catalogue.copyAt(store.drive.id, path) !== null);
  return (await store.statAll(known)).filter((found) => found !== null);
}

function* places(
  members: readonly ReadMember[],
  only: RelativePath | null,
  context: DuplicateContext,
): Generator<readonly Copy[]> {
  // The largest content is the rarest: an empty or a small sidecar may lie anywhere.
  const [leader] = [...members].sort((a, b) => b.content.sizeBytes - a.content.sizeBytes);
  if (leader === undefined) return;
  if (only !== null) {
    yield* placesUnderOwnNames(members, only, context);
    return;
  }
  const { catalogue, store } = context;
  const found = catalogue.findContent(store.drive.id, leader.content.sizeBytes, leader.content.xxh64);
  for (const copy of found.slice(0, MAX_PLACES)) {
    const copies = besides(copy, leader, members, context);
    if (copies !== null) yield copies;
  }
}

/** `IMG_1`, then `IMG_1_2`, … as long as the catalogue knows any of these names. */
function* placesUnderOwnNames(
  members: readonly ReadMember[],
  folder: RelativePath,
  context: DuplicateContext,
): Generator<readonly Copy[]> {
  for (let number = 1; number <= MAX_PLACES; number += 1) {
    const there = copiesAt(filesOf(members), folder, number, context);
    if (there.every((copy) => copy === null)) return;
    const copies = there.flatMap((copy, at) => (copy !== null && holds(copy, members[at]) ? [copy] : []));
    if (copies.length === members.length) yield copies;
  }
}

/** The group in the folder where the leader lies: under its own names first, then under any other. */
function besides(
  leading: Copy,
  leader: ReadMember,
  members: readonly ReadMember[],
  context: DuplicateContext,
): readonly Copy[] | null {
  const folder = parentOf(leading.to);
  const named = copiesAt(filesOf(members), folder, numberIn(leading.to, leader.file), context);
  const copies: Copy[] = [];
  for (const [at, member] of members.entries()) {
    const own = [named[at] ?? null, sibling(leading.to, leader, member, context)];
    const copy =
      member === leader
        ? leading
        : (own.find((each) => each !== null && holds(each, member)) ?? anyIn(folder, member, context));
    if (copy === null) return null;
    copies.push(copy);
  }
  return copies;
}

/** Under the leader's name on the drive, where that is not the card's: `pimg_000001.cr3.xmp` beside `pimg_000001.cr3`. */
function sibling(
  leading: RelativePath,
  leader: ReadMember,
  member: ReadMember,
  { catalogue, store }: DuplicateContext,
): Copy | null {
  const [ofLeader, ofMember] = [leader, member].map(({ file }) =>
    splitName(plainName(file)).tail.toLowerCase(),
  );
  if (ofLeader === undefined || ofMember === undefined || !leading.toLowerCase().endsWith(ofLeader))
    return null;
  const stem = leading.slice(0, leading.length - ofLeader.length);
  return catalogue.copyAt(store.drive.id, `${stem}${ofMember}` as RelativePath);
}

function anyIn(folder: string, member: ReadMember, context: DuplicateContext): Copy | null {
  const { sizeBytes, xxh64 } = member.content;
  if (sizeBytes === 0) return null;
  const found = context.catalogue.findContent(context.store.drive.id, sizeBytes, xxh64);
  return found.find((copy) => parentOf(copy.to) === folder) ?? null;
}

function copiesAt(
  files: readonly ScannedFile[],
  folder: string,
  number: number,
  { catalogue, store }: DuplicateContext,
): (Copy | null)[] {
  const split = files.map((file) => splitName(plainName(file)));
  const names = driveNames(split, number, store.rules.restrictedNames);
  return names.map((name) =>
    catalogue.copyAt(store.drive.id, relativePath(folder === '' ? name : `${folder}/${name}`)),
  );
}

const filesOf = (members: readonly ReadMember[]) => members.map(({ file }) => file);

const holds = (copy: Copy, member: ReadMember | undefined): boolean =>
  member !== undefined && keyOf(copy) === keyOf(member.content);

/** The number that a copy's name got behind its stem; 1 when it has none. */
function numberIn(to: RelativePath, file: ScannedFile): number {
  const { stem, tail } = splitName(plainName(file));
  const name = fileName(to);
  const middle =
    name.startsWith(stem) && name.endsWith(tail) ? name.slice(stem.length, -tail.length || undefined) : '';
  const number = /^_(\d{1,5})$/.exec(middle)?.[1];
  return number === undefined ? 1 : Number(number);
}
