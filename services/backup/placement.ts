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

/**
 * Gives a shot group its names on the drive: the first number with which every name is free, or holds this very
 * content already. The latter finds what a killed backup placed and never recorded, and joins a sidecar to its photo.
 * Nothing is ever replaced. To be called in `shelf.run`. Not durable before `settle`. Throws `DriveError`.
 */
export async function placeGroup(
  group: readonly Written[],
  folder: RelativePath,
  context: Pick<DriveContext, 'store' | 'shelving' | 'onReadBack'>,
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
  context: Pick<DriveContext, 'store' | 'onReadBack'>,
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
  { store, onReadBack }: Pick<DriveContext, 'store' | 'onReadBack'>,
): Promise<boolean> {
  const found = await store.stat(path);
  if (found === null || found.sizeBytes !== content.sizeBytes) return false;
  const result = await store.readBack(path);
  if (keyOf(result) !== keyOf(content)) return false;
  onReadBack(result);
  return true;
}
