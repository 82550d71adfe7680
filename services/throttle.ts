import type { Clock } from './ports.ts';

/**
 * All downloads and uploads together, while a copy is made. A hard disk at 100 MB/s loses 1 % to the bytes and 4 % to the four
 * moves of its head that the blocks of a second cost; a card reader at 30 MB/s loses 3 %.
 */
export const COPYING_BYTES_PER_SECOND = 1 << 20;
/** A drive that hangs takes the threads of Node that wait for it, for ever. */
const MAX_CALLS_OF_ONE = 2;
/** Of the four threads that Node has at least one is left for all else. */
const MAX_CALLS = 3;

/** Keeps downloads and uploads out of the way of copies, and a hanging drive from holding up more than itself. */
export class Throttle {
  readonly #clock: Pick<Clock, 'monoMs' | 'setTimer'>;
  readonly #isBusy: () => boolean;
  readonly #waiting: { readonly root: string; readonly begin: () => void }[] = [];
  /** Top of the drive of each call that is under way. */
  readonly #calls: string[] = [];
  /** When what was read so far is paid for. */
  #dueMs = Number.NEGATIVE_INFINITY;

  constructor({
    clock,
    isBusy,
  }: { readonly clock: Pick<Clock, 'monoMs' | 'setTimer'>; readonly isBusy: () => boolean }) {
    this.#clock = clock;
    this.#isBusy = isBusy;
  }

  /**
   * Before so many bytes are read or written: waits, while a copy is made, until those before them are paid for, or until
   * `cut` is aborted. Never rejects.
   */
  async pay(sizeBytes: number, cut?: AbortSignal): Promise<void> {
    if (!this.#isBusy() || cut?.aborted === true) return;
    const nowMs = this.#clock.monoMs();
    const waitMs = this.#dueMs - nowMs;
    this.#dueMs = Math.max(this.#dueMs, nowMs) + (sizeBytes / COPYING_BYTES_PER_SECOND) * 1000;
    if (waitMs > 0) await this.#wait(waitMs, cut);
  }

  /**
   * Runs a call to the drive whose top is `root`: two of one drive are under way at most, three in all; in the order in which
   * they were asked for, but past those whose drive has its two.
   */
  async during<T>(root: string, call: () => Promise<T>): Promise<T> {
    if (this.#hasRoom(root)) this.#calls.push(root);
    else await new Promise<void>((begin) => this.#waiting.push({ root, begin }));
    try {
      return await call();
    } finally {
      this.#calls.splice(this.#calls.indexOf(root), 1);
      this.#beginNext();
    }
  }

  #wait(ms: number, cut: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const over = () => {
        disarm();
        cut?.removeEventListener('abort', over);
        resolve();
      };
      const disarm = this.#clock.setTimer(ms, over);
      cut?.addEventListener('abort', over);
    });
  }

  #beginNext(): void {
    const at = this.#waiting.findIndex(({ root }) => this.#hasRoom(root));
    const [next] = at < 0 ? [] : this.#waiting.splice(at, 1);
    if (next === undefined) return;
    this.#calls.push(next.root);
    next.begin();
  }

  #hasRoom(root: string): boolean {
    const own = this.#calls.filter((other) => other === root);
    return this.#calls.length < MAX_CALLS && own.length < MAX_CALLS_OF_ONE;
  }
}
