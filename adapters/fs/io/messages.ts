import { DriveError } from '../../../services/errors.ts';
import { errnoOf } from '../errno.ts';
import { asFailedSync, isFailedSync } from '../failed-sync.ts';
import type { Operations } from './operations.ts';

/** An error on its way between threads: a structured clone keeps neither the class nor the `code`. */
export interface ErrorMessage {
  readonly error: string;
  /** `ENOSPC`, …; null for what is no error of the system. */
  readonly code: string | null;
  readonly driveReason: DriveError['reason'] | null;
  readonly failedSync: boolean;
}

export function toMessage(error: unknown): ErrorMessage {
  return {
    error: error instanceof Error ? error.message : String(error),
    code: errnoOf(error),
    driveReason: error instanceof DriveError ? error.reason : null,
    failedSync: isFailedSync(error),
  };
}

export function toError(message: ErrorMessage): Error {
  const error = plainError(message);
  return message.failedSync ? asFailedSync(error) : error;
}

function plainError({ error, code, driveReason }: ErrorMessage): Error {
  if (driveReason !== null) return new DriveError(driveReason, error);
  return code === null ? new Error(error) : Object.assign(new Error(error), { code });
}

/** From the daemon to a thread. */
export interface Question {
  readonly id: number;
  readonly name: keyof Operations;
  readonly args: readonly unknown[];
}

/** Back again. */
export type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: ErrorMessage };
