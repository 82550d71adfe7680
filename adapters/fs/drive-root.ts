import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { Drive } from '../../machines/media.ts';
import { DriveError, messageOf } from '../../services/errors.ts';
import { driveErrorOf, isMachineFault } from './errno.ts';
import { asFailedSync, isFailedSync } from './failed-sync.ts';
import type { Lane } from './io/lanes.ts';
import type { DriveSpec } from './io/on-drive.ts';

export interface DriveLanes {
  /** Everything that changes the drive, one call after the other. */
  readonly lane: Lane;
  /** Small files are read back beside it: that waits for the medium, and the other one for the processor. */
  readonly reading: Lane;
}

/** The top of one adopted drive, the lanes in which its files are used, and the question whether it still is that drive. */
export class DriveRoot implements DriveLanes {
  readonly spec: DriveSpec;
  readonly lane: Lane;
  readonly reading: Lane;
  readonly #isAttached: () => boolean;

  constructor(spec: DriveSpec, { lane, reading }: DriveLanes, isAttached: () => boolean = () => true) {
    this.spec = spec;
    this.lane = lane;
    this.reading = reading;
    this.#isAttached = isAttached;
  }

  /** Real path: no part of it is a link. */
  get path(): string {
    return this.spec.path;
  }

  absolute(below: string): string {
    return join(this.path, below);
  }

  /**
   * Throws `DriveError` `drive-lost` unless this is the file system seen at opening and `drive.json` names this drive:
   * after a pulled cable the same path is the empty folder below the mount point, on the system's own disk.
   */
  async ensureSame(): Promise<void> {
    await this.ask(() => this.lane.call('ensureSame', this.spec));
  }

  /** A folder that somebody took for gone is still there, and so is a volume in the moment before it is pulled. */
  #refuseDetached(): void {
    if (!this.#isAttached()) throw new DriveError('drive-lost', `${this.path}: the drive was taken out`);
  }

  /** Runs calls of the lane, which name their errors themselves: only its own end is left to be named. */
  async ask<T>(action: () => Promise<T>): Promise<T> {
    this.#refuseDetached();
    try {
      return await action();
    } catch (error) {
      throw driveErrorOf(error, this.path);
    }
  }

  /** Runs what only reads, or writes to what is open already: errors become `DriveError`s. */
  async run<T>(what: string, action: () => Promise<T>): Promise<T> {
    this.#refuseDetached();
    try {
      return await action();
    } catch (error) {
      const mapped = driveErrorOf(error, what);
      // A drive that was pulled fails in many ways (EIO, ENOENT, EROFS): only asking it tells.
      if (mapped !== error) {
        await this.ensureSame().catch((lost: unknown) => {
          throw isFailedSync(error) ? asFailedSync(lost) : lost;
        });
      }
      throw mapped;
    }
  }

  /** Runs what opens a path to write there, only while this is still that drive. */
  async write<T>(what: string, action: () => Promise<T>): Promise<T> {
    await this.ensureSame();
    return this.run(what, action);
  }
}

/** Throws `DriveError` `drive-lost` when the adopted drive is not at its path; a fault of the machine as it is. */
export async function openDriveRoot(
  drive: Drive,
  lanes: DriveLanes,
  { sysFolder, isAttached }: { readonly sysFolder?: string; readonly isAttached?: () => boolean } = {},
): Promise<DriveRoot> {
  try {
    const path = await realpath(drive.path);
    const sight = await lanes.lane.call('lookAt', path, sysFolder);
    const root = new DriveRoot({ path, sight, id: drive.id, uuid: drive.uuid }, lanes, isAttached);
    await root.ensureSame();
    return root;
  } catch (error) {
    if (error instanceof DriveError || isMachineFault(error)) throw error;
    throw new DriveError('drive-lost', `${drive.path}: ${messageOf(error)}`, error);
  }
}
