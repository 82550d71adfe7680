import { isWhole } from './names.ts';
import { type InboxFile, pathKey } from './ports.ts';

/** A client that pauses for longer passes for done; what it writes later is not lost (`clearing.ts`). */
export const QUIET_MS = 30_000;

interface Known {
  readonly file: InboxFile;
  readonly sinceMs: number;
}

/** Which files of an inbox are complete: unchanged for `QUIET_MS` of the monotonic clock, so over two looks at least. */
export class Settling {
  #known: ReadonlyMap<string, Known> = new Map();
  #lookedAtMs = 0;

  /** A look at all files. The times of the files mean nothing: clients set them as they please. */
  look(files: readonly InboxFile[], nowMs: number): void {
    const known = files.map((file): readonly [string, Known] => {
      const key = pathKey(file);
      const before = this.#known.get(key);
      const same = before?.file.mark === file.mark;
      return [key, { file, sinceMs: same ? before.sinceMs : nowMs }];
    });
    this.#known = new Map(known);
    this.#lookedAtMs = nowMs;
  }

  /** As of the last look, in its order. */
  settled(): readonly InboxFile[] {
    return [...this.#known.values()]
      .filter((known) => !this.#isMoving(known) && isWhole(known.file))
      .map(({ file }) => file);
  }

  /** Some file, whole or not, appeared or changed a moment before the last look. */
  get isArriving(): boolean {
    return [...this.#known.values()].some((known) => this.#isMoving(known));
  }

  #isMoving({ sinceMs }: Known): boolean {
    return this.#lookedAtMs - sinceMs < QUIET_MS;
  }
}
