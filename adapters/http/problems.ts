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

/** RFC 9457. What is not a `UserError` is ours: it is shown as internal, without its stack. */
export function problemOf(error: unknown): ProblemDetails {
  const known = isUserError(error)
    ? error
    : (requestError(error) ?? mediumError(error) ?? internalError(error));
  return {
    type: `urn:imagetank:problem:${known.code}`,
    title: known.code.replaceAll('-', ' '),
    status: requestStatus(error) ?? STATUS_OF_EXIT[known.exitCode],
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
