import { Buffer } from 'node:buffer';
import fs, { type Stats } from 'node:fs';
import type { SpecialKind } from '../../../services/media-ports.ts';
import { type ErrorMessage, toMessage } from './messages.ts';

/** What lies under a name; `folder` is no link to one. */
export type Seen =
  | { readonly kind: 'file'; readonly sizeBytes: number; readonly mtimeMs: number }
  | { readonly kind: 'folder' }
  | { readonly kind: 'other'; readonly special: SpecialKind };

/**
 * Names in a folder, in byte order. Paths and names are raw bytes as latin1: a string of UTF-8 would turn names of
 * other encodings into names that do not exist, and buffers cost a clone each. Throws the system's error.
 */
export function namesIn(folder: string): string[] {
  return fs.readdirSync(Buffer.from(folder, 'latin1'), { encoding: 'latin1' }).sort();
}

/** `lstat` decides, not the type in the listing: some file systems do not know it there. */
export function lookAtAll(folder: string, names: readonly string[]): (Seen | ErrorMessage)[] {
  return names.map((name) => {
    try {
      const found = fs.lstatSync(Buffer.from(`${folder}/${name}`, 'latin1'));
      if (found.isFile()) return { kind: 'file', sizeBytes: found.size, mtimeMs: found.mtimeMs };
      return found.isDirectory() ? { kind: 'folder' } : { kind: 'other', special: specialKind(found) };
    } catch (error) {
      return toMessage(error);
    }
  });
}

function specialKind(found: Stats): SpecialKind {
  if (found.isSymbolicLink()) return 'link';
  if (found.isFIFO()) return 'fifo';
  return found.isSocket() ? 'socket' : 'device';
}
