import type { DriveId } from '../../machines/ids.ts';

/** Drives that are being let go: whoever would open something there must not, for an open file keeps a drive mounted. */
export class Departures {
  #now: readonly { readonly id: DriveId }[] = [];

  has(id: DriveId): boolean {
    return this.#now.some((one) => one.id === id);
  }

  /** Settles as `run` does; then the drive is gone, or it stays and can be used again. */
  async during<T>(id: DriveId, run: () => Promise<T>): Promise<T> {
    const one = { id };
    this.#now = [...this.#now, one];
    try {
      return await run();
    } finally {
      this.#now = this.#now.filter((other) => other !== one);
    }
  }
}
