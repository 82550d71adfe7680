import { Buffer } from 'node:buffer';
import { constants } from 'node:fs';
import { chmod, lstat, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { DriveError } from '../../services/errors.ts';
import { errnoOf } from './errno.ts';
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
