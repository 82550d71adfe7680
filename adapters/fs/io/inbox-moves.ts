import fs from 'node:fs';
import { INBOX_FOLDER } from '../../../services/drive-folders.ts';
import { errnoOf, isMissing } from '../errno.ts';
import { TAKEN_FOLDER } from '../names.ts';
import type { Folders } from './folders.ts';
import { lookAt, markOf, raw, stableMark } from './inbox.ts';
import { backTo } from './inbox-back.ts';
import {
  deepestFirst,
  folderOf,
  inInbox,
  inTaken,
  makeFolder,
  removeEmpty,
  syncFolder,
  upwards,
} from './inbox-folders.ts';
import { type DriveSpec, named, onDrive } from './on-drive.ts';

/** The file of a client: it may not be moved, its folder is another's or another file system. */
const NOT_OURS = ['EACCES', 'EPERM', 'EXDEV'];

export type RawEnd =
  | { readonly end: 'taken'; readonly mark: string }
  | { readonly end: 'changed' }
  | { readonly end: 'refused'; readonly detail: string };

interface Touched {
  readonly entered: Set<string>;
  readonly left: Set<string>;
}

interface RawMove {
  readonly path: string;
  readonly mark: string;
}

/**
 * Moves files out of the inbox, each only while it is what its mark says. By `rename`, not by `link` and `unlink`: a
 * client may put another file under the name in between, and `unlink` would delete that one.
 */
export function takeFromInbox(drive: DriveSpec, files: readonly RawMove[], into: string): RawEnd[] {
  return onDrive(drive, 'taking', (folders) => {
    const touched: Touched = { entered: new Set(), left: new Set() };
    const ends = files.map((file) => named(drive, file.path, () => takeOne(folders, file, into, touched)));
    // The new names first, with all folders on the way to them: whatever a power cut leaves, the file has one of its two.
    for (const touchedFolders of [touched.entered, touched.left])
      for (const folder of deepestFirst(touchedFolders)) syncFolder(folders, folder);
    for (const [at, { path }] of files.entries())
      if (ends[at]?.end !== 'taken') removeEmpty(folders, folderOf(inTaken(`${into}/${path}`)), TAKEN_FOLDER);
    return ends;
  });
}

function takeOne(folders: Folders, file: RawMove, into: string, touched: Touched): RawEnd {
  const { path, mark } = file;
  const [from, to] = [inInbox(path), inTaken(`${into}/${path}`)];
  const why = whyNotMoved(folders, from, to, mark);
  if (why !== null) return why;
  for (const folder of upwards(folderOf(to))) touched.entered.add(folder);
  touched.left.add(folderOf(from));
  const after = lookAt(folders, to);
  if (after === null) return { end: 'changed' };
  if (stableMark(markOf(after)) === stableMark(mark)) return { end: 'taken', mark: markOf(after) };
  backTo(folders, to, path, into);
  return { end: 'changed' };
}

/** Null when it was moved. */
function whyNotMoved(folders: Folders, from: string, to: string, mark: string): RawEnd | null {
  try {
    const before = lookAt(folders, from);
    if (before?.isFile() !== true || markOf(before) !== mark) return { end: 'changed' };
    makeFolder(folders, folderOf(to));
    // Nobody else writes below `taken`: what lies there is of an earlier try, and is looked at before it is touched.
    if (lookAt(folders, to) !== null) return { end: 'refused', detail: `${to} lies there already` };
  } catch (error) {
    if (errnoOf(error) !== 'ENAMETOOLONG') throw error;
    return { end: 'refused', detail: 'its path is too long' };
  }
  try {
    fs.renameSync(folders.at(raw(from)), folders.at(raw(to)));
    return null;
  } catch (error) {
    if (isMissing(error)) return { end: 'changed' };
    const code = errnoOf(error) ?? '';
    if (!NOT_OURS.includes(code)) throw error;
    return { end: 'refused', detail: `it may not be moved (${code})` };
  }
}

/** Deletes taken files, each only while it is what its mark says; then the folders that are empty. */
export function removeTaken(
  drive: DriveSpec,
  files: readonly (RawMove & { readonly into: string })[],
): boolean[] {
  return onDrive(drive, 'removing', (folders) => {
    const touched = new Set<string>();
    const removed = files.map(({ path, mark, into }) =>
      named(drive, path, () => {
        const at = inTaken(`${into}/${path}`);
        const found = lookAt(folders, at);
        if (found?.isFile() !== true || markOf(found) !== mark) return false;
        fs.unlinkSync(folders.at(raw(at)));
        touched.add(folderOf(at));
        return true;
      }),
    );
    for (const folder of deepestFirst(touched)) syncFolder(folders, folder);
    for (const [at, { path, into }] of files.entries()) {
      if (removed[at] !== true) continue;
      removeEmpty(folders, inTaken(folderOf(`${into}/${path}`)), TAKEN_FOLDER);
      removeEmpty(folders, inInbox(folderOf(path)), INBOX_FOLDER);
    }
    return removed;
  });
}
