import { makeBlock } from './io/aligned.ts';

/** Kept for the next file: two for each of two backups at once. */
const MAX_SPARE = 4;
/** Memory that nobody used for so long is given back: an idle daemon has 60 MB. */
const IDLE_MS = 30_000;

/** Shared memory that is handed out, taken back and used again. */
class Pool<T> {
  readonly #make: () => T;
  readonly #maxSpare: number;
  readonly #spare: T[] = [];
  #idle: NodeJS.Timeout | undefined;

  constructor(make: () => T, maxSpare: number) {
    this.#make = make;
    this.#maxSpare = maxSpare;
  }

  take(): T {
    return this.#spare.pop() ?? this.#make();
  }

  /** Only what no thread looks at any more. */
  giveBack(item: T): void {
    if (this.#spare.length < this.#maxSpare) this.#spare.push(item);
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => {
      this.#spare.length = 0;
    }, IDLE_MS).unref();
  }
}

/** Page-aligned blocks of 1 MiB, in which large files go to the drive. */
export const blocks = new Pool(makeBlock, MAX_SPARE);

/** What one `readStarts` holds at most. */
export const STARTS_BYTES = 4 * 1024 * 1024;
/** One that is read into, one that is written from. */
export const startsMemory = new Pool(() => new SharedArrayBuffer(STARTS_BYTES), 2);
