import { type RelativePath, relativePath } from '../../machines/ids.ts';
import { isAsRecorded } from '../library/as-recorded.ts';
import type { Found } from '../media-ports.ts';
import type { Content } from './content.ts';
import type { TryContext } from './tries.ts';

/** A killed backup leaves one batch at most. What is more was not left by us and is not looked through. */
const MAX_STRAYS = 512;

type StrayContext = Pick<TryContext, 'store' | 'catalogue' | 'shelving'>;

interface Stray {
  readonly number: number;
  readonly found: Found;
}

/**
 * Numbered files that no record knows: a killed backup placed them and died before it could tell. The counter is
 * further by now, so that they are found by their size and time, not by their names.
 */
export class Strays {
  readonly #known = new WeakMap<ReadonlyMap<string, string>, readonly Stray[]>();

  /** Numbers under which one of these contents seems to lie in the folder. `taken` is what lies there. Throws `DriveError`. */
  async numbers(
    contents: readonly Content[],
    folder: RelativePath,
    taken: ReadonlyMap<string, string>,
    context: StrayContext,
  ): Promise<readonly number[]> {
    const strays = this.#known.get(taken) ?? (await lookFor(folder, taken, context));
    this.#known.set(taken, strays);
    const isOne = ({ found }: Stray) =>
      contents.some(
        ({ sizeBytes, mtimeMs }) =>
          // Every empty file has the same content.
          sizeBytes > 0 && isAsRecorded(context.store, { sizeBytes, toMtimeMs: mtimeMs }, found),
      );
    return strays.filter(isOne).map(({ number }) => number);
  }
}

async function lookFor(
  folder: RelativePath,
  taken: ReadonlyMap<string, string>,
  { store, catalogue, shelving }: StrayContext,
): Promise<readonly Stray[]> {
  const strays: { readonly number: number; readonly to: RelativePath }[] = [];
  for (const name of taken.values()) {
    const number = shelving.seqIn(name);
    if (number === null) continue;
    const to = relativePath(`${folder}/${name}`);
    if (catalogue.copyAt(store.drive.id, to) !== null) continue;
    strays.push({ number, to });
    if (strays.length > MAX_STRAYS) return [];
  }
  const found = await store.statAll(strays.map(({ to }) => to));
  return strays.flatMap(({ number }, at) => {
    const there = found[at] ?? null;
    return there === null ? [] : [{ number, found: there }];
  });
}
