import fs, { constants } from 'node:fs';
import { INBOX_FOLDER } from '../../../services/drive-folders.ts';
import { errnoOf, isMissing } from '../errno.ts';
import { TAKEN_FOLDER } from '../names.ts';
import { closeQuietly, openFile, syncFile } from './calls.ts';
import type { Folders } from './folders.ts';
import { inFolder, raw } from './inbox.ts';

/** Folders by their raw paths, bytes as latin1; `''` is the top of the inbox, of `taken`, of the drive. */
export const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));
export const inInbox = (path: string): string => (path === '' ? INBOX_FOLDER : `${INBOX_FOLDER}/${path}`);
export const inTaken = (path: string): string => (path === '' ? TAKEN_FOLDER : `${TAKEN_FOLDER}/${path}`);

/** Missing folders too. A link or a file in the way is the system's error when it is used. */
export function makeFolder(folders: Folders, path: string): void {
  try {
    inFolder(folders, path);
    return;
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
  if (path.includes('/')) makeFolder(folders, folderOf(path));
  try {
    fs.mkdirSync(folders.at(raw(path)), 0o755);
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
  }
}

/** The folder and all above it, the drive's top last: the entry of a folder that was just made is in the one above. */
export const upwards = (folder: string): readonly string[] =>
  folder === '' ? [''] : [folder, ...upwards(folderOf(folder))];

export function syncFolder(folders: Folders, path: string): void {
  const fd = openFile(inFolder(folders, path), constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    syncFile(fd);
  } finally {
    closeQuietly(fd);
  }
}

/** Folders that are empty, from `path` up to `top`, which stays. Only `rmdir`: what is not empty stays. */
export function removeEmpty(folders: Folders, path: string, top: string): void {
  for (let folder = path; folder.startsWith(`${top}/`); folder = folderOf(folder)) {
    try {
      fs.rmdirSync(folders.at(raw(folder)));
    } catch (error) {
      // Never made, as its path is too long: those above it were.
      if (isMissing(error) || errnoOf(error) === 'ENAMETOOLONG') continue;
      // Not empty, not ours: a folder that stays costs nobody anything.
      return;
    }
  }
}

export const deepestFirst = (paths: ReadonlySet<string>): readonly string[] =>
  [...paths].sort((one, other) => other.length - one.length);
