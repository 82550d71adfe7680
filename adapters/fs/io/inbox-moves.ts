import fs, { type BigIntStats, constants } from 'node:fs';
import { INBOX_FOLDER } from '../../../services/drive-folders.ts';
import { errnoOf, isMissing } from '../errno.ts';
import { TAKEN_FOLDER } from '../names.ts';
import { closeQuietly, openFile, syncFile } from './calls.ts';
import type { Folders } from './folders.ts';
import { inFolder, lookAt, markOf, raw, stableMark } from './inbox.ts';
import { type DriveSpec, named, onDrive } from './on-drive.ts';
import { moveWithoutReplacing } from './placing.ts';

/** The file of a client: it may not be moved, its folder is another's or another file system. */
const NOT_OURS = ['EACCES', 'EPERM', 'EXDEV'];
const IN_THE_WAY = ['ENOTDIR', 'ELOOP', 'EACCES', 'EPERM'];
const MAX_NAMES = 1000;
/** Bytes of one name on every file system that we know. */
const MAX_NAME_BYTES = 255;

export type RawEnd =
  | { readonly end: 'taken'; readonly mark: string }
  | { readonly end: 'changed' }
  | { readonly end: 'refused'; readonly detail: string };

interface RawMove {
  readonly path: string;
  readonly mark: string;
}

const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));
const inInbox = (path: string): string => (path === '' ? INBOX_FOLDER : `${INBOX_FOLDER}/${path}`);
const inTaken = (path: string): string => (path === '' ? TAKEN_FOLDER : `${TAKEN_FOLDER}/${path}`);

/**
 * Moves files out of the inbox, each only while it is what its mark says. By `rename`, not by `link` and `unlink`: a
 * client may put another file under the name in between, and `unlink` would delete that one.
 */
export function takeFromInbox(drive: DriveSpec, files: readonly RawMove[], into: string): RawEnd[] {
  return onDrive(drive, 'taking', (folders) => {
    const touched = new Set<string>();
    const ends = files.map((file) => named(drive, file.path, () => takeOne(folders, file, into, touched)));
    // The new names first: whatever order a power cut leaves, the file has one of them.
    for (const folder of deepestFirst(touched)) syncFolder(folders, folder);
    return ends;
  });
}

function takeOne(folders: Folders, { path, mark }: RawMove, into: string, touched: Set<string>): RawEnd {
  const [from, to] = [inInbox(path), inTaken(`${into}/${path}`)];
  const before = lookAt(folders, from);
  if (before?.isFile() !== true || markOf(before) !== mark) return { end: 'changed' };
  makeFolder(folders, folderOf(to));
  // Nobody else writes below `taken`: what lies there is of an earlier try, and is looked at before it is touched.
  if (lookAt(folders, to) !== null) return { end: 'refused', detail: `${to} lies there already` };
  try {
    fs.renameSync(folders.at(raw(from)), folders.at(raw(to)));
  } catch (error) {
    if (isMissing(error)) return { end: 'changed' };
    const code = errnoOf(error) ?? '';
    if (!NOT_OURS.includes(code)) throw error;
    return { end: 'refused', detail: `it may not be moved (${code})` };
  }
  for (let folder = folderOf(to); folder !== ''; folder = folderOf(folder)) touched.add(folder);
  touched.add(folderOf(from));
  const after = lookAt(folders, to);
  if (after === null) return { end: 'changed' };
  if (stableMark(markOf(after)) === stableMark(mark)) return { end: 'taken', mark: markOf(after) };
  backTo(folders, to, path, into, touched);
  return { end: 'changed' };
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

/** Moves a taken file back; returns the name that it got below the inbox, null when it or the inbox is gone. */
export function putBackTaken(drive: DriveSpec, path: string, into: string): string | null {
  return onDrive(drive, path, (folders) => {
    const from = inTaken(`${into}/${path}`);
    if (lookAt(folders, from)?.isFile() !== true) return null;
    if (lookAt(folders, INBOX_FOLDER)?.isDirectory() !== true) return null;
    const touched = new Set<string>();
    const as = backTo(folders, from, path, into, touched);
    for (const folder of deepestFirst(touched)) syncFolder(folders, folder);
    removeEmpty(folders, folderOf(from), TAKEN_FOLDER);
    return as;
  });
}

/** The name below the inbox; null where there is none to be had. */
function backTo(
  folders: Folders,
  from: string,
  path: string,
  into: string,
  touched: Set<string>,
): string | null {
  const own = folderOf(path);
  const name = path.slice(own === '' ? 0 : own.length + 1);
  for (const folder of own === '' ? [''] : [own, '']) {
    try {
      makeFolder(folders, inInbox(folder));
      const as = backInto(folders, from, folder === '' ? '' : `${folder}/`, freeNames(name, into));
      if (as === null) continue;
      for (const moved of [folderOf(from), inInbox(folder), INBOX_FOLDER]) touched.add(moved);
      return as;
    } catch (error) {
      // A client put something else where its folder was, or keeps it for itself: then the top of the inbox.
      if (folder === '' || !IN_THE_WAY.includes(errnoOf(error) ?? '')) throw error;
    }
  }
  return null;
}

function backInto(folders: Folders, from: string, folder: string, names: Iterable<string>): string | null {
  for (const name of names) {
    const [at, to] = [raw(from), raw(inInbox(`${folder}${name}`))];
    // A crash came between the new name and the end of the old one.
    if (isOneFile(lookAt(folders, from), lookAt(folders, inInbox(`${folder}${name}`))))
      fs.unlinkSync(folders.at(at));
    else if (moveWithoutReplacing(folders.at(at), folders.at(to), false) === 'taken') continue;
    return `${folder}${name}`;
  }
  return null;
}

const isOneFile = (one: BigIntStats | null, other: BigIntStats | null): boolean =>
  one !== null && other !== null && one.dev === other.dev && one.ino === other.ino;

/**
 * Its own name, then names that nobody else gives: where a file system has no links, the look and the rename are two
 * calls, and a client may write in between.
 */
function* freeNames(name: string, into: string): Generator<string> {
  yield name;
  const dot = name.lastIndexOf('.');
  const [stem, ending] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
  for (let at = 1; at <= MAX_NAMES; at += 1) {
    const added = ` (${into}${at === 1 ? '' : `-${at}`})${ending}`;
    const short = stem.slice(0, Math.max(1, MAX_NAME_BYTES - added.length));
    yield `${short}${added}`;
  }
}

/** Missing folders too. A link or a file in the way is the system's error when it is used. */
function makeFolder(folders: Folders, path: string): void {
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

function syncFolder(folders: Folders, path: string): void {
  const fd = openFile(inFolder(folders, path), constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    syncFile(fd);
  } finally {
    closeQuietly(fd);
  }
}

/** Folders that are empty, from `path` up to `top`, which stays. Only `rmdir`: what is not empty stays. */
function removeEmpty(folders: Folders, path: string, top: string): void {
  for (let folder = path; folder.startsWith(`${top}/`); folder = folderOf(folder)) {
    try {
      fs.rmdirSync(folders.at(raw(folder)));
    } catch {
      // Not empty, not ours, gone: a folder that stays costs nobody anything.
      return;
    }
  }
}

const deepestFirst = (paths: ReadonlySet<string>): readonly string[] =>
  [...paths].sort((one, other) => other.length - one.length);
