import type { WorkProgress } from '../shapes.ts';

/** Adds up how far a backup is, over all its drives. */
export class Meter {
  readonly #show: (progress: WorkProgress) => void;
  #filesTotal = 0;
  #bytesTotal = 0;
  #filesDone = 0;
  #bytesDone = 0;
  #bytesOfFile = 0;

  constructor(show: (progress: WorkProgress) => void) {
    this.#show = show;
  }

  expect(files: number, bytes: number): void {
    this.#filesTotal = files;
    this.#bytesTotal = bytes;
  }

  /** Bytes that were just read; before `expect` nothing is known to hold them against. */
  reading(bytes: number): void {
    if (this.#filesTotal === 0) return;
    this.#bytesOfFile += bytes;
    this.#tell(this.#bytesOfFile);
  }

  fileDone(sizeBytes: number): void {
    this.#bytesOfFile = 0;
    this.#filesDone += 1;
    this.#bytesDone += sizeBytes;
    this.#tell(0);
  }

  #tell(bytesOfFile: number): void {
    this.#show({
      filesDone: this.#filesDone,
      filesTotal: this.#filesTotal,
      // A file that is hashed before it is written, or that grew, is not more than itself.
      bytesDone: Math.min(this.#bytesDone + bytesOfFile, this.#bytesTotal),
      bytesTotal: this.#bytesTotal,
    });
  }
}
