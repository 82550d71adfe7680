import { Buffer } from 'node:buffer';
import fs, { constants } from 'node:fs';
import type { VerifiedFrom } from '../../../machines/media.ts';
import type { CardPath, ReadBack } from '../../../services/media-ports.ts';
import { attachmentOf } from '../attachment.ts';
import { THREAD_ENDED } from '../errno.ts';
import { type SyncOptions, syncFileSystem } from '../file-system-sync.ts';
import { INCOMING_FOLDER } from '../names.ts';
import { isStillThere, lookAt } from '../presence.ts';
import { openFile, syncFile, systemError } from './calls.ts';
import { withFolders } from './folders.ts';
import { identify, inboxFiles, takenFiles } from './inbox.ts';
import { putBackTaken } from './inbox-back.ts';
import { removeTaken, takeFromInbox } from './inbox-moves.ts';
import { lookAtAll, namesIn } from './listing.ts';
import { type DriveSpec, ensureSame, named, onDrive } from './on-drive.ts';
import { PartWriter } from './part-writer.ts';
import { type Placed, placeAll, statAll } from './placing.ts';
import { Reading, type ReadingOptions, readToEnd } from './reading.ts';
import { settle } from './settling.ts';
import { sightAll } from './sighting.ts';
import { CREATE, FILE_MODE, incomingPath, removeIncoming, writeSmall } from './small-files.ts';
import { openCardFile, readStarts } from './starts.ts';
import {
  createUpload,
  removeUpload,
  saveUpload,
  settleUpload,
  stagedUpload,
  stagedUploads,
  syncUpload,
  uploadRoom,
  writeUpload,
} from './uploads.ts';

const READ = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

export type Operations = ReturnType<typeof createOperations>;

/**
 * What one lane can do; arguments and results go through a structured clone. Files that are open between two calls are
 * known by name, readings by a number of the caller's.
 */
export function createOperations() {
  const parts = new Map<string, PartWriter>();
  const readings = new Map<string, Reading>();

  const onDriveFile = (drive: DriveSpec, path: string, kind: VerifiedFrom): ReadingOptions => ({
    kind,
    open: (flags) => onDrive(drive, path, (folders) => openFile(folders.at(Buffer.from(path)), READ | flags)),
    // Without it a batch that was synced as a whole would hide a write error (`sync -f` does not see it).
    beforeCache: syncFile,
  });
  const partOf = (name: string): PartWriter => {
    const part = parts.get(name);
    if (part === undefined) throw systemError(THREAD_ENDED, `${name} is not open any more`);
    return part;
  };
  /** One turn; the reading is forgotten at its end and after an error. */
  const turn = (key: string, options: ReadingOptions): ReadBack | null => {
    const reading = readings.get(key) ?? new Reading(options);
    readings.set(key, reading);
    let result: ReadBack | null | undefined;
    try {
      result = reading.next();
      return result;
    } finally {
      if (result !== null) {
        reading.close();
        readings.delete(key);
      }
    }
  };
  const forget = (name: string): void => {
    parts.get(name)?.close();
    parts.delete(name);
    readings.get(name)?.close();
    readings.delete(name);
  };

  return {
    lookAt,
    isStillThere,
    attachmentOf,
    ensureSame,
    /** What `rulesOf` and `recipeOf` want. */
    kindOf: (root: string): number => fs.statfsSync(root).type,
    namesIn,
    lookAtAll,
    readStarts,
    writeSmall,
    statAll,
    sightAll,
    settle,
    identify,
    inboxFiles,
    takenFiles,
    takeFromInbox,
    removeTaken,
    putBackTaken,
    createUpload,
    removeUpload,
    saveUpload,
    settleUpload,
    stagedUpload,
    stagedUploads,
    syncUpload,
    uploadRoom,
    writeUpload,

    /**
     * Not synchronous: a child does it, and other calls of this lane need not wait for it. The root folder is synced
     * after it, for the flush of the device that goes with it: exFAT sends none for a `syncfs` when it was dirty at its
     * mount (`exfat_set_vol_flags` has nothing to change then), and what a device holds in its cache would pass for
     * written: for the batch that is settled, and for the reading back that follows a flush.
     */
    async syncTogether(drive: DriveSpec, options: SyncOptions): Promise<void> {
      ensureSame(drive);
      await syncFileSystem(drive.path, options);
      onDrive(drive, drive.path, (folders) => folders.sync(''));
    },

    /** Null: call again. */
    readBackCard(key: string, root: string, file: CardPath, kind: VerifiedFrom): ReadBack | null {
      const open = (flags: number) => withFolders(root, (folders) => openCardFile(folders, file, flags));
      return turn(key, { kind, open });
    },

    /** Null: call again. `key` is the file's own name in `incoming/` where it was hashed while it was written. */
    readBack(key: string, drive: DriveSpec, path: string, kind: VerifiedFrom): ReadBack | null {
      return named(drive, path, () => turn(key, onDriveFile(drive, path, kind)));
    },

    readHead(drive: DriveSpec, path: string, kind: VerifiedFrom, maxBytes: number): ReadBack {
      return named(drive, path, () => readToEnd({ ...onDriveFile(drive, path, kind), maxBytes }));
    },

    /** Of a reading that nobody goes on with. */
    dropReading(key: string): void {
      readings.get(key)?.close();
      readings.delete(key);
    },

    readBackSmall(drive: DriveSpec, names: readonly string[], kind: VerifiedFrom): ReadBack[] {
      return onDrive(drive, INCOMING_FOLDER, (folders) =>
        names.map((name) => {
          const open = (flags: number) => openFile(folders.at(incomingPath(name)), READ | flags);
          return readToEnd({ kind, open, beforeCache: syncFile });
        }),
      );
    },

    /** True when a folder was made. */
    openPart(drive: DriveSpec, name: string, kind: VerifiedFrom): boolean {
      return onDrive(drive, name, (folders) => {
        const made = folders.make(INCOMING_FOLDER);
        const fd = openFile(folders.at(incomingPath(name)), CREATE, FILE_MODE);
        const reading = new Reading(onDriveFile(drive, `${INCOMING_FOLDER}/${name}`, kind));
        readings.set(name, reading);
        parts.set(name, new PartWriter(fd, kind, reading));
        return made;
      });
    },

    /** A whole block. */
    writePart(drive: DriveSpec, name: string, bytes: Uint8Array): void {
      named(drive, name, () => partOf(name).write(bytes));
    },

    finishPart(
      drive: DriveSpec,
      name: string,
      tail: Uint8Array,
      mtimeMs: number,
      sync: 'data' | 'all',
    ): void {
      named(drive, name, () => partOf(name).finish(tail, mtimeMs, sync));
      parts.delete(name);
    },

    /** Closes and removes files, in any state. */
    dropParts(drive: DriveSpec, names: readonly string[]): void {
      for (const name of names) forget(name);
      removeIncoming(drive, names);
    },

    placeAll(drive: DriveSpec, moves: Parameters<typeof placeAll>[1]): Placed {
      const placed = placeAll(drive, moves);
      for (const [at, end] of placed.ends.entries()) {
        const name = end === 'placed' ? moves[at]?.name : undefined;
        if (name !== undefined) forget(name);
      }
      return placed;
    },
  };
}
