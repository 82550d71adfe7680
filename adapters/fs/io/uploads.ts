import { Buffer } from 'node:buffer';
import fs, { constants } from 'node:fs';
import { INBOX_FOLDER } from '../../../services/drive-folders.ts';
import { freeNames } from '../../../services/uploads/names.ts';
import { type Room, UPLOAD_ID } from '../../../services/uploads/ports.ts';
import { errnoOf, isMissing } from '../errno.ts';
import { rulesOf } from '../file-system-kind.ts';
import { UPLOADS_FOLDER } from '../names.ts';
import { closeQuietly, openFile, readFully, setTime, syncFile, systemError, writeFully } from './calls.ts';
import type { Folders } from './folders.ts';
import { inInbox, syncFolder, upwards } from './inbox-folders.ts';
import { type DriveSpec, onDrive } from './on-drive.ts';
import { moveWithoutReplacing } from './placing.ts';
import { CREATE, FILE_MODE } from './small-files.ts';

const READ = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const WRITE = constants.O_WRONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
/** A record has 4 KiB of metadata at most. */
const MAX_RECORD_BYTES = 16 * 1024;
/** Of files of one name in one folder. */
const MAX_NAMES = 1000;

export interface RawStaged {
  readonly id: string;
  /** Null where there is none, or none of ours. */
  readonly record: string | null;
  readonly bytes: number | null;
}

export interface RawDestination {
  readonly sizeBytes: number;
  readonly mtimeMs: number | null;
  readonly folder: string;
  readonly name: string;
}

const part = (id: string): Buffer => Buffer.from(`${UPLOADS_FOLDER}/${known(id)}.part`);
const note = (id: string, ending = 'json'): Buffer => Buffer.from(`${UPLOADS_FOLDER}/${known(id)}.${ending}`);

/** Nothing else ever becomes a path here, whatever the layers above let through. */
function known(id: string): string {
  if (!UPLOAD_ID.test(id)) throw systemError('EINVAL', 'no id of an upload');
  return id;
}

export const uploadRoom = (drive: DriveSpec): Room =>
  onDrive(drive, 'room', () => {
    const { type, bsize, blocks, bavail } = fs.statfsSync(drive.path);
    const { maxFileBytes } = rulesOf(type);
    return { freeBytes: bavail * bsize, sizeBytes: blocks * bsize, maxFileBytes };
  });

export function stagedUploads(drive: DriveSpec, max: number): RawStaged[] {
  return onDrive(drive, UPLOADS_FOLDER, (folders) => {
    const ids = new Set(namesIn(folders).map((name) => name.split('.')[0] ?? ''));
    const ours = [...ids].filter((id) => UPLOAD_ID.test(id)).sort();
    return ours.slice(0, max).map((id) => stagedIn(folders, id));
  });
}

export function stagedUpload(drive: DriveSpec, id: string): RawStaged {
  return onDrive(drive, UPLOADS_FOLDER, (folders) => stagedIn(folders, known(id)));
}

