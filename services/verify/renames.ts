import type { RelativePath } from '../../machines/ids.ts';
import { fileName } from '../library/names.ts';
import type { HashFormat, HashValue } from '../manifest/mhl-reader.ts';
import type { Expected } from './expected.ts';
import type { FoundFile } from './ports.ts';
import { MAX_REPORTED } from './tally.ts';

export interface Renamed {
  readonly from: RelativePath;
  readonly to: RelativePath;
}

interface Lost {
  readonly path: RelativePath;
  /** Null where the manifest does not say. */
  readonly sizeBytes: number | null;
}

/** Files of one content that are told apart by their names; with more, one look would cost too much. */
const MAX_SAME = 256;

const keyOf = ({ format, value }: HashValue): string => `${format} ${value}`;

/**
 * Missing files that may lie there under another name: a new file of the same size and the same content is one of them,
 * and each is taken once. Empty files have all the same content, so only one of the same name is the same. Beyond
 * 100,000 missing files, and 256 of one content, the rest stay missing.
 */
export class Renames {
  readonly #lost = new Map<string, Lost[]>();
  /** How many are to be told by which format, of which size: what asks for no format is not read. */
  readonly #wanted = new Map<HashFormat, Map<number | null, number>>();
  readonly #found: Renamed[] = [];
  #count = 0;

  /** In the order of `to` as they were found. */
  get found(): readonly Renamed[] {
    return this.#found;
  }

  /** Nothing vouches for a file without a hash: it stays missing. */
  missing({ path, sizeBytes, hash }: Pick<Expected, 'path' | 'sizeBytes' | 'hash'>): void {
    if (hash === null || this.#count >= MAX_REPORTED) return;
    const key = keyOf(hash);
    const same = this.#lost.get(key) ?? [];
    if (same.length >= MAX_SAME) return;
    this.#count += 1;
    // Not pushed: a list that grows takes room for 16 more, and nearly all have one.
    this.#lost.set(key, [...same, { path, sizeBytes }]);
    this.#want(sizeBytes, hash.format, 1);
  }

  /** In which formats a new file of this size has to be read; none where no missing file has its size. */
  formatsFor(sizeBytes: number): readonly HashFormat[] {
    return [...this.#wanted].flatMap(([format, sizes]) =>
      sizes.has(sizeBytes) || sizes.has(null) ? [format] : [],
    );
  }

  /** The missing file that the new one is, which is missing no more; of several the one with its name. */
  take({ path: to, sizeBytes }: FoundFile, hash: HashValue): RelativePath | null {
    const key = keyOf(hash);
    const all = this.#lost.get(key) ?? [];
    const fits = all.filter((lost) => lost.sizeBytes === null || lost.sizeBytes === sizeBytes);
    const sameName = fits.find(({ path }) => fileName(path) === fileName(to));
    const lost = sameName ?? (sizeBytes === 0 ? undefined : fits[0]);
    if (lost === undefined) return null;
    const rest = all.filter((other) => other !== lost);
    if (rest.length === 0) this.#lost.delete(key);
    else this.#lost.set(key, rest);
    this.#want(lost.sizeBytes, hash.format, -1);
    this.#found.push({ from: lost.path, to });
    return lost.path;
  }

  #want(sizeBytes: number | null, format: HashFormat, by: 1 | -1): void {
    const sizes = this.#wanted.get(format) ?? new Map<number | null, number>();
    this.#wanted.set(format, sizes);
    const count = (sizes.get(sizeBytes) ?? 0) + by;
    if (count > 0) sizes.set(sizeBytes, count);
    else sizes.delete(sizeBytes);
  }
}
