import { Buffer } from 'node:buffer';
import { constants } from 'node:fs';
import { chmod, link, lstat, mkdir, open, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DriveError } from '../../services/errors.ts';
import type { Lock } from './drive-share.ts';
import { errnoOf, isMissing } from './errno.ts';
import { leadsStraight } from './raw-path.ts';

/** The steps of the durable recipe (`threats.md`). Paths are absolute unless they say `below`. */

/** Syncs a file or a folder under its present name. A failed fsync is an error, never tried again. */
export async function syncPath(path: string): Promise<void> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Modes and times are worth having, not worth a failed copy: FAT mounted for another user refuses them. */
export async function setWhereAllowed(set: () => Promise<void>): Promise<void> {
  await set().catch((error: unknown) => {
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(errnoOf(error) ?? '')) throw error;
  });
}

/** Makes a folder below `root` and its parents, one by one, 0755; true when it made any. A link or a file in the way is an error. */
export async function makeFolders(root: string, below: string): Promise<boolean> {
  if (below === '.') return false;
  const straight = await leadsStraight(root, Buffer.from(below));
  if (straight === false)
    throw new DriveError('drive-not-writable', `${below}: leads through a symbolic link`);
  if (straight && (await lstat(join(root, below))).isDirectory()) return false;
  let made = false;
  let path = root;
  for (const part of below.split('/')) {
    path = join(path, part);
    made = (await makeFolder(path)) || made;
  }
  return made;
}

async function makeFolder(path: string): Promise<boolean> {
  try {
    await mkdir(path);
    await setWhereAllowed(() => chmod(path, 0o755));
    return true;
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
    // `mkdir` also refuses where a link or a file stands: only a real folder will do.
    if ((await lstat(path)).isDirectory()) return false;
    throw new DriveError('drive-not-writable', `${path}: a folder is needed here, something else is there`);
  }
}

/** File systems without hard links: FAT and exFAT say EPERM, FUSE one of the others. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

/** How a name is taken; the system's own calls, or a test's. */
export interface Naming {
  readonly link: typeof link;
}

/**
 * Moves a file to its final name and never replaces: `link` fails where a name is taken, `rename` would not. Where
 * there are no links, the lock of the drive keeps our own writers apart between the look and the rename.
 */
export async function moveWithoutReplacing(
  from: string,
  to: string,
  lock: Lock,
  naming: Naming = { link },
): Promise<'placed' | 'taken'> {
  try {
    await naming.link(from, to);
  } catch (error) {
    const code = errnoOf(error) ?? '';
    if (code === 'EEXIST') return 'taken';
    if (!NO_LINKS.includes(code)) throw error;
    return lock.run(() => renameWithoutReplacing(from, to));
  }
  await unlink(from);
  return 'placed';
}

async function renameWithoutReplacing(from: string, to: string): Promise<'placed' | 'taken'> {
  if (await isSomething(to)) return 'taken';
  await rename(from, to);
  return 'placed';
}

async function isSomething(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** A folder and every folder above it, up to and with the root, innermost first. */
export function foldersUpTo(root: string, folder: string): string[] {
  const folders = [folder];
  for (let at = folder; at !== root && at !== dirname(at); at = dirname(at)) folders.push(dirname(at));
  return folders;
}

/** `action` on each item, at most `limit` at a time; waits for all that began before it throws the first error. */
export async function forEachOf<T>(
  items: readonly T[],
  limit: number,
  action: (item: T) => Promise<void>,
): Promise<void> {
  // A generator, because an error in one worker closes it for all: nothing new begins after a failure.
  const rest = (function* () {
    yield* items;
  })();
  const worker = async (): Promise<void> => {
    for (const item of rest) await action(item);
  };
  const ends = await Promise.allSettled(Array.from({ length: limit }, worker));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}
