import { type RelativePath, relativePath } from '../../machines/ids.ts';
import { DriveError } from '../errors.ts';
import { isAsRecorded } from '../library/as-recorded.ts';
import { clashKey, fileName } from '../library/names.ts';
import type { DriveStore, Found } from '../media-ports.ts';
import { keyOf } from './content.ts';
import type { DriveContext } from './drive-context.ts';
import type { Shelf } from './shelf.ts';
import type { Source } from './source.ts';
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

/** What placing needs of a drive and of a backup; a preview has both in memory. */
export interface PlaceContext extends TryContext {
  readonly store: TryContext['store'] & Pick<DriveStore, 'stat' | 'readBack' | 'placeAll'>;
  readonly source: Pick<Source, 'check'>;
  readonly claim: DriveContext['claim'];
  readonly onReadBack: DriveContext['onReadBack'];
  readonly job: Pick<DriveContext['job'], 'backupId'>;
}

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
      if (isFree(shot, number, taken, context, shelf)) {
        promiseFilm(shot, number, context, shelf);
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

/** Whether nobody has or is promised any name of the group, and of its film. */
function isFree(
  { group, naming, film }: Shelved,
  number: number,
  taken: ReadonlyMap<string, string>,
  { job }: PlaceContext,
  shelf: Shelf,
): boolean {
  const { folder } = naming;
  const isIts = (name: string, file: Found | undefined) =>
    !taken.has(clashKey(name)) &&
    (file === undefined || !shelf.isPromisedAway(folder, name, file, job.backupId));
  return (
    naming.names(number).every((name, at) => isIts(name, group[at]?.file)) &&
    (film?.naming.names(number) ?? []).every((name, at) => isIts(name, film?.others[at]))
  );
}

/** Cards that are copied at once may have videos of one number. */
function promiseFilm({ film }: Shelved, number: number, { job }: PlaceContext, shelf: Shelf): void {
  if (film === null) return;
  for (const [at, name] of film.naming.names(number).entries()) {
    const other = film.others[at];
    if (other !== undefined) shelf.promise(film.naming.folder, name, other, job.backupId);
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
  const numbers = new Map(moves.map(({ shot, number }) => [shot, numberOf(shot, number)]));
  for (const [shot, lying] of shots) {
    const number = numbers.get(shot) ?? null;
    if (split.has(shot)) placed.push(...(await placeGroup(shot, context, shelf, lying)));
    else for (const [written, to] of lying) placed.push({ written, to, adopted: false, number });
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
  shot: Shelved,
  context: PlaceContext,
  shelf: Shelf,
  lying: Map<Written, RelativePath> = new Map(),
): Promise<readonly Placed[]> {
  const { group, naming } = shot;
  for await (const number of triesOf(shot, context, shelf)) {
    const names = naming.names(number);
    const wanted = group.map((written, at) => ({
      written,
      to: relativePath(`${naming.folder}/${names[at] ?? ''}`),
    }));
    const verdicts = await lookUp(wanted, lying, naming.folder, context, shelf);
    if (verdicts.includes('other') || !(await isRoomForFilm(shot, number, context, shelf))) continue;
    const moves = wanted.map((each, at) => ({ ...each, adopted: verdicts[at] === 'same' }));
    if (await placeAll(moves, naming.folder, lying, context, shelf)) {
      promiseFilm(shot, number, context, shelf);
      return moves.map((each) => ({ ...each, number: numberOf(shot, number) }));
    }
  }
  return [];
}

interface NamedMember {
  readonly written: Written;
  readonly to: RelativePath;
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
  for (const { written, to, adopted } of members) {
    const was = lying.get(written);
    if (adopted || was === to) continue;
    if ((await written.incoming.place(to)) === 'taken') {
      shelf.forget();
      return false;
    }
    lying.set(written, to);
    shelf.placed(folder, fileName(to));
    // Between two names it lay where others write.
    if (was !== undefined && !(await holds(to, written, context))) {
      throw new DriveError('drive-failing', `${to}: is not what was placed a moment ago`);
    }
  }
  for (const { written, adopted } of members) if (adopted) await written.incoming.discard();
  return true;
}

/** Whether the other chapters of a video can have their names with this number: free, or as they are on the card. */
async function isRoomForFilm(
  { film }: Shelved,
  number: number,
  { store, job }: PlaceContext,
  shelf: Shelf,
): Promise<boolean> {
  if (film === null) return true;
  const { folder } = film.naming;
  const taken = await shelf.taken(store, folder);
  for (const [at, name] of film.naming.names(number).entries()) {
    const other = film.others[at];
    if (other === undefined) continue;
    if (!taken.has(clashKey(name))) {
      if (shelf.isPromisedAway(folder, name, other, job.backupId)) return false;
      continue;
    }
    const found = await store.stat(relativePath(`${folder}/${name}`));
    const { sizeBytes, mtimeMs } = other;
    if (found === null || !isAsRecorded(store, { sizeBytes, toMtimeMs: mtimeMs }, found)) return false;
  }
  return true;
}

type Verdict = 'free' | 'same' | 'other';

/** What lies there of the group itself is as good as free. */
async function lookUp(
  wanted: readonly { readonly written: Written; readonly to: RelativePath }[],
  lying: ReadonlyMap<Written, RelativePath>,
  folder: RelativePath,
  context: PlaceContext,
  shelf: Shelf,
): Promise<readonly Verdict[]> {
  const taken = await shelf.taken(context.store, folder);
  const verdicts: Verdict[] = [];
  for (const { written, to } of wanted) {
    const name = fileName(to);
    if (lying.get(written) === to) verdicts.push('free');
    else if (!taken.has(clashKey(name))) {
      const isAway = shelf.isPromisedAway(folder, name, written.file, context.job.backupId);
      verdicts.push(isAway ? 'other' : 'free');
    } else verdicts.push((await holds(to, written, context)) ? 'same' : 'other');
    if (verdicts.at(-1) === 'other') break;
  }
  return verdicts;
}

async function holds(
  path: RelativePath,
  { content }: Written,
  { store, source, claim, onReadBack }: PlaceContext,
): Promise<boolean> {
  const found = await store.stat(path);
  if (found === null || found.sizeBytes !== content.sizeBytes) return false;
  // A hard link to the card's file goes with it when the card is erased, one to another drive's with that.
  if (found.file === content.file || !claim(found.file)) return false;
  const result = await store.readBack(path, async () => source.check());
  if (keyOf(result) !== keyOf(content)) return false;
  onReadBack(result);
  return true;
}
