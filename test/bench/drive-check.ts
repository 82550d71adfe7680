import { join } from 'node:path';
import { contentsBelow } from './files.ts';

/** Manifests beside the photos are not of the card. */
const MANIFESTS = new Set(['ascmhl']);

/** Reads all of both and throws when a content of the card is not on a drive, or something else is. Slow, never timed. */
export function checkDrives(card: string, drives: readonly string[]): void {
  const wanted = contentsBelow(card);
  for (const drive of drives) {
    const found = contentsBelow(join(drive, 'Photos'), MANIFESTS);
    const isSame = found.length === wanted.length && found.every((hash, at) => hash === wanted[at]);
    if (!isSame)
      throw new Error(
        `${drive} does not hold what the card holds: ${found.length} of ${wanted.length} files`,
      );
  }
}
