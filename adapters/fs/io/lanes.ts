import { createOperations, type Operations } from './operations.ts';
import { ThreadLane } from './thread-lane.ts';

export type AnswerOf<Name extends keyof Operations> = Awaited<ReturnType<Operations[Name]>>;

/** Where the calls of one card or drive run, one after the other: one that hangs never stops another. */
export interface Lane {
  call<Name extends keyof Operations>(
    name: Name,
    ...args: Parameters<Operations[Name]>
  ): Promise<AnswerOf<Name>>;
  /** Something is open in it from now on, until the returned function is called. */
  keep(): () => void;
}

export interface Io {
  /** The same key gets the same lane, for good: two for one drive could rename over each other's files. */
  lane(key: string): Lane;
}

export interface IoOptions {
  /** `.build/io-worker.js`, beside the daemon; null: everything runs in the calling thread. */
  readonly workerPath: string | null;
  /** A thread that has nothing to do for so long gives its memory back. Default 30 s. */
  readonly idleMs?: number;
}

const IDLE_MS = 30_000;

/** Threads start with their first call, keep no process alive that has nothing else to do, and end when idle. */
export function createIo({ workerPath, idleMs = IDLE_MS }: IoOptions): Io {
  // One small entry for each drive and mount point that this process has ever used.
  const lanes = new Map<string, Lane>();
  return {
    lane: (key) => {
      const lane =
        lanes.get(key) ?? (workerPath === null ? new InlineLane() : new ThreadLane(workerPath, idleMs));
      lanes.set(key, lane);
      return lane;
    },
  };
}

/** For tests and where no worker was built: blocks its caller for as long as a call takes. */
export const INLINE_IO = createIo({ workerPath: null });

class InlineLane implements Lane {
  readonly #operations = createOperations();

  async call<Name extends keyof Operations>(
    name: Name,
    ...args: Parameters<Operations[Name]>
  ): Promise<AnswerOf<Name>> {
    const run = this.#operations[name] as unknown as (...all: typeof args) => unknown;
    return (await run(...args)) as AnswerOf<Name>;
  }

  keep(): () => void {
    return () => undefined;
  }
}
