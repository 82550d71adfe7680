import { Buffer } from 'node:buffer';
import type { Stats } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import type { SpecialKind } from '../../services/ports.ts';
import { joinBytes } from './raw-path.ts';

/** One thing in a tree; `rel` is its path below the top in raw bytes, empty for the top itself. */
export type TreeEntry =
  | { readonly kind: 'file'; readonly rel: Buffer; readonly sizeBytes: number; readonly mtimeMs: number }
  | { readonly kind: 'other'; readonly rel: Buffer; readonly special: SpecialKind | null }
  | { readonly kind: 'failed'; readonly rel: Buffer; readonly error: unknown };

/** Names asked for their kind in one go: enough for the four threads of libuv, small enough for the memory. */
const STATS_AT_ONCE = 64;

interface Folder {
  readonly rel: Buffer;
  /** In byte order. A file system bounds it: FAT has 65,536 entries a folder. */
  readonly names: readonly Buffer[];
  asked: number;
  known: Seen[];
}

interface Seen {
  readonly rel: Buffer;
  readonly found: Stats | { readonly error: unknown };
}

/**
 * Everything below a folder, depth first, names in byte order, links not followed. Holds one list of names for each
 * level, not the tree; PATH_MAX (4096 bytes) bounds the depth. What cannot be listed is an entry, never a silent gap.
 */
export async function* walkTree(
  top: string,
  isSkipped: (rel: Buffer) => boolean = () => false,
): AsyncGenerator<TreeEntry> {
  const topBytes = Buffer.from(top);
  const first = await openFolder(topBytes, Buffer.alloc(0));
  if ('error' in first) {
    yield { kind: 'failed', rel: Buffer.alloc(0), error: first.error };
    return;
  }
  const stack = [first];
  for (let folder = stack.at(-1); folder !== undefined; folder = stack.at(-1)) {
    const seen = await nextOf(topBytes, folder);
    if (seen === undefined) {
      stack.pop();
      continue;
    }
    const { rel, found } = seen;
    if ('error' in found) yield { kind: 'failed', rel, error: found.error };
    else if (found.isFile()) yield { kind: 'file', rel, sizeBytes: found.size, mtimeMs: found.mtimeMs };
    else if (!found.isDirectory() || isSkipped(rel))
      yield { kind: 'other', rel, special: specialKind(found) };
    else {
      const inner = await openFolder(topBytes, rel);
      if ('error' in inner) yield { kind: 'failed', rel, error: inner.error };
      else stack.push(inner);
    }
  }
}

/** Null for a folder that is skipped. */
function specialKind(found: Stats): SpecialKind | null {
  if (found.isSymbolicLink()) return 'link';
  if (found.isFIFO()) return 'fifo';
  if (found.isSocket()) return 'socket';
  return found.isDirectory() ? null : 'device';
}

/** A string list would turn names of other encodings into names that do not exist. */
async function openFolder(top: Buffer, rel: Buffer): Promise<Folder | { readonly error: unknown }> {
  try {
    const names = await readdir(rel.length === 0 ? top : joinBytes(top, rel), { encoding: 'buffer' });
    return { rel, names: names.sort(Buffer.compare), asked: 0, known: [] };
  } catch (error) {
    return { error };
  }
}

async function nextOf(top: Buffer, folder: Folder): Promise<Seen | undefined> {
  if (folder.known.length === 0) {
    const names = folder.names.slice(folder.asked, folder.asked + STATS_AT_ONCE);
    folder.asked += names.length;
    folder.known = await Promise.all(names.map((name) => look(top, joinBytes(folder.rel, name))));
    // Taken from the end: `shift` would move the rest each time.
    folder.known.reverse();
  }
  return folder.known.pop();
}

/** `lstat` decides, not the type in the listing: some file systems do not know it there. */
async function look(top: Buffer, rel: Buffer): Promise<Seen> {
  try {
    return { rel, found: await lstat(joinBytes(top, rel)) };
  } catch (error) {
    return { rel, found: { error } };
  }
}