function namesIn(folders: Folders): readonly string[] {
  try {
    return fs.readdirSync(folders.at(Buffer.from(`${UPLOADS_FOLDER}/.`)), { encoding: 'utf8' });
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function stagedIn(folders: Folders, id: string): RawStaged {
  return { id, record: readNote(folders, id), bytes: sizeOf(folders, part(id)) };
}

function sizeOf(folders: Folders, path: Buffer): number | null {
  try {
    const found = fs.lstatSync(folders.at(path));
    return found.isFile() ? found.size : null;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

function readNote(folders: Folders, id: string): string | null {
  const bytes = sizeOf(folders, note(id));
  if (bytes === null || bytes > MAX_RECORD_BYTES) return null;
  const fd = openFile(folders.at(note(id)), READ);
  try {
    const buffer = Buffer.alloc(bytes);
    return buffer.toString('utf8', 0, readFully(fd, buffer, 0));
  } finally {
    closeQuietly(fd);
  }
}

export function createUpload(drive: DriveSpec, id: string, record: string): void {
  onDrive(drive, UPLOADS_FOLDER, (folders) => {
    folders.make(UPLOADS_FOLDER);
    fs.closeSync(openFile(folders.at(part(id)), CREATE, FILE_MODE));
    putNote(folders, id, record);
  });
}

export function saveUpload(drive: DriveSpec, id: string, record: string): void {
  onDrive(drive, UPLOADS_FOLDER, (folders) => putNote(folders, id, record));
}

/** Not synced: the bytes that a record tells of are synced before it, so any older one is as true. */
function putNote(folders: Folders, id: string, record: string): void {
  const fresh = folders.at(note(id, 'new'));
  unlink(fresh);
  const fd = openFile(fresh, CREATE, FILE_MODE);
  try {
    writeFully(fd, Buffer.from(record), 0);
  } finally {
    closeQuietly(fd);
  }
  fs.renameSync(fresh, folders.at(note(id)));
}

export function writeUpload(drive: DriveSpec, id: string, position: number, bytes: Uint8Array): void {
  withPart(drive, id, (fd) => writeFully(fd, bytes, position));
}

export function syncUpload(drive: DriveSpec, id: string): void {
  withPart(drive, id, (fd) => syncFile(fd));
}

function withPart(drive: DriveSpec, id: string, use: (fd: number) => void): void {
  onDrive(drive, UPLOADS_FOLDER, (folders) => {
    const fd = openFile(folders.at(part(id)), WRITE);
    try {
      use(fd);
    } finally {
      closeQuietly(fd);
    }
  });
}

/**
 * Into a folder of the inbox that is ours alone: in this drive's one lane nobody comes between the look and the rename
 * where there are no hard links. Synced before it has its new name, and under it once more (FAT gives it back with size 0
 * otherwise), then all folders on the way, then the one that it leaves.
 */
export function settleUpload(drive: DriveSpec, id: string, to: RawDestination): string {
  return onDrive(drive, to.name, (folders) => {
    const fd = openFile(folders.at(part(id)), WRITE);
    try {
      // It would be made longer, with zeros.
      if (fs.fstatSync(fd).size < to.sizeBytes) throw systemError('EIO', 'shorter than what was written');
      fs.ftruncateSync(fd, to.sizeBytes);
      if (to.mtimeMs !== null) setTime(fd, to.mtimeMs);
      syncFile(fd);
      folders.make(inInbox(to.folder));
      const path = `${to.folder}/${moveToFree(folders, part(id), to)}`;
      syncFile(fd);
      for (const folder of upwards(inInbox(to.folder))) syncFolder(folders, folder);
      // A drive that was full may have left half a record.
      for (const ending of ['json', 'new']) unlink(folders.at(note(id, ending)));
      syncFolder(folders, UPLOADS_FOLDER);
      return path;
    } finally {
      closeQuietly(fd);
    }
  });
}

function moveToFree(folders: Folders, from: Buffer, { folder, name }: RawDestination): string {
  for (const free of freeNames(name, MAX_NAMES)) {
    const to = Buffer.from(`${INBOX_FOLDER}/${folder}/${free}`);
    if (moveWithoutReplacing(folders.at(from), folders.at(to), false) === 'placed') return free;
  }
  throw systemError('EEXIST', `${MAX_NAMES} files are named ${name}`);
}

/** The record first: bytes without one are nobody's, a record without bytes would be an upload. */
export function removeUpload(drive: DriveSpec, id: string): void {
  onDrive(drive, UPLOADS_FOLDER, (folders) => {
    for (const path of [note(id), note(id, 'new'), part(id)]) unlink(folders.at(path));
  });
}

/** Where the folder is missing, too: then nothing was staged. */
function unlink(path: Buffer): void {
  try {
    fs.unlinkSync(path);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
}
