import type { Clock } from '../ports.ts';

/**
 * All downloads together, while a copy is made. A hard disk at 100 MB/s loses 1 % to the bytes and 4 % to the four moves of
 * its head that the blocks of a second cost; a card reader at 30 MB/s loses 3 %.
 */
export const COPYING_BYTES_PER_SECOND = 1 << 20;
/** A drive that hangs takes the threads of Node that wait for it, of which there are four at least. */
const MAX_CALLS = 2;

/** Keeps downloads out of the way of copies, and a hanging drive from holding up more than itself. */
export class Throttle {
  readonly #clock: Pick<Clock, 'monoMs' | 'setTimer'>;
  readonly #isBusy: () => boolean;
  readonly #waiting: (() => void)[] = [];
  #calls = 0;
  /** When what was read so far is paid for. */
  #dueMs = Number.NEGATIVE_INFINITY;

  constructor({
    clock,
    isBusy,
  }: { readonly clock: Pick<Clock, 'monoMs' | 'setTimer'>; readonly isBusy: () => boolean }) {
    this.#clock = clock;
    this.#isBusy = isBusy;
  }

  /** Before so many bytes are read: waits, while a copy is made, until those before them are paid for. */
  async pay(sizeBytes: number): Promise<void> {
    if (!this.#isBusy()) return;
    const nowMs = this.#clock.monoMs();
    const waitMs = this.#dueMs - nowMs;
    this.#dueMs = Math.max(this.#dueMs, nowMs) + (sizeBytes / COPYING_BYTES_PER_SECOND) * 1000;
    if (waitMs > 0) await new Promise<void>((resolve) => this.#clock.setTimer(waitMs, resolve));
  }

  /** Runs a call to a drive, when fewer than two of them are under way; in the order in which they were asked for. */
  async during<T>(call: () => Promise<T>): Promise<T> {
    if (this.#calls >= MAX_CALLS) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#calls += 1;
    try {
      return await call();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#calls -= 1;
      else next();
    }
  }
}
