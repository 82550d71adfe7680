import type { VerifyRun } from './run.ts';

/** Timers are no better than a millisecond or two: shorter debts are paid together. */
const LEAST_WAIT_MS = 10;

/** Holds a reader to its rate, and back while a backup runs. */
export class Pace {
  readonly #run: VerifyRun;
  /** When what was read so far is paid for. */
  #dueMs = Number.NEGATIVE_INFINITY;
  #spentBytes = 0;

  constructor(run: VerifyRun) {
    this.#run = run;
  }

  /** All that was read so far. */
  get spentBytes(): number {
    return this.#spentBytes;
  }

  /** A backup goes first: nothing is read now. */
  get isHeldUp(): boolean {
    return this.#run.backups.isBusy();
  }

  /** Waits while a backup runs. Throws the reason of `stop`. */
  async clear(): Promise<void> {
    const { backups, stop } = this.#run;
    stop.throwIfAborted();
    if (!backups.isBusy()) return;
    await until(stop, (resolve) => {
      const changes = backups.changed$.subscribe(() => {
        if (!backups.isBusy()) resolve();
      });
      return () => changes.unsubscribe();
    });
  }

  /** After so many bytes were read: waits as the rate asks, then while a backup runs. Throws the reason of `stop`. */
  readonly spend = async (sizeBytes: number): Promise<void> => {
    const { clock, rateBytesPerSecond, stop } = this.#run;
    this.#spentBytes += sizeBytes;
    if (rateBytesPerSecond !== null) {
      const nowMs = clock.monoMs();
      // What was not read while a backup ran is not made up for afterwards.
      this.#dueMs = Math.max(this.#dueMs, nowMs) + (sizeBytes / rateBytesPerSecond) * 1000;
      const waitMs = this.#dueMs - nowMs;
      if (waitMs >= LEAST_WAIT_MS) await until(stop, (resolve) => clock.setTimer(waitMs, resolve));
    }
    await this.clear();
  };
}

/** Waits for what `begin` resolves; whatever happens first, what it returned is called once. Throws the reason of `stop`. */
async function until(stop: AbortSignal, begin: (resolve: () => void) => () => void): Promise<void> {
  // Of what was aborted before, a listener is not told.
  stop.throwIfAborted();
  let end = (): void => undefined;
  let wake = (): void => undefined;
  try {
    await new Promise<void>((resolve) => {
      wake = resolve;
      stop.addEventListener('abort', wake, { once: true });
      end = begin(resolve);
    });
  } finally {
    stop.removeEventListener('abort', wake);
    end();
  }
  stop.throwIfAborted();
}
