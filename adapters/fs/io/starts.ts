import fs, { constants } from 'node:fs';
import type { CardPath } from '../../../services/media-ports.ts';
import { errnoOf } from '../errno.ts';
import { fromCardPath } from '../raw-path.ts';
import { closeQuietly, openFile, readFully, systemError } from './calls.ts';
import { type Folders, withFolders } from './folders.ts';
import { type ErrorMessage, toMessage } from './messages.ts';
import { fileKey, mtimeMsOf } from './sighting.ts';

/** `O_NONBLOCK`: opening a fifo that has taken a file's place must not wait for a writer that never comes. */
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

export interface StartOf {
  readonly sizeBytes: number;
  readonly mtimeMs: number;
  readonly file: string;
  /** Where its bytes lie in the shared memory. */
  readonly offset: number;
  readonly length: number;
  readonly steady: boolean;
}

/**
 * The beginnings of many files, one after the other in `memory`. Where no room is left for one it is not steady, with
 * as many bytes as there was room for: its reader then reads it alone.
 */
export function readStarts(
  root: string,
  files: readonly CardPath[],
  maxBytes: number,
  memory: SharedArrayBuffer,
): (StartOf | ErrorMessage)[] {
  // The folder that is a card may be reached by a link of its owner's.
  return withFolders(fs.realpathSync(root), (folders) => {
    let used = 0;
    return files.map((file) => {
      try {
        const room = new Uint8Array(memory, used, Math.min(maxBytes, memory.byteLength - used));
        const start = readStart(folders, file, room, maxBytes);
        used += start.length;
        return start;
      } catch (error) {
        // Without files or memory here nothing is said about the card.
        return toMessage(error);
      }
    });
  });
}

function readStart(folders: Folders, file: CardPath, room: Uint8Array, maxBytes: number): StartOf {
  const fd = openCardFile(folders, file);
  try {
    const before = fs.fstatSync(fd, { bigint: true });
    if (!before.isFile()) throw systemError('EISDIR', `${file.path}: not a regular file any more`);
    const sizeBytes = Number(before.size);
    const length = readFully(fd, room.subarray(0, Math.min(room.length, sizeBytes)), 0);
    const after = fs.fstatSync(fd, { bigint: true });
    const same = after.size === before.size && after.mtimeNs === before.mtimeNs;
    return {
      sizeBytes,
      mtimeMs: mtimeMsOf(before),
      file: fileKey(before),
      offset: room.byteOffset,
      length,
      steady: same && length === Math.min(maxBytes, sizeBytes),
    };
  } finally {
    closeQuietly(fd);
  }
}

export function openCardFile(folders: Folders, file: CardPath, flags = 0): number {
  const path = folders.at(fromCardPath(file));
  try {
    return openFile(path, FLAGS | constants.O_NOATIME | flags);
  } catch (error) {
    // O_NOATIME is for the owner of the file and root only (open(2)).
    if (errnoOf(error) !== 'EPERM') throw error;
    return openFile(path, FLAGS | flags);
  }
}
