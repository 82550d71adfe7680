import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { type RelativePath, relativePath } from '../../machines/ids.ts';
import type { OpenDriveFile } from '../../services/pictures/ports.ts';
import { fill } from './whole.ts';

/** `O_NONBLOCK`: opening a fifo that has taken a file's place must not wait for a writer that never comes. */
const FILE = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const FOLDER = FILE | constants.O_DIRECTORY;

/**
 * A regular file below `root`. Each part is opened without following links, in the folder that was opened before it
 * (`/proc/self/fd/N/name`, as by `openat`), so that nothing that takes its place meanwhile leads elsewhere. Throws the
 * system's error; a `RangeError` when the path is absolute or climbs.
 */
export async function openBelow(root: string, path: RelativePath): Promise<FileHandle> {
  const names = relativePath(path).split('/');
  let handle = await open(root, constants.O_RDONLY | constants.O_DIRECTORY);
  for (const [at, name] of names.entries()) {
    const above = handle;
    const flags = at === names.length - 1 ? FILE : FOLDER;
    handle = await open(`/proc/self/fd/${above.fd}/${name}`, flags).finally(() => above.close());
  }
  if (await isRegular(handle)) return handle;
  await handle.close();
  throw new Error('not a regular file');
}

const isRegular = (handle: FileHandle) =>
  handle.stat().then(
    (stats) => stats.isFile(),
    () => false,
  );

export const openDriveFile: OpenDriveFile = async (root, path) => {
  const handle = await openBelow(root, path).catch(() => null);
  const stats = await handle?.stat().catch(() => null);
  if (handle === null || !stats) {
    await handle?.close();
    return null;
  }
  return {
    sizeBytes: stats.size,
    read: (buffer, position) => fill(handle, buffer, position),
    close: () => handle.close(),
  };
};
