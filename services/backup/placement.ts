import { type RelativePath, relativePath } from '../../machines/ids.ts';
import { DriveError } from '../errors.ts';
import { isAsRecorded } from '../library/as-recorded.ts';
import { clashKey } from '../library/names.ts';
import { keyOf } from './content.ts';
import { type DriveContext, namesOf } from './drive-context.ts';
import type { PlannedFile } from './ports.ts';
import type { Shelf } from './shelf.ts';
import type { Written } from './written.ts';

/** Shots of one name in one folder; more is no accident of cameras. */
const MAX_NUMBER = 10_000;

export interface Placed {
  readonly written: Written;
  readonly to: RelativePath;
  /** The same content lay there under this name already, and was read back from the medium. */
  readonly adopted: boolean;
}

/** A shot group and the folder that it belongs in. */
export interface Shelved {
  readonly group: readonly Written[];
  readonly folder: RelativePath;
}

type PlaceContext = Pick<DriveContext, 'store' | 'source' | 'shelving' | 'onReadBack' | 'filmOf'>;

/**
 * Places many groups: those whose first names are free in one call, each of the others by itself. To be called in
 * `shelf.run`. Throws `DriveError`.
 */
export async function placeGroups(
  shelved: readonly Shelved[],
  context: PlaceContext,
  shelf: Shelf,
): Promise<readonly Placed[]> {
  const placed: Placed[] = [];
  let moves: Move[] = [];
  const moveAll = async (): Promise<void> => {
    const waiting = moves;
    moves = [];
    placed.push(...(await placeMoves(waiting, context, shelf)));
  };
  try {
    for (const { group, folder } of shelved) {
      const taken = await shelf.taken(context.store, folder);
      const shot = { group, folder };
      const files = group.map(({ file }) => file);
      const others = context.filmOf({ members: files })?.others ?? [];
      const names = namesOf(files, 1, context.shelving);
      const all = [...names, ...namesOf(others, 1, context.shelving)];
      if (!all.some((name) => taken.has(clashKey(name)))) {
        for (const [at, written] of group.entries()) {
          const name = names[at] ?? '';
          shelf.placed(folder, name);
          moves.push({ written, shot, to: relativePath(`${folder}/${name}`) });
        }
        continue;
      }
      // What has the name may be waiting here: it has to lie there before anything is held against it.
      await moveAll();
      placed.push(...(await placeGroup(group, folder, context, shelf)));
    }
    await moveAll();
    return placed;
  } catch (error) {
    // Names were taken in memory that are not on the drive.
    shelf.forget();
    throw error;
  }
}

interface Move {
  readonly written: Written;
  readonly shot: Shelved;
  readonly to: RelativePath;
}

async function placeMoves(
  moves: readonly Move[],
  context: PlaceContext,
  shelf: Shelf,
): Promise<readonly Placed[]> {
  if (moves.length === 0) return [];
  const ends = await context.store.placeAll(moves.map(({ written, to }) => ({ file: written.incoming, to })));
  const placed: Placed[] = [];
  const shots = new Map<Shelved, Map<Written, RelativePath>>();
  const split = new Set<Shelved>();
  for (const [at, { written, shot, to }] of moves.entries()) {
    const lying = shots.get(shot) ?? new Map<Written, RelativePath>();
    shots.set(shot, lying);
    if (ends[at] === 'placed') lying.set(written, to);
    else split.add(shot);
  }
  // Somebody else took these names this very moment: who has them is looked at anew.
  if (split.size > 0) shelf.forget();
  for (const [shot, lying] of shots) {
    if (split.has(shot)) placed.push(...(await placeGroup(shot.group, shot.folder, context, shelf, lying)));
    else for (const [written, to] of lying) placed.push({ written, to, adopted: false });
  }
  return placed;
}

/**
 * Gives a shot group its names on the drive: the first number with which every name is free, or holds this very
 * content already. The latter finds what a killed backup placed and never recorded, and joins a sidecar to its photo.
 * Nothing is ever replaced. When somebody else takes a name at the very moment, what is placed by then (`lying`) moves
 * on to the next number with the rest. To be called in `shelf.run`. Not durable before `settle`. Throws `DriveError`.
 */
