import { type RelativePath, relativePath } from '../../machines/ids.ts';
import { clashKey } from '../library/names.ts';
import { keyOf } from './content.ts';
import type { DriveContext } from './drive-context.ts';
import type { Shelf } from './shelf.ts';
import { type Shelved, type TryContext, triesOf } from './tries.ts';
import type { Written } from './written.ts';

export interface Placed {
  readonly written: Written;
  readonly to: RelativePath;
  /** The same content lay there under this name already, and was read back from the medium. */
  readonly adopted: boolean;
  /** From the counter, where the layout has one. */
  readonly number: number | null;
}

type PlaceContext = TryContext & Pick<DriveContext, 'source' | 'onReadBack'>;

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
    for (const shot of shelved) {
      const { group, naming } = shot;
      const { folder } = naming;
      const taken = await shelf.taken(context.store, folder);
      const number = await firstOf(triesOf(shot, context, shelf));
      const names = naming.names(number);
      if (!names.some((name) => taken.has(clashKey(name)))) {
        for (const [at, written] of group.entries()) {
          const name = names[at] ?? '';
          shelf.placed(folder, name);
          moves.push({ written, shot, number, to: relativePath(`${folder}/${name}`) });
        }
        continue;
      }
      // What has the name may be waiting here: it has to lie there before anything is held against it.
      await moveAll();
      placed.push(...(await placeGroup(shot, context, shelf)));
    }
    await moveAll();
    return placed;
  } catch (error) {
    // Names were taken in memory that are not on the drive.
    shelf.forget();
    throw error;
  }
}

async function firstOf(tries: AsyncGenerator<number>): Promise<number> {
  for await (const number of tries) return number;
  return 1;
}

const numberOf = ({ naming }: Shelved, number: number): number | null => (naming.isNumbered ? number : null);

interface Move {
  readonly written: Written;
  readonly shot: Shelved;
  readonly number: number;
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
  for (const [at, { written, shot, to, number }] of moves.entries()) {
    if (ends[at] === 'placed') placed.push({ written, to, adopted: false, number: numberOf(shot, number) });
    else taken.set(shot, [...(taken.get(shot) ?? []), written]);
  }
  if (taken.size === 0) return placed;
  // Somebody else took these names this very moment: what is placed stays, the rest gets a number.
  shelf.forget();
  for (const [shot, rest] of taken) placed.push(...(await placeGroup(shot, context, shelf, rest)));
  return placed;
}

/**
 * Gives a shot group, or `only` some of it, its names on the drive: the first number with which every name is free, or holds this very
 * content already. The latter finds what a killed backup placed and never recorded, and joins a sidecar to its photo.
 * Nothing is ever replaced. To be called in `shelf.run`. Not durable before `settle`. Throws `DriveError`.
 */
export async function placeGroup(
  shot: Shelved,
  context: PlaceContext,
  shelf: Shelf,
  only: readonly Written[] = shot.group,
): Promise<readonly Placed[]> {
  const { folder } = shot.naming;
  let rest = shot.group
    .map((written, at) => ({ written, at }))
    .filter(({ written }) => only.includes(written));
  const placed: Placed[] = [];
  for await (const number of triesOf(shot, context, shelf)) {
    const names = shot.naming.names(number);
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
      placed.push({ written: member.written, to, adopted, number: numberOf(shot, number) });
    }
    rest = left;
    if (rest.length === 0) break;
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
