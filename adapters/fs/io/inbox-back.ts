import fs, { type BigIntStats, constants } from 'node:fs';
import { INBOX_FOLDER } from '../../../services/drive-folders.ts';
import { errnoOf } from '../errno.ts';
import { TAKEN_FOLDER } from '../names.ts';
import { closeQuietly, openFile, syncFile } from './calls.ts';
import type { Folders } from './folders.ts';
import { lookAt, raw } from './inbox.ts';
import { folderOf, inInbox, inTaken, makeFolder, removeEmpty, syncFolder, upwards } from './inbox-folders.ts';
import { type DriveSpec, onDrive } from './on-drive.ts';
import { NO_LINKS } from './placing.ts';

const IN_THE_WAY = ['ENOTDIR', 'ELOOP', 'EACCES', 'EPERM'];
const MAX_NAMES = 1000;
/** Bytes of one name on every file system that we know. */
const MAX_NAME_BYTES = 255;
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

interface FreeName {
  readonly name: string;
  /** It has the backup's id. */
  readonly isOurs: boolean;
}

interface NewName {
  /** Below the inbox. */
  readonly as: string;
  /** It has the old name, too. */
  readonly isLinked: boolean;
}

/**
 * Moves a taken file back; returns the name that it got below the inbox, null when it is gone or something else has the
 * inbox's place. A client that tidied its folder away while it wrote gets the folder again: its file must not stay hidden.
 */
export function putBackTaken(drive: DriveSpec, path: string, into: string): string | null {
  return onDrive(drive, path, (folders) => {
    const from = inTaken(`${into}/${path}`);
    if (lookAt(folders, from)?.isFile() !== true) return null;
    const inbox = lookAt(folders, INBOX_FOLDER);
    if (inbox !== null && !inbox.isDirectory()) return null;
    const as = backTo(folders, from, path, into);
    removeEmpty(folders, folderOf(from), TAKEN_FOLDER);
    return as;
  });
}

/**
 * The name below the inbox; null where there is none to be had. Durable: what a client went on writing has no other copy.
 * The file, then its new folders, then the folder it leaves: FAT gives it back with size 0 where only folders are synced.
 */
export function backTo(folders: Folders, from: string, path: string, into: string): string | null {
  // Opened under the name that is ours alone: a client may give the new one to another file at once.
  const fd = openIfReadable(folders, from);
  try {
    const found = nameInInbox(folders, from, path, into);
    if (found === null) return null;
    if (fd !== null) syncFile(fd);
    for (const folder of upwards(folderOf(inInbox(found.as)))) syncFolder(folders, folder);
    if (found.isLinked) fs.unlinkSync(folders.at(raw(from)));
    syncFolder(folders, folderOf(from));
    return found.as;
  } finally {
    if (fd !== null) closeQuietly(fd);
  }
}

/** Null for a file that its owner keeps for itself: it is better seen in the inbox than hidden for good. */
function openIfReadable(folders: Folders, path: string): number | null {
  try {
    return openFile(folders.at(raw(path)), FLAGS);
  } catch (error) {
    if (!['EACCES', 'EPERM'].includes(errnoOf(error) ?? '')) throw error;
    return null;
  }
}

function nameInInbox(folders: Folders, from: string, path: string, into: string): NewName | null {
  const own = folderOf(path);
  const name = path.slice(own === '' ? 0 : own.length + 1);
  for (const folder of own === '' ? [''] : [own, '']) {
    try {
      makeFolder(folders, inInbox(folder));
      const found = freeName(folders, from, folder === '' ? '' : `${folder}/`, freeNames(name, into));
      if (found !== null) return found;
    } catch (error) {
      // A client put something else where its folder was, or keeps it for itself: then the top of the inbox.
      if (folder === '' || !IN_THE_WAY.includes(errnoOf(error) ?? '')) throw error;
    }
  }
  return null;
}

function freeName(folders: Folders, from: string, folder: string, names: Iterable<FreeName>): NewName | null {
  for (const { name, isOurs } of names) {
    const as = `${folder}${name}`;
    const end = give(folders, from, inInbox(as), isOurs);
    if (end !== 'taken') return { as, isLinked: end === 'linked' };
  }
  return null;
}

/**
 * Never replaces: `link` fails where a name is taken. Where there are no links, look and rename are two calls, and what
 * a client uploads in between would be overwritten: so only under names that no client gives.
 */
function give(folders: Folders, from: string, to: string, isOurs: boolean): 'linked' | 'moved' | 'taken' {
  // A crash came between the new name and the end of the old one.
  if (isOneFile(lookAt(folders, from), lookAt(folders, to))) return 'linked';
  const [at, newName] = [folders.at(raw(from)), folders.at(raw(to))];
  try {
    fs.linkSync(at, newName);
    return 'linked';
  } catch (error) {
    const code = errnoOf(error) ?? '';
    if (code === 'EEXIST') return 'taken';
    if (!NO_LINKS.includes(code)) throw error;
  }
  if (!isOurs || lookAt(folders, to) !== null) return 'taken';
  fs.renameSync(at, newName);
  return 'moved';
}

/** Two names of it, by its own count too: where numbers are made up anew (FUSE), two files may have one. */
const isOneFile = (one: BigIntStats | null, other: BigIntStats | null): boolean =>
  one !== null &&
  other !== null &&
  one.dev === other.dev &&
  one.ino === other.ino &&
  [one, other].every(({ nlink }) => nlink >= 2n);

/** Its own name, then names that nobody else gives. */
function* freeNames(name: string, into: string): Generator<FreeName> {
  yield { name, isOurs: false };
  const dot = name.lastIndexOf('.');
  const [stem, ending] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
  for (let at = 1; at <= MAX_NAMES; at += 1) {
    const added = ` (${into}${at === 1 ? '' : `-${at}`})${ending}`;
    const short = stem.slice(0, Math.max(1, MAX_NAME_BYTES - added.length));
    yield { name: `${short}${added}`, isOurs: true };
  }
}
