import type { Reason } from '../../machines/reasons.ts';
import type { StopWhy } from './job.ts';

/** One file cannot be backed up; all others can. */
export class FileProblem extends Error {
  readonly reason: Reason;
  /** True when a second reading may go better. */
  readonly again: boolean;

  constructor(reason: Reason, message: string, again = false, cause?: unknown) {
    super(message, { cause });
    this.name = 'FileProblem';
    this.reason = reason;
    this.again = again;
  }
}

/** The whole backup has to end now. */
export class Stopped extends Error {
  readonly why: StopWhy;

  constructor(why: StopWhy, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'Stopped';
    this.why = why;
  }
}

export const isFileProblem = (error: unknown): error is FileProblem => error instanceof FileProblem;
export const isStopped = (error: unknown): error is Stopped => error instanceof Stopped;
