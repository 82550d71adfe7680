import { Buffer, isUtf8 } from 'node:buffer';
import { realpath } from 'node:fs/promises';
import { type RelativePath, relativePath } from '../../machines/ids.ts';
import type { CardPath } from '../../services/media-ports.ts';
import { isMissing } from './errno.ts';

/** Paths on media are bytes: a name need not be UTF-8, and only its exact bytes open the file again. */
const SLASH = Buffer.from('/');

export function joinBytes(folder: Buffer, name: Buffer): Buffer {
  return folder.length === 0 ? name : Buffer.concat([folder, SLASH, name]);
}

export function toCardPath(raw: Buffer): CardPath {
  const path = raw.toString('utf8') as RelativePath;
  return isUtf8(raw) ? { path } : { path, pathBase64: raw.toString('base64') };
}

/** The bytes again. Throws a `RangeError` when they are absolute or climb out of their root. */
export function fromCardPath(file: CardPath): Buffer {
  const raw =
    file.pathBase64 === undefined ? Buffer.from(file.path, 'utf8') : Buffer.from(file.pathBase64, 'base64');
  relativePath(raw.toString('latin1'));
  if (raw.includes(0)) throw new RangeError(`a path with a zero byte: ${JSON.stringify(file.path)}`);
  return raw;
}

/**
 * True when no part of a path below a root is a symbolic link: then it leads where it says.
 * `root` must be a real path itself. Null when there is nothing at that path.
 */
export async function leadsStraight(root: string, raw: Buffer): Promise<boolean | null> {
  const plain = joinBytes(Buffer.from(root === '/' ? '' : root), raw);
  try {
    return (await realpath(plain, { encoding: 'buffer' })).equals(plain);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
