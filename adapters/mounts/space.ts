import { statfs } from 'node:fs/promises';

/** Longer than a disk that is awake needs. One that has to start first is answered for at the next question. */
const ANSWER_MS = 1_000;

export interface Space {
  /** Free for this process. */
  readonly freeBytes: number;
  readonly sizeBytes: number;
}

export interface SpaceCalls {
  /** Rejects with the system's `code`. */
  statfs(path: string): Promise<{ readonly bavail: number; readonly blocks: number; readonly bsize: number }>;
  setTimer(delayMs: number, run: () => void): () => void;
}

const realCalls: SpaceCalls = {
  statfs: (path) => statfs(path),
  setTimer: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Asks file systems for their room. One that hangs is asked once, or it would use up all threads. */
export class SpaceMeter {
  readonly #calls: SpaceCalls;
  readonly #open = new Set<string>();

  constructor(calls: SpaceCalls = realCalls) {
    this.#calls = calls;
  }

  /** Null after 1 s without an answer, at once while an earlier question is unanswered, and when it cannot be told. */
  async of(root: string): Promise<Space | null> {
    if (this.#open.has(root)) return null;
    this.#open.add(root);
    const answer = this.#ask(root).finally(() => this.#open.delete(root));
    return new Promise((resolve) => {
      const disarm = this.#calls.setTimer(ANSWER_MS, () => resolve(null));
      void answer.then((space) => {
        disarm();
        resolve(space);
      });
    });
  }

  #ask(root: string): Promise<Space | null> {
    return this.#calls.statfs(root).then(
      // `bavail`, not `bfree`: what is reserved for root cannot be used for photos.
      ({ bavail, blocks, bsize }) => ({ freeBytes: bavail * bsize, sizeBytes: blocks * bsize }),
      () => null,
    );
  }
}
