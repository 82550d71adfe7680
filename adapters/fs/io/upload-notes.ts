import { Buffer } from 'node:buffer';
import fs, { constants } from 'node:fs';
import { UPLOAD_ID } from '../../../services/uploads/ports.ts';
import { errnoOf, isMissing } from '../errno.ts';
import { UPLOADS_FOLDER } from '../names.ts';
import { closeQuietly, openFile, readFully, syncFile, systemError, writeFully } from './calls.ts';
import type { Folders } from './folders.ts';
import { CREATE, FILE_MODE } from './small-files.ts';

const READ = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
/** A record has 4 KiB of metadata at most. */
const MAX_RECORD_BYTES = 16 * 1024;

/** Nothing else than an id ever becomes a path here, whatever the layers above let through. */
export function staged(id: string, ending: 'part' | 'json' | 'new'): Buffer {
  if (!UPLOAD_ID.test(id)) throw systemError('EINVAL', 'no id of an upload');
  return Buffer.from(`${UPLOADS_FOLDER}/${id}.${ending}`);
}

/** FAT replaces a name in two steps: a power cut between them leaves nothing under it, and the new one beside it. */
export const readNotes = (folders: Folders, id: string) => ({
  record: readNote(folders, staged(id, 'json')),
  newRecord: readNote(folders, staged(id, 'new')),
});

function readNote(folders: Folders, path: Buffer): string | null {
  const bytes = sizeOf(folders, path);
  if (bytes === null || bytes > MAX_RECORD_BYTES) return null;
  const fd = openFile(folders.at(path), READ);
  try {
    const buffer = Buffer.alloc(bytes);
    return buffer.toString('utf8', 0, readFully(fd, buffer, 0));
  } finally {
    closeQuietly(fd);
  }
}

/**
 * Durable when it returns, for a phone is told what it says. Synced before it takes the place of the older one, and under
 * its new name once more (FAT gives it back with size 0 otherwise), then the folder.
 */
export function putNote(folders: Folders, id: string, record: string): void {
  const fresh = folders.at(staged(id, 'new'));
  unlink(fresh);
  const fd = openFile(fresh, CREATE, FILE_MODE);
  try {
    writeFully(fd, Buffer.from(record), 0);
    syncFile(fd);
    fs.renameSync(fresh, folders.at(staged(id, 'json')));
    syncFile(fd);
  } finally {
    closeQuietly(fd);
  }
  folders.sync(UPLOADS_FOLDER);
}

/** The new one first: it would count, were it left alone. */
export function removeNotes(folders: Folders, id: string): void {
  for (const ending of ['new', 'json'] as const) unlink(folders.at(staged(id, ending)));
}

/** Of a file; null when there is none. */
export function sizeOf(folders: Folders, path: Buffer): number | null {
  try {
    const found = fs.lstatSync(folders.at(path));
    return found.isFile() ? found.size : null;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** Where the folder is missing, too: then nothing was staged. */
export function unlink(path: Buffer): void {
  try {
    fs.unlinkSync(path);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
}
