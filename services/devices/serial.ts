import type { ErrorCode } from '../error-codes.ts';
import { UserError } from '../errors.ts';

/** Waiting requests; more than a person can make, so that a runaway script is refused instead of piling up. */
export const MAX_WAITING = 256;

/** Runs tasks one after another: two answers about one drive must not be worked out side by side. */
export class Serial {
  #tail: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #closed = false;

  /** Settles as the task does; rejects with exit code 75 after `close`. */
  run<Result>(task: () => Promise<Result>): Promise<Result> {
    if (this.#closed) return Promise.reject(tryAgain('stopping', 'imagetank is stopping'));
    const result = this.#tail.then(task);
    this.#tail = result.catch(() => undefined);
    return result;
  }

  /** As `run`, for what people and programs ask: rejects with exit code 75 while `MAX_WAITING` wait already. */
  async request<Result>(task: () => Promise<Result>): Promise<Result> {
    if (this.#waiting >= MAX_WAITING) throw tryAgain('busy', 'too many requests are waiting');
    this.#waiting += 1;
    try {
      return await this.run(task);
    } finally {
      this.#waiting -= 1;
    }
  }

  /** Resolves when what was accepted is done; nothing is accepted any more. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#tail;
  }
}

const tryAgain = (code: ErrorCode, message: string): UserError =>
  new UserError(code, 75, message, 'try again in a moment');
