import { Buffer } from 'node:buffer';
import fs, { constants } from 'node:fs';
import { DriveError, messageOf } from '../../../services/errors.ts';
import { driveErrorOf, isMachineFault } from '../errno.ts';
import { IDENTITY_FILE, MAX_IDENTITY_BYTES } from '../names.ts';
import { isStillThere, type Sight } from '../presence.ts';
import { closeQuietly, openFile, readFully } from './calls.ts';
import { type Folders, withFolders } from './folders.ts';

/** One adopted drive as it was when it was opened. */
export interface DriveSpec {
  /** Real path: no part of it is a link. */
  readonly path: string;
  readonly sight: Sight;
  /** Of `drive.json`. */
  readonly id: string;
  readonly uuid: string | null;
}

const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Runs one batch on a drive, after it made sure, once, that it is this drive: below the very root that was looked at,
 * which is held open. Errors of the system become `DriveError`s. After a pulled cable the path is the empty folder
 * below the mount point, on the system's own disk: nothing is ever written there.
 */
export function onDrive<T>(drive: DriveSpec, what: string, action: (folders: Folders) => T): T {
  return named(drive, what, () =>
    withFolders(drive.path, (folders) => {
      refuseLost(drive, whyLost(drive, folders));
      return action(folders);
    }),
  );
}

/** Runs what works on files that are open already: errors become `DriveError`s. */
export function named<T>(drive: DriveSpec, what: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const mapped = driveErrorOf(error, what);
    // A drive that was pulled fails in many ways (EIO, ENOENT, EROFS): only asking it tells.
    if (mapped !== error) ensureSame(drive, error);
    throw mapped;
  }
}

/** Throws `DriveError` `drive-lost` unless this file system is still there and `drive.json` names this drive. */
export function ensureSame(drive: DriveSpec, cause?: unknown): void {
  refuseLost(drive, whyLostNow(drive), cause);
}

function whyLostNow(drive: DriveSpec): string | null {
  try {
    return withFolders(drive.path, (folders) => whyLost(drive, folders));
  } catch (error) {
    if (isMachineFault(error)) throw error;
    return messageOf(error);
  }
}

function refuseLost(drive: DriveSpec, why: string | null, cause?: unknown): void {
  if (why !== null) throw new DriveError('drive-lost', `${drive.path}: ${why}`, cause);
}

function whyLost(drive: DriveSpec, folders: Folders): string | null {
  if (folders.dev !== drive.sight.dev || !isStillThere(drive.path, drive.sight)) return 'the drive went away';
  try {
    const { id, uuid } = readIdentity(folders);
    return id === drive.id && uuid === drive.uuid ? null : `drive ${id} is there, not ${drive.id}`;
  } catch (error) {
    if (isMachineFault(error)) throw error;
    return `no identity of a drive is there any more (${messageOf(error)})`;
  }
}

/** Only the two fields that tell; adopting checks them all. */
function readIdentity(folders: Folders): { readonly id: unknown; readonly uuid: unknown } {
  const fd = openFile(folders.at(Buffer.from(IDENTITY_FILE)), FLAGS);
  try {
    const stats = fs.fstatSync(fd);
    if (!stats.isFile() || stats.size > MAX_IDENTITY_BYTES)
      throw new Error(`${IDENTITY_FILE} is no identity`);
    const bytes = Buffer.alloc(stats.size);
    const found: unknown = JSON.parse(bytes.toString('utf8', 0, readFully(fd, bytes, 0)));
    if (typeof found !== 'object' || found === null) throw new Error(`${IDENTITY_FILE} is not understood`);
    return { id: null, uuid: null, ...found };
  } finally {
    closeQuietly(fd);
  }
}
