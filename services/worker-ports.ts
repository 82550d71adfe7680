/** Processes of our own that open hostile files. Ports. */

export interface WorkerOptions {
  /** A bundle beside the program. */
  readonly workerPath: string;
  /** Between two messages. */
  readonly timeoutMs: number;
  /** Heap of JavaScript, and resident memory above what Node takes to start. */
  readonly maxMemoryMb: number;
  /** For Node to start: seconds on a Pi Zero. */
  readonly startMs: number;
  /** A worker that has nothing to do for so long gives its memory back. */
  readonly idleMs: number;
}

/** First message of a worker: from here on the deadline of a file counts, not the start of Node. */
export const READY = 'ready';

/**
 * Variable of a worker's environment: number of a descriptor that it hands to the programs it starts. As long as one of them
 * has it open the worker is not gone, for they hold open what it opened.
 */
export const LIFELINE = 'IMAGETANK_LIFELINE';

/** One process at most; made when it is first asked, killed over what it does not get over, made again for the next. */
export interface Worker {
  /**
   * Sends a request and hands over each message until `take` says that it was the last; an `alien` one does not count as
   * a sign of life. `failed`: it died, grew too large or was silent for too long, and is gone. One call at a time.
   */
  ask(
    request: object,
    take: (message: unknown) => 'more' | 'last' | 'alien',
  ): Promise<'answered' | 'failed' | 'not-started'>;
  /** Ends it the hard way: it holds nothing that could be lost. */
  kill(): void;
  /** Kills it. Resolves when all that was killed is gone, with whatever it started. */
  end(): Promise<void>;
}

export type OpenWorker = (options: WorkerOptions) => Worker;
