import type { DriveId } from '../../machines/ids.ts';
import type { LiveProgress } from './job.ts';

/**
 * How far a backup is. Bytes are counted where they come from, the card, whether they are read or need not be; files
 * where they end, on the drive that is furthest behind.
 */
export class Meter {
  readonly #show: (progress: LiveProgress) => void;
  readonly #drives = new Map<DriveId, { filesDone: number; bytesDone: number }>();
  #filesTotal = 0;
  #bytesTotal = 0;
  #bytesDone = 0;
  /** Of what is being read; a second try counts again, so it is cut off at its end. */
  #bytesRead = 0;

  constructor(show: (progress: LiveProgress) => void) {
    this.#show = show;
  }

  expect(files: number, bytes: number, drives: readonly DriveId[]): void {
    this.#filesTotal = files;
    this.#bytesTotal = bytes;
    for (const id of drives) this.#drives.set(id, { filesDone: 0, bytesDone: 0 });
    this.#tell();
  }

  /** Bytes that were just read; before `expect` nothing is known to hold them against. */
  reading(bytes: number): void {
    if (this.#filesTotal === 0) return;
    this.#bytesRead += bytes;
    this.#tell();
  }

  /** The card is done with so many bytes, read or not. */
  passed(bytes: number): void {
    this.#bytesDone += bytes;
    this.#bytesRead = 0;
    this.#tell();
  }

  /** So many files ended on a drive: copied, found there or failed. */
  settled(driveId: DriveId, files: number, bytes: number): void {
    const drive = this.#drives.get(driveId);
    if (drive === undefined) return;
    drive.filesDone += files;
    drive.bytesDone += bytes;
    this.#tell();
  }

  /** Nothing more happens on this drive. */
  lost(driveId: DriveId): void {
    if (this.#drives.size > 1) this.#drives.delete(driveId);
  }

  #tell(): void {
    const drives = [...this.#drives].map(([id, done]) => ({ id, ...done }));
    this.#show({
      filesDone: Math.min(this.#filesTotal, ...drives.map(({ filesDone }) => filesDone)),
      filesTotal: this.#filesTotal,
      bytesDone: Math.min(this.#bytesDone + this.#bytesRead, this.#bytesTotal),
      bytesTotal: this.#bytesTotal,
      drives,
    });
  }
}
