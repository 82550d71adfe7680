import { Buffer } from 'node:buffer';
import fs, { constants } from 'node:fs';
import { isMissing } from '../errno.ts';
import { closeQuietly, openFile, syncFile, systemError } from './calls.ts';
import type { Folders } from './folders.ts';
import { type DriveSpec, named, onDrive } from './on-drive.ts';

const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Placed files, then folders in their order, each under its present name. `each`: every file is synced; `together`:
 * their file system was synced a moment ago, so that each is only looked at. `left`: the folder that they were moved
 * out of, where it is there. FAT has two entries for one file until that one is durable, too: seen in the lab, a repair
 * then emptied the photo. A failed fsync is never tried again.
 */
export function settle(
  drive: DriveSpec,
  files: readonly string[],
  folderPaths: readonly string[],
  how: 'each' | 'together',
  left: string | null = null,
): void {
  onDrive(drive, 'settling', (folders) => {
    for (const file of files) named(drive, file, () => settleFile(folders, file, how));
    for (const path of folderPaths) named(drive, path, () => folders.sync(path));
    if (left !== null) named(drive, left, () => syncIfThere(folders, left));
  });
}

function settleFile(folders: Folders, file: string, how: 'each' | 'together'): void {
  const path = folders.at(Buffer.from(file));
  if (how === 'together') {
    if (!fs.lstatSync(path).isFile()) throw systemError('ELOOP', `${file}: no file is there any more`);
    return;
  }
  const fd = openFile(path, FLAGS);
  try {
    syncFile(fd);
  } finally {
    closeQuietly(fd);
  }
}

function syncIfThere(folders: Folders, path: string): void {
  try {
    folders.sync(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}
