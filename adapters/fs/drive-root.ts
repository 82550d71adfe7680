import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { Drive } from '../../machines/facts.ts';
import { DriveError, messageOf } from '../../services/errors.ts';
import { driveErrorOf } from './errno.ts';
import { readDriveIdentity } from './identity.ts';
import { isStillThere, lookAt, type Sight } from './presence.ts';

/** The top of one adopted drive, and the question whether it still is that drive. */
export class DriveRoot {
  /** Real path: no part of it is a link. */
  readonly path: string;
  readonly #drive: Drive;
  readonly #sight: Sight;

  constructor(path: string, drive: Drive, sight: Sight) {
    this.path = path;
    this.#drive = drive;
    this.#sight = sight;
  }

  absolute(below: string): string {
    return join(this.path, below);
  }

  /**
   * Throws `DriveError` `drive-lost` unless this is the file system seen at opening and `drive.json` names this drive:
   * after a pulled cable the same path is the empty folder below the mount point, on the system's own disk.
   */
  async ensureSame(): Promise<void> {
    const lost = await this.#whyLost().catch((error: unknown) => messageOf(error));
    if (lost !== null) throw new DriveError('drive-lost', `${this.path}: ${lost}`);
  }

  async #whyLost(): Promise<string | null> {
    if (!(await isStillThere(this.path, this.#sight))) return 'the drive went away';
    const identity = await readDriveIdentity(this.path);
    if (identity === null) return 'no identity of a drive is there any more';
    if (identity.id !== this.#drive.id || identity.uuid !== this.#drive.uuid) {
      return `drive ${identity.id} is there, not ${this.#drive.id}`;
    }
    return null;
  }

  /** Runs what only reads, or writes to what is open already: errors become `DriveError`s. */
  async run<T>(what: string, action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      const mapped = driveErrorOf(error, what);
      // A drive that was pulled fails in many ways (EIO, ENOENT, EROFS): only asking it tells.
      if (mapped !== error) await this.ensureSame();
      throw mapped;
    }
  }

  /** Runs what opens a path to write there, only while this is still that drive. */
  async write<T>(what: string, action: () => Promise<T>): Promise<T> {
    await this.ensureSame();
    return this.run(what, action);
  }
}

/** Throws `DriveError` `drive-lost` when the adopted drive is not at its path. */
export async function openDriveRoot(drive: Drive, sysFolder?: string): Promise<DriveRoot> {
  try {
    const path = await realpath(drive.path);
    const root = new DriveRoot(path, drive, await lookAt(path, sysFolder));
    await root.ensureSame();
    return root;
  } catch (error) {
    throw error instanceof DriveError
      ? error
      : new DriveError('drive-lost', `${drive.path}: ${messageOf(error)}`, error);
  }
}
