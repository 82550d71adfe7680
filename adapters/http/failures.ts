import { randomBytes } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { messageOf } from '../../services/errors.ts';
import type { Clock } from '../../services/ports.ts';
import type { ProblemDetails } from '../../services/shapes.ts';
import { callerOf } from './callers.ts';
import { problemFor } from './problems.ts';

/** A stranger who finds a way to fail must not fill the disk: the first ones of a minute tell enough. */
const LINES_A_MINUTE = 10;
const MINUTE_MS = 60_000;
const MAX_TEXT_CHARS = 500;

interface Parts {
  readonly clock: Pick<Clock, 'monoMs'>;
  readonly warn: (text: string) => void;
}

/** Problems as answers, and a line in the log of each that should never happen. */
export class Failures {
  readonly #parts: Parts;
  #beganMs = Number.NEGATIVE_INFINITY;
  #lines = 0;
  #left = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** With `requestId` where the log has it: a number that stands in no log helps nobody. */
  problemOf(request: FastifyRequest, error: unknown): ProblemDetails {
    const problem = problemFor(callerOf(request.raw), error);
    if (problem.code !== 'internal' || hasLeft(request, error) || !this.#hasRoom()) return problem;
    const requestId = randomBytes(4).toString('hex');
    this.#parts.warn(`request ${requestId} failed, ${routeOf(request)}: ${textOf(error)}`);
    return { ...problem, requestId };
  }

  /** What failed in the middle of its answer, where no problem can be told any more. */
  brokeOff(request: FastifyRequest, error: unknown): void {
    if (this.#hasRoom()) this.#parts.warn(`answer broke off, ${routeOf(request)}: ${textOf(error)}`);
  }

  #hasRoom(): boolean {
    const { clock, warn } = this.#parts;
    const nowMs = clock.monoMs();
    if (nowMs - this.#beganMs >= MINUTE_MS) {
      if (this.#left > 0) warn(`${this.#left} more requests failed, which the log does not have`);
      [this.#beganMs, this.#lines, this.#left] = [nowMs, 0, 0];
    }
    if (this.#lines >= LINES_A_MINUTE) this.#left += 1;
    else this.#lines += 1;
    return this.#left === 0;
  }
}

/** Its sender broke off in the middle: on a radio that is no failure. `ECONNRESET` is what Node has for it. */
const hasLeft = ({ raw }: FastifyRequest, error: unknown): boolean =>
  raw.destroyed && (error as NodeJS.ErrnoException | null)?.code === 'ECONNRESET';

/** The pattern of the route alone: a query may hold anything, also what nobody but its sender should know. */
const routeOf = ({ method, routeOptions }: FastifyRequest): string =>
  `${method} ${routeOptions.url ?? 'no route'}`;

/** What, and where in the code: the second line of a stack. */
function textOf(error: unknown): string {
  const [, ...frames] = error instanceof Error ? (error.stack ?? '').split('\n    at ') : [];
  const at = frames[0] === undefined ? '' : ` (at ${frames[0]})`;
  return `${messageOf(error)}${at}`.slice(0, MAX_TEXT_CHARS);
}
