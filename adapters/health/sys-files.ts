import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Trimmed text of a small file in `/sys` or `/proc`; null when it is missing or does not answer. */
export function readSmall(path: string): string | null {
  try {
    // Synchronous on purpose: the kernel answers from memory in microseconds, a queue of copies would delay it for seconds.
    return readFileSync(path, 'utf8').trim();
  } catch {
    return null;
  }
}

/** Sorted names in a folder; empty when there is none. */
export function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).toSorted();
  } catch {
    return [];
  }
}

/** `folder/name/file` for each name that fits and has such a file that can be read. */
export function filesBelow(folder: string, fits: RegExp, file: string): readonly string[] {
  return namesIn(folder)
    .filter((name) => fits.test(name))
    .map((name) => join(folder, name, file))
    .filter((path) => readSmall(path) !== null);
}
