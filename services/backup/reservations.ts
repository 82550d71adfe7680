import type { BackupId, DriveId } from '../../machines/ids.ts';

/**
 * Bytes that running backups are still going to write, for the whole box: two cards at once may not count the same
 * free bytes. Holds one number for each running backup and drive.
 */
export class Reservations {
  readonly #drives = new Map<DriveId, Map<BackupId, number>>();

  /** Replaces what this backup had. */
  reserve(driveId: DriveId, backupId: BackupId, bytes: number): void {
    const drive = this.#drives.get(driveId) ?? new Map<BackupId, number>();
    this.#drives.set(driveId, drive.set(backupId, bytes));
  }

  /** They are no longer free on the drive, so they need no reservation any more. */
  wrote(driveId: DriveId, backupId: BackupId, bytes: number): void {
    const drive = this.#drives.get(driveId);
    const reserved = drive?.get(backupId);
    if (reserved !== undefined) drive?.set(backupId, Math.max(0, reserved - bytes));
  }

  /** Safe twice, and where nothing was reserved. */
  release(driveId: DriveId, backupId: BackupId): void {
    const drive = this.#drives.get(driveId);
    drive?.delete(backupId);
    if (drive?.size === 0) this.#drives.delete(driveId);
  }

  /** What the other backups have on this drive. */
  ofOthers(driveId: DriveId, backupId: BackupId): number {
    let sum = 0;
    for (const [owner, bytes] of this.#drives.get(driveId) ?? []) if (owner !== backupId) sum += bytes;
    return sum;
  }
}
