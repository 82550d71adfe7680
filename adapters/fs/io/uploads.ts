import { Buffer } from 'node:buffer';
import fs, { constants } from 'node:fs';
import { INBOX_FOLDER } from '../../../services/drive-folders.ts';
import { freeNames } from '../../../services/uploads/names.ts';
import { type Room, UPLOAD_ID } from '../../../services/uploads/ports.ts';
import { isMissing } from '../errno.ts';
import { rulesOf } from '../file-system-kind.ts';
import { UPLOADS_FOLDER } from '../names.ts';
import { closeQuietly, openFile, setTime, syncFile, systemError, writeFully } from './calls.ts';
import type { Folders } from './folders.ts';
import { inInbox, syncFolder, upwards } from './inbox-folders.ts';
import { type DriveSpec, onDrive } from './on-drive.ts';
import { moveWithoutReplacing } from './placing.ts';
import { CREATE, FILE_MODE } from './small-files.ts';
import { putNote, readNotes, removeNotes, sizeOf, staged, unlink } from './upload-notes.ts';

const WRITE = constants.O_WRONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
/** Of files of one name in one folder. */
const MAX_NAMES = 1000;

export interface RawStaged {
  readonly id: string;
  /** Null where there is none, or none of ours. */
  readonly record: string | null;
  /** The same of one that was about to take its place. */
  readonly newRecord: string | null;
  readonly bytes: number | null;
}

export interface RawDestination {
  readonly sizeBytes: number;
  readonly mtimeMs: number | null;
  readonly folder: string;
  readonly name: string;
}

const part = (id: string): Buffer => staged(id, 'part');

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
  return onDrive(drive, UPLOADS_FOLDER, (folders) => stagedIn(folders, id));
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
  return { id, ...readNotes(folders, id), bytes: sizeOf(folders, part(id)) };
}

export function createUpload(drive: DriveSpec, id: string, record: string): void {
  onDrive(drive, UPLOADS_FOLDER, (folders) => {
    const isFirst = folders.make(UPLOADS_FOLDER);
    fs.closeSync(openFile(folders.at(part(id)), CREATE, FILE_MODE));
    putNote(folders, id, record);
    if (isFirst) for (const folder of upwards(UPLOADS_FOLDER)) folders.sync(folder);
  });
}

export function saveUpload(drive: DriveSpec, id: string, record: string): void {
  onDrive(drive, UPLOADS_FOLDER, (folders) => putNote(folders, id, record));
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
      removeNotes(folders, id);
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
    removeNotes(folders, id);
    unlink(folders.at(part(id)));
  });
}
