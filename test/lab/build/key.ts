import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** Enough that two different builds never meet, short enough for a folder's name. */
const KEY_LENGTH = 16;

/** One key for all that a product was made of. Each part is closed by its length, so that `ab, c` is not `a, bc`. */
export function keyOf(parts: readonly (string | Buffer)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest('hex').slice(0, KEY_LENGTH);
}

/** Of all files below a folder: their names and their bytes, in a fixed order. */
export function keyOfFolder(folder: string): string {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => ({ path: join(entry.parentPath, entry.name), link: entry.isSymbolicLink() }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  return keyOf(
    entries.flatMap(({ path, link }) => [
      path.slice(folder.length),
      link ? readlinkSync(path) : readFileSync(path),
    ]),
  );
}

export const keyOfFiles = (paths: readonly string[]): string =>
  keyOf(paths.map((path) => readFileSync(path)));
