import { escapeText } from '../../adapters/terminal/escape.ts';
import { isJournalError, isUserError, messageOf, UserError } from '../../services/errors.ts';
import type { ErrorShape } from '../../services/shapes.ts';

const EXIT_OF_JOURNAL_ERROR = { damaged: 65, newer: 65, 'state-disk-full': 74, io: 74, busy: 75 } as const;
const HINT_OF_JOURNAL_ERROR = {
  damaged: 'keep a copy of it, then: imagetank run --recover',
  newer: 'it was written by a newer imagetank: install that version',
  'state-disk-full': 'free some space on the disk that holds it',
  io: 'check the disk that holds it',
  busy: 'another imagetank uses it: stop that one first',
} as const;

/** One line on standard error, or `{error}` with --json; returns the exit code. */
export function reportError(error: unknown, json: boolean): number {
  const known = asUserError(error);
  const shape: ErrorShape = { error: { code: known.code, message: known.message, hint: known.hint } };
  const line = json ? JSON.stringify(shape) : `imagetank: ${known.message}: ${known.hint}`;
  process.stderr.write(`${escapeText(line)}\n`);
  return known.exitCode;
}

function asUserError(error: unknown): UserError {
  if (isUserError(error)) return error;
  if (isJournalError(error)) {
    const exitCode = EXIT_OF_JOURNAL_ERROR[error.code];
    return new UserError(`journal-${error.code}`, exitCode, error.message, HINT_OF_JOURNAL_ERROR[error.code]);
  }
  const errno = (error as NodeJS.ErrnoException | null)?.code;
  if (errno === 'EACCES' || errno === 'EPERM') {
    return new UserError('not-permitted', 77, messageOf(error), 'check owner and permissions');
  }
  if (errno === 'ENOENT') return new UserError('no-such-file', 66, messageOf(error), 'check the path');
  // 74 for what is left: it is an input/output error or a mistake of ours, and the sender of a report needs the text.
  return new UserError(
    'unexpected',
    74,
    messageOf(error),
    'try again; if it stays, report it with: imagetank doctor',
  );
}