export async function placeGroup(
  group: readonly Written[],
  folder: RelativePath,
  context: PlaceContext,
  shelf: Shelf,
  lying: Map<Written, RelativePath> = new Map(),
): Promise<readonly Placed[]> {
  const { shelving } = context;
  const files = group.map(({ file }) => file);
  const others = context.filmOf({ members: files })?.others ?? [];
  for (let number = lying.size > 0 ? 2 : 1; number <= MAX_NUMBER; number += 1) {
    const names = namesOf(files, number, shelving);
    const wanted = group.map((written, at) => ({ written, name: names[at] ?? '' }));
    const verdicts = await lookUp(wanted, folder, context, shelf);
    if (verdicts.includes('other')) continue;
    if (!(await isRoomFor(others, namesOf(others, number, shelving), folder, context, shelf))) continue;
    const moves = wanted.map((each, at) => ({ ...each, adopted: verdicts[at] === 'same' }));
    if (await placeAll(moves, folder, lying, context, shelf)) {
      return moves.map(({ written, name, adopted }) => ({
        written,
        to: relativePath(`${folder}/${name}`),
        adopted,
      }));
    }
  }
  throw new DriveError('drive-not-writable', `${folder}: ${MAX_NUMBER} files of one name`);
}

interface NamedMember {
  readonly written: Written;
  readonly name: string;
  /** It lies there already. */
  readonly adopted: boolean;
}

/** False when a name turned out to be taken; `lying` has what was placed. Throws `DriveError`. */
async function placeAll(
  members: readonly NamedMember[],
  folder: RelativePath,
  lying: Map<Written, RelativePath>,
  context: PlaceContext,
  shelf: Shelf,
): Promise<boolean> {
  for (const { written, name, adopted } of members) {
    if (adopted) continue;
    const to = relativePath(`${folder}/${name}`);
    const wasPlaced = lying.has(written);
    if ((await written.incoming.place(to)) === 'taken') {
      shelf.forget();
      return false;
    }
    lying.set(written, to);
    shelf.placed(folder, name);
    // Between two names it lay where others write.
    if (wasPlaced && !(await holds(to, written, context))) {
      throw new DriveError('drive-failing', `${to}: is not what was placed a moment ago`);
    }
  }
  for (const { written, adopted } of members) if (adopted) await written.incoming.discard();
  return true;
}

/** Whether the other chapters of a video can have their names with this number: free, or as they are on the card. */
async function isRoomFor(
  others: readonly PlannedFile[],
  names: readonly string[],
  folder: RelativePath,
  { store }: PlaceContext,
  shelf: Shelf,
): Promise<boolean> {
  const taken = await shelf.taken(store, folder);
  for (const [at, { sizeBytes, mtimeMs }] of others.entries()) {
    const name = names[at] ?? '';
    if (!taken.has(clashKey(name))) continue;
    const found = await store.stat(relativePath(`${folder}/${name}`));
    if (found === null || !isAsRecorded(store, { sizeBytes, toMtimeMs: mtimeMs }, found)) return false;
  }
  return true;
}

type Verdict = 'free' | 'same' | 'other';

async function lookUp(
  wanted: readonly { readonly written: Written; readonly name: string }[],
  folder: RelativePath,
  context: Pick<DriveContext, 'store' | 'source' | 'onReadBack'>,
  shelf: Shelf,
): Promise<readonly Verdict[]> {
  const taken = await shelf.taken(context.store, folder);
  const verdicts: Verdict[] = [];
  for (const { written, name } of wanted) {
    if (!taken.has(clashKey(name))) verdicts.push('free');
    else verdicts.push((await holds(relativePath(`${folder}/${name}`), written, context)) ? 'same' : 'other');
    if (verdicts.at(-1) === 'other') break;
  }
  return verdicts;
}

async function holds(
  path: RelativePath,
  { content }: Written,
  { store, source, onReadBack }: Pick<DriveContext, 'store' | 'source' | 'onReadBack'>,
): Promise<boolean> {
  const found = await store.stat(path);
  if (found === null || found.sizeBytes !== content.sizeBytes) return false;
  const result = await store.readBack(path, async () => source.check());
  if (keyOf(result) !== keyOf(content)) return false;
  onReadBack(result);
  return true;
}
