import { type RelativePath, relativePath } from '../../machines/ids.ts';
import { isAsRecorded } from '../library/as-recorded.ts';
import type { Found } from '../media-ports.ts';
import type { Shelved, TryContext } from './tries.ts';

/** A killed backup leaves one batch at most. What is more was not left by us and is not looked through. */
const MAX_STRAYS = 512;

type StrayContext = Pick<TryContext, 'store' | 'catalogue' | 'shelving'>;

interface Stray {
  readonly number: number;
  readonly name: string;
  readonly found: Found;
}

/**
 * Numbered files that no record knows: a killed backup placed them and died before it could tell. The counter is
 * further by now, so that they are found by their size and time, not by their names.
 */
export class Strays {
  readonly #known = new WeakMap<ReadonlyMap<string, string>, readonly Stray[]>();

  /**
   * Numbers with which a file of the shot seems to lie in its folder under the very name that it would get: what has
   * another one is another shot, and no two have one number. `taken` is what lies there. Throws `DriveError`.
   */
  async numbers(
    { group, naming }: Pick<Shelved, 'group' | 'naming'>,
    taken: ReadonlyMap<string, string>,
    context: StrayContext,
  ): Promise<readonly number[]> {
    const strays = this.#known.get(taken) ?? (await lookFor(naming.folder, taken, context));
    this.#known.set(taken, strays);
    const isOne = ({ number, name, found }: Stray) =>
      group.some(
        ({ content: { sizeBytes, mtimeMs } }, at) =>
          // Every empty file has the same content.
          sizeBytes > 0 &&
          naming.names(number)[at] === name &&
          isAsRecorded(context.store, { sizeBytes, toMtimeMs: mtimeMs }, found),
      );
    return strays.filter(isOne).map(({ number }) => number);
  }
}

async function lookFor(
  folder: RelativePath,
  taken: ReadonlyMap<string, string>,
  { store, catalogue, shelving }: StrayContext,
): Promise<readonly Stray[]> {
  const strays: (Omit<Stray, 'found'> & { readonly to: RelativePath })[] = [];
  for (const name of taken.values()) {
    const number = shelving.seqIn(name);
    if (number === null) continue;
    const to = relativePath(`${folder}/${name}`);
    if (catalogue.copyAt(store.drive.id, to) !== null) continue;
    strays.push({ number, name, to });
    if (strays.length > MAX_STRAYS) return [];
  }
  const found = await store.statAll(strays.map(({ to }) => to));
  return strays.flatMap(({ number, name }, at) => {
    const there = found[at] ?? null;
    return there === null ? [] : [{ number, name, found: there }];
  });
}
