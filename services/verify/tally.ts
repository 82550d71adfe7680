import type { WorkProgress } from '../work-shapes.ts';

/** Paths that a result names; the rest is counted in its last line. */
export const MAX_REPORTED = 100_000;
const FILES_A_MESSAGE = 64;
const BYTES_A_MESSAGE = 64 * 1024 * 1024;

/** A list for a result: everything is counted, a bounded number is named. */
export class PathList {
  readonly #paths: string[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(path: string): void {
    this.#count += 1;
    if (this.#paths.length < MAX_REPORTED) this.#paths.push(path);
  }

  toJSON(): string[] {
    const rest = this.#count - this.#paths.length;
    return rest === 0 ? [...this.#paths] : [...this.#paths, `… and ${rest} more`];
  }
}

/** How far long work is; says so every 64 files or 64 MiB, because each message crosses a socket. */
export class Progress {
  #filesDone = 0;
  #bytesDone = 0;
  #filesSaid = 0;
  #bytesSaid = 0;
  readonly #filesTotal: number;
  readonly #bytesTotal: number;

  constructor(filesTotal: number, bytesTotal: number) {
    this.#filesTotal = filesTotal;
    this.#bytesTotal = bytesTotal;
  }

  /** Counts one file. */
  add(sizeBytes: number): void {
    this.#filesDone += 1;
    this.#bytesDone += sizeBytes;
  }

  /** Not more than the total, whatever was added to the medium in the meantime. */
  now(): WorkProgress {
    return {
      filesDone: Math.min(this.#filesDone, this.#filesTotal),
      filesTotal: this.#filesTotal,
      bytesDone: Math.min(this.#bytesDone, this.#bytesTotal),
      bytesTotal: this.#bytesTotal,
    };
  }

  /** Nothing, or one message when it is time for the next. */
  *messages(): Generator<{ readonly progress: WorkProgress }> {
    const files = this.#filesDone - this.#filesSaid;
    if (files < FILES_A_MESSAGE && this.#bytesDone - this.#bytesSaid < BYTES_A_MESSAGE) return;
    this.#filesSaid = this.#filesDone;
    this.#bytesSaid = this.#bytesDone;
    yield { progress: this.now() };
  }
}
