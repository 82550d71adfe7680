import type { Reason } from '../machines/reasons.ts';
import type { ErrorCode } from './error-codes.ts';

/** Exit codes of `contract.md` section 2 (sysexits.h where it has one). */
export type ExitCode = 1 | 64 | 65 | 66 | 69 | 73 | 74 | 75 | 77 | 78;

/** What a person can mend: one line that says what, where and what to do. */
export class UserError extends Error {
  readonly code: string;
  readonly exitCode: ExitCode;
  readonly hint: string;

  constructor(code: ErrorCode, exitCode: ExitCode, message: string, hint: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'UserError';
    this.code = code;
    this.exitCode = exitCode;
    this.hint = hint;
  }
}

/** A journal that cannot be read or written. */
export class JournalError extends Error {
  readonly code: 'damaged' | 'newer' | 'state-disk-full' | 'io' | 'busy';
  /** Line (JSON Lines) or sequence number (database) that is at fault; null when none is. */
  readonly line: number | null;

  constructor(code: JournalError['code'], line: number | null, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'JournalError';
    this.code = code;
    this.line = line;
  }
}

/** The card did not give its bytes. `gone`: it was pulled; `unreadable`: this file only. */
export class CardError extends Error {
  readonly code: 'gone' | 'unreadable';

  constructor(code: CardError['code'], message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'CardError';
    this.code = code;
  }
}

/** The drive did not take or give bytes. */
export class DriveError extends Error {
  readonly reason: Extract<
    Reason,
    'drive-full' | 'file-too-large' | 'drive-lost' | 'drive-failing' | 'drive-not-writable'
  >;

  constructor(reason: DriveError['reason'], message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'DriveError';
    this.reason = reason;
  }
}

export const isUserError = (error: unknown): error is UserError => error instanceof UserError;
export const isJournalError = (error: unknown): error is JournalError => error instanceof JournalError;
export const isCardError = (error: unknown): error is CardError => error instanceof CardError;
export const isDriveError = (error: unknown): error is DriveError => error instanceof DriveError;

/** The text of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
