import { Buffer } from 'node:buffer';
import type { SpecialKind } from '../../services/media-ports.ts';
import type { Lane } from './io/lanes.ts';
import type { Seen } from './io/listing.ts';
import { type ErrorMessage, toError } from './io/messages.ts';

/** One thing in a tree; `rel` is its path below the top in raw bytes, empty for the top itself. */
export type TreeEntry =
  | { readonly kind: 'file'; readonly rel: Buffer; readonly sizeBytes: number; readonly mtimeMs: number }
  | { readonly kind: 'other'; readonly rel: Buffer; readonly special: SpecialKind | null }
  | { readonly kind: 'failed'; readonly rel: Buffer; readonly error: unknown };

/** Names asked for their kind in one trip to the thread: a few milliseconds on a quick medium. */
const LOOKS_AT_ONCE = 256;

/** Paths in it are raw bytes as latin1, see `namesIn`. */
interface Folder {
  /** Below the top; empty for the top itself. */
  readonly rel: string;
  readonly path: string;
  /** In byte order. A file system bounds it: FAT has 65,536 entries a folder. */
  readonly names: readonly string[];
  /** How many of them were asked for their kind, and how many of those were taken. */
  asked: number;
  taken: number;
  /** Of the last ones that were asked. */
  seen: readonly (Seen | ErrorMessage)[];
}

/**
 * Everything below a folder, depth first, names in byte order, links not followed. Holds one list of names for each
 * level, not the tree; PATH_MAX (4096 bytes) bounds the depth. What cannot be listed is an entry, never a silent gap.
 */
export async function* walkTree(
  lane: Lane,
  top: string,
  isSkipped: (rel: Buffer) => boolean = () => false,
): AsyncGenerator<TreeEntry> {
  const topPath = Buffer.from(top).toString('latin1');
  const first = await openFolder(lane, topPath, '');
  if ('error' in first) {
    yield { kind: 'failed', rel: Buffer.alloc(0), error: first.error };
    return;
  }
  const stack = [first];
  for (let folder = stack.at(-1); folder !== undefined; folder = stack.at(-1)) {
    const next = await nextOf(lane, folder);
    if (next === null) {
      stack.pop();
      continue;
    }
    const { name, seen } = next;
    const below = folder.rel === '' ? name : `${folder.rel}/${name}`;
    const rel = Buffer.from(below, 'latin1');
    if ('error' in seen) yield { kind: 'failed', rel, error: toError(seen) };
    else if (seen.kind === 'file')
      yield { kind: 'file', rel, sizeBytes: seen.sizeBytes, mtimeMs: seen.mtimeMs };
    else if (seen.kind === 'other') yield { kind: 'other', rel, special: seen.special };
    else if (isSkipped(rel)) yield { kind: 'other', rel, special: null };
    else {
      const inner = await openFolder(lane, `${folder.path}/${name}`, below);
      if ('error' in inner) yield { kind: 'failed', rel, error: inner.error };
      else stack.push(inner);
    }
  }
}

async function openFolder(
  lane: Lane,
  path: string,
  rel: string,
): Promise<Folder | { readonly error: unknown }> {
  try {
    return { rel, path, names: await lane.call('namesIn', path), asked: 0, taken: 0, seen: [] };
  } catch (error) {
    return { error };
  }
}

/** Null at its end. */
async function nextOf(
  lane: Lane,
  folder: Folder,
): Promise<{ readonly name: string; readonly seen: Seen | ErrorMessage } | null> {
  if (folder.taken === folder.asked) {
    const names = folder.names.slice(folder.asked, folder.asked + LOOKS_AT_ONCE);
    folder.seen = await lane.call('lookAtAll', folder.path, names);
    folder.asked += names.length;
  }
  const name = folder.names[folder.taken];
  const seen = folder.seen[folder.taken - folder.asked + folder.seen.length];
  folder.taken += 1;
  return name === undefined || seen === undefined ? null : { name, seen };
}
