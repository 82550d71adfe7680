import { type RelativePath, relativePath } from '../../machines/ids.ts';
import { DriveError } from '../errors.ts';
import { clashKey } from '../library/names.ts';
import { keyOf } from './content.ts';
import { type DriveContext, namesOf } from './drive-context.ts';
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

type PlaceContext = Pick<DriveContext, 'store' | 'source' | 'shelving' | 'onReadBack'>;

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
      const names = namesOf(
        group.map(({ file }) => file),
        1,
        context.shelving,
      );
      if (!names.some((name) => taken.has(clashKey(name)))) {
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
  const taken = new Map<Shelved, Written[]>();
  for (const [at, { written, shot, to }] of moves.entries()) {
    if (ends[at] === 'placed') placed.push({ written, to, adopted: false });
    else taken.set(shot, [...(taken.get(shot) ?? []), written]);
  }
  if (taken.size === 0) return placed;
  // Somebody else took these names this very moment: what is placed stays, the rest gets a number.
  shelf.forget();
  for (const [{ folder }, rest] of taken) placed.push(...(await placeGroup(rest, folder, context, shelf)));
  return placed;
}

/**
 * Gives a shot group its names on the drive: the first number with which every name is free, or holds this very
 * content already. The latter finds what a killed backup placed and never recorded, and joins a sidecar to its photo.
 * Nothing is ever replaced. To be called in `shelf.run`. Not durable before `settle`. Throws `DriveError`.
 */
export async function placeGroup(
  group: readonly Written[],
  folder: RelativePath,
  context: PlaceContext,
  shelf: Shelf,
): Promise<readonly Placed[]> {
  const { shelving } = context;
  const files = group.map(({ file }) => file);
  let rest = group.map((written, at) => ({ written, at }));
  const placed: Placed[] = [];
  for (let number = 1; rest.length > 0; number += 1) {
    if (number > MAX_NUMBER) {
      throw new DriveError('drive-not-writable', `${folder}: ${MAX_NUMBER} files of one name`);
    }
    const names = namesOf(files, number, shelving);
    const wanted = rest.map((member) => ({ ...member, name: names[member.at] ?? '' }));
    const verdicts = await lookUp(wanted, folder, context, shelf);
    if (verdicts.includes('other')) continue;
    const left: typeof rest = [];
    for (const [at, member] of wanted.entries()) {
      const to = relativePath(`${folder}/${member.name}`);
      const adopted = verdicts[at] === 'same';
      if (adopted) await member.written.incoming.discard();
      else if ((await member.written.incoming.place(to)) === 'taken') {
        // Somebody else took the name this very moment: only what is not placed yet moves on, nothing is undone.
        shelf.forget();
        left.push(member);
        continue;
      }
      shelf.placed(folder, member.name);
      placed.push({ written: member.written, to, adopted });
    }
    rest = left;
  }
  return placed;
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
