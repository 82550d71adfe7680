import { ADVICE } from '../../machines/reasons.ts';
import {
  type ExitCode,
  isCardError,
  isDriveError,
  isUserError,
  messageOf,
  UserError,
} from '../../services/errors.ts';
import type { ProblemDetails } from '../../services/shapes.ts';
import type { Caller } from './callers.ts';

/** What HTTP has for each exit code of the command line. */
const STATUS_OF_EXIT = {
  1: 409,
  64: 400,
  65: 422,
  66: 404,
  69: 503,
  73: 409,
  74: 500,
  75: 503,
  77: 403,
  78: 500,
} as const satisfies Record<ExitCode, number>;

/** What an exit code does not tell. */
const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  'not-paired': 401,
  'page-only-read': 405,
  'not-json': 415,
  'unknown-host': 421,
  'too-many-guesses': 429,
  'wrong-protocol': 412,
  'wrong-offset': 409,
  'beyond-end': 413,
  'upload-too-large': 413,
  'wrong-upload-type': 415,
  'too-many-uploads': 429,
  'selection-being-made': 429,
  'no-drive-for-uploads': 503,
  'uploads-off': 503,
  'drive-full': 507,
  'drive-full-for-uploads': 507,
};

/** For who asks: what went wrong within the daemon names its folders, which is for people of the box. */
export function problemFor(caller: Caller, error: unknown): ProblemDetails {
  const problem = problemOf(error);
  if (problem.code !== 'internal' || caller.kind === 'box') return problem;
  return { ...problem, detail: 'the daemon failed', hint: 'ask for the same on the box, where it says more' };
}

/** RFC 9457. What is not a `UserError` is ours: it is shown as internal, without its stack. */
export function problemOf(error: unknown): ProblemDetails {
  const known = isUserError(error)
    ? error
    : (requestError(error) ?? mediumError(error) ?? internalError(error));
  return {
    type: `urn:imagetank:problem:${known.code}`,
    title: known.code.replaceAll('-', ' '),
    status: requestStatus(error) ?? STATUS_OF_CODE[known.code] ?? STATUS_OF_EXIT[known.exitCode],
    detail: known.message,
    code: known.code,
    hint: known.hint,
    exitCode: known.exitCode,
  };
}

/** Fastify's own refusals (body too large, not JSON, …) carry a 4xx status. */
function requestStatus(error: unknown): number | null {
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  return !isUserError(error) && typeof status === 'number' && status >= 400 && status < 500 ? status : null;
}

const requestError = (error: unknown): UserError | null =>
  requestStatus(error) === null
    ? null
    : new UserError(
        'bad-request',
        64,
        `the request is not accepted: ${messageOf(error)}`,
        'send JSON as documented',
      );

const mediumError = (error: unknown): UserError | null => {
  if (isDriveError(error)) return new UserError(error.reason, 74, error.message, ADVICE[error.reason], error);
  if (!isCardError(error)) return null;
  const reason = error.code === 'gone' ? 'card-removed' : 'card-unreadable';
  return new UserError(reason, 74, error.message, ADVICE[reason], error);
};

const internalError = (error: unknown): UserError =>
  new UserError('internal', 74, `the daemon failed: ${messageOf(error)}`, 'see: imagetank log tail');
