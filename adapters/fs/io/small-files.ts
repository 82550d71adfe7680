import { Buffer } from 'node:buffer';
import fs, { constants } from 'node:fs';
import { isMissing } from '../errno.ts';
import { INCOMING_FOLDER } from '../names.ts';
import { closeQuietly, openFile, setTime, syncFile, whereAllowed, writeFully } from './calls.ts';
import { type DriveSpec, onDrive } from './on-drive.ts';

/** `O_EXCL` never opens what exists, a link included. */
export const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
export const FILE_MODE = 0o644;

export interface SmallFile {
  /** In `.imagetank/incoming/`. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly mtimeMs: number;
}

export const incomingPath = (name: string): Buffer => Buffer.from(`${INCOMING_FOLDER}/${name}`);

/**
 * New files with content, mode and time; each synced when `sync` says so, else the caller syncs the file system. True
 * when a folder was made. Stops at the first error and leaves to `removeIncoming` what it began.
 */
export function writeSmall(drive: DriveSpec, files: readonly SmallFile[], sync: boolean): boolean {
  return onDrive(drive, INCOMING_FOLDER, (folders) => {
    const made = folders.make(INCOMING_FOLDER);
    const setMode = (process.umask() & FILE_MODE) !== 0;
    for (const { name, bytes, mtimeMs } of files) {
      const fd = openFile(folders.at(incomingPath(name)), CREATE, FILE_MODE);
      try {
        writeFully(fd, bytes, 0);
        if (setMode) whereAllowed(() => fs.fchmodSync(fd, FILE_MODE));
        setTime(fd, mtimeMs);
        if (sync) syncFile(fd);
      } catch (error) {
        closeQuietly(fd);
        throw error;
      }
      fs.closeSync(fd);
    }
    return made;
  });
}

/** What is not there any more is no error. */
export function removeIncoming(drive: DriveSpec, names: readonly string[]): void {
  onDrive(drive, INCOMING_FOLDER, (folders) => {
    for (const name of names) {
      try {
        fs.unlinkSync(folders.at(incomingPath(name)));
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
    }
  });
}
