import { lstat } from 'node:fs/promises';
import { fileKey } from './io/sighting.ts';

/** `Sighting.file` of an absolute path, whatever lies there; null where that cannot be told. */
export async function fileAt(path: string): Promise<string | null> {
  return lstat(path, { bigint: true }).then(fileKey, () => null);
}
