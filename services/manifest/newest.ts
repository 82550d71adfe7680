import type { RelativePath } from '../../machines/ids.ts';
import type { Generation, HistoryFile, MhlHistory } from './history.ts';
import type { HashFormat, HashValue } from './mhl-reader.ts';
import type { PathSet } from './path-set.ts';

/** What a history says now of one path. */
export interface NewestFile extends HistoryFile {
  /** The best of its hashes in the formats asked for; null when no entry has one: nothing vouches for this file. */
  readonly hash: HashValue | null;
  /** It comes behind all others, not in the order of its manifest. */
  readonly isLast?: boolean;
}

const NONE: ReadonlySet<HashFormat> = new Set();
/** Files without a usable hash that are kept until an older generation decides. */
const MAX_UNDECIDED = 100_000;

/**
 * The newest entry of each path that has a hash in one of the formats; an entry without (another tool added MD5 only,
 * or noted a mismatch) leaves the word to an older one. When there is none it comes last, with its newest hash in one of
 * `lastFormats`, or without any. `seen` gets every path, and those that files were renamed from: two histories that share
 * it never report a path twice.
 */
export async function* newestFiles(
  history: MhlHistory,
  formats: ReadonlySet<HashFormat>,
  seen: PathSet,
  lastFormats: ReadonlySet<HashFormat> = NONE,
): AsyncGenerator<NewestFile> {
  const undecided = new Map<RelativePath, NewestFile>();
  let generation: Generation | null = null;
  let renamedFrom: RelativePath[] = [];
  for await (const file of history.files()) {
    if (file.generation !== generation) {
      // At the end of its generation only: a new file may have taken the old name in the same one.
      for (const path of renamedFrom) seen.add(path);
      renamedFrom = [];
      generation = file.generation;
    }
    const hash = file.hashes.find((value) => formats.has(value.format));
    if (hash === undefined) {
      const last = file.hashes.find((value) => lastFormats.has(value.format)) ?? null;
      const newer = undecided.get(file.path);
      if (newer === undefined ? undecided.size >= MAX_UNDECIDED : newer.hash !== null) continue;
      undecided.set(file.path, { ...file, hash: last, isLast: true });
      if (last !== null && file.previousPath !== null) renamedFrom.push(file.previousPath);
      continue;
    }
    if (!seen.add(file.path)) continue;
    if (file.previousPath !== null) renamedFrom.push(file.previousPath);
    yield { ...file, hash };
  }
  for (const file of undecided.values()) {
    if (seen.add(file.path)) yield file;
  }
}
