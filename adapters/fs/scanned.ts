import { Buffer } from 'node:buffer';
import type { RelativePath } from '../../machines/ids.ts';
import type { ScannedFile, ScannedOther } from '../../services/media-ports.ts';
import { joinBytes, toCardPath } from './raw-path.ts';
import type { TreeEntry } from './tree.ts';

/** What was found in a tree, as a listing tells of it. */
export function toScanned(entry: Exclude<TreeEntry, { kind: 'failed' }>): ScannedFile | ScannedOther {
  const path = toCardPath(entry.rel);
  if (entry.kind === 'other') {
    const { special } = entry;
    return special === null ? { kind: 'ignored', ...path } : { kind: 'ignored', ...path, special };
  }
  return { kind: 'file', ...path, sizeBytes: entry.sizeBytes, mtimeMs: entry.mtimeMs };
}

/** The same with the path from further up. */
export const scannedBelow = (
  folder: RelativePath,
  entry: Exclude<TreeEntry, { kind: 'failed' }>,
): ScannedFile | ScannedOther => toScanned({ ...entry, rel: joinBytes(Buffer.from(folder), entry.rel) });
