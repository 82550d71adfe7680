import { DriveError, messageOf } from '../../services/errors.ts';
import { isFailedSync } from './failed-sync.ts';

/**
 * What all syncs of one drive share for as long as it stays attached. The kernel tells of a block that it could not
 * write once, to one of those who sync at that time, and marks it clean: a sync that went well proves nothing when one
 * beside it or before it failed, whoever wrote that block.
 */
export class SyncFence {
  readonly #where: string;
  /** Those under way. */
  readonly #running = new Set<Promise<void>>();
  /** Why the first one failed; for good. */
  #failed: string | null = null;

  constructor(where: string) {
    this.#where = where;
  }

  /** Throws `DriveError` `drive-failing` after a sync that failed. */
  refuse(): void {
    if (this.#failed === null) return;
    const why = `${this.#where}: a sync failed, nobody knows what it lost: attach the drive anew (${this.#failed})`;
    throw new DriveError('drive-failing', why);
  }

  /** Runs something that syncs. It went well only when all that ran beside it did; never call one within another. */
  async run<T>(sync: () => Promise<T>): Promise<T> {
    this.refuse();
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    this.#running.add(ended);
    let result: T;
    try {
      result = await this.watch(sync);
    } finally {
      this.#running.delete(ended);
      end();
    }
    await Promise.all(this.#running);
    this.refuse();
    return result;
  }

  /** Runs a reading that may sync what it reads: others learn of its failure, it does not wait for them. */
  async watch<T>(action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      if (isFailedSync(error)) this.#failed ??= messageOf(error);
      throw error;
    }
  }
}
