import { type InboxFile, pathKey } from './ports.ts';

/** What is wrong may mend itself, as a mount that is late; each request is a line in the journal and may light an error. */
const AGAIN_AFTER_MS = 60_000;
const AGAIN_AFTER_AT_MOST_MS = 3_600_000;

/** When a backup of complete files is asked for: at once for new ones, again later and later where none came to try them. */
export class Requests {
  /** Path and mark of each file when it was last asked for. */
  #asked: ReadonlyMap<string, string> = new Map();
  #waitMs = 0;
  #nextMs = Number.NEGATIVE_INFINITY;

  isDue(files: readonly InboxFile[], nowMs: number): boolean {
    return nowMs >= this.#nextMs || this.#hasNew(files);
  }

  asked(files: readonly InboxFile[], nowMs: number): void {
    const waitMs = this.#hasNew(files) ? AGAIN_AFTER_MS : this.#waitMs * 2;
    this.#waitMs = Math.min(waitMs, AGAIN_AFTER_AT_MOST_MS);
    this.#nextMs = nowMs + this.#waitMs;
    this.#asked = new Map(files.map((file) => [pathKey(file), file.mark]));
  }

  #hasNew(files: readonly InboxFile[]): boolean {
    return files.some((file) => this.#asked.get(pathKey(file)) !== file.mark);
  }
}
