import { type IncomingMessage, request } from 'node:http';
import type { ErrorCode } from '../../services/error-codes.ts';
import { type ExitCode, messageOf, UserError } from '../../services/errors.ts';
import type { ProblemDetails } from '../../services/shapes.ts';

/** One line of an answer: the largest is the result of a check that names every file of a card. */
const MAX_LINE_BYTES = 256 * 1024 * 1024;

export interface DaemonClient {
  get<Answer>(path: string): Promise<Answer>;
  post<Answer>(path: string, body: unknown): Promise<Answer>;
  remove<Answer>(path: string): Promise<Answer>;
  /**
   * JSON Lines as they arrive, raw. Rejects when the daemon refuses; the iteration throws when the daemon
   * goes away in the middle or reports an error as its last line, and ends quietly when the signal says so.
   */
  lines(path: string, options?: LinesOptions): Promise<AsyncIterable<string>>;
}

export interface LinesOptions {
  /** Makes it a POST. */
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/**
 * Asks the daemon over its unix socket. Every error is a `UserError`: 69 when it is not running or goes away,
 * 77 when the socket may not be opened, else what the daemon says. The answers are the daemon's own and are not
 * validated again: loading a validator would double the time of `imagetank status`.
 */
export function createClient(socketPath: string): DaemonClient {
  const ask = async <Answer>(question: Question): Promise<Answer> => {
    const text = await readAll(await open(socketPath, question), socketPath);
    return JSON.parse(text) as Answer;
  };
  return {
    get: (path) => ask({ method: 'GET', path }),
    post: (path, body) => ask({ method: 'POST', path, body }),
    remove: (path) => ask({ method: 'DELETE', path }),
    async lines(path, { body, signal } = {}) {
      const method = body === undefined ? 'GET' : 'POST';
      try {
        const response = await open(socketPath, { method, path, body, signal });
        return splitLines(response, socketPath, signal);
      } catch (error) {
        if (signal?.aborted !== true) throw error;
        return noLines();
      }
    },
  };
}

interface Question {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

async function open(socketPath: string, { method, path, body, signal }: Question): Promise<IncomingMessage> {
  const payload = body === undefined ? '' : JSON.stringify(body);
  const headers =
    body === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    // No agent: a kept connection would keep the command from ending.
    const options = { socketPath, method, path: `/api/v1/${path}`, headers, agent: false };
    const sent = request({ ...options, ...(signal === undefined ? {} : { signal }) }, resolve);
    sent.on('error', (error) => reject(connectionError(error, socketPath)));
    sent.end(payload);
  });
  if ((response.statusCode ?? 500) < 400) return response;
  throw refusal(await readAll(response, socketPath));
}

async function readAll(response: IncomingMessage, socketPath: string): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of response) chunks.push(chunk as Buffer);
  } catch (error) {
    throw connectionError(error, socketPath);
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function* noLines(): AsyncGenerator<string> {}

async function* splitLines(
  response: IncomingMessage,
  socketPath: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<string> {
  let rest = Buffer.alloc(0);
  try {
    for await (const chunk of response) {
      let from = 0;
      const bytes = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer]);
      for (let end = bytes.indexOf(10, from); end !== -1; end = bytes.indexOf(10, from)) {
        yield checked(bytes.toString('utf8', from, end));
        from = end + 1;
      }
      rest = Buffer.from(bytes.subarray(from));
      if (rest.length > MAX_LINE_BYTES) throw new RangeError(`a line of more than ${MAX_LINE_BYTES} bytes`);
    }
  } catch (error) {
    if (signal?.aborted !== true) throw connectionError(error, socketPath);
  } finally {
    response.destroy();
  }
}

/** An error after the first line cannot change the status any more: it is the last line, `{"error": problem}`. */
function checked(line: string): string {
  if (!line.startsWith('{"error":')) return line;
  throw asUserError((JSON.parse(line) as { error: ProblemDetails }).error);
}

function refusal(text: string): UserError {
  try {
    return asUserError(JSON.parse(text) as ProblemDetails);
  } catch (error) {
    return new UserError(
      'bad-answer',
      69,
      `the daemon’s answer is not understood: ${text.slice(0, 200)}`,
      RESTART,
      error,
    );
  }
}

const RESTART = 'restart it: it may be of another version';

const asUserError = (problem: ProblemDetails): UserError =>
  new UserError(problem.code as ErrorCode, problem.exitCode as ExitCode, problem.detail, problem.hint);

function connectionError(error: unknown, socketPath: string): UserError {
  if (error instanceof UserError) return error;
  const errno = (error as NodeJS.ErrnoException).code ?? '';
  if (errno === 'EACCES' || errno === 'EPERM') {
    return new UserError(
      'not-permitted',
      77,
      `the daemon’s socket may not be opened, ${socketPath}`,
      'add yourself to the group: sudo usermod -aG imagetank "$USER", then log in again',
      error,
    );
  }
  if (['ENOENT', 'ECONNREFUSED', 'ENOTDIR', 'ENOTSOCK'].includes(errno)) {
    return new UserError(
      'daemon-not-running',
      69,
      `the daemon is not running, ${socketPath}`,
      'start it: imagetank run (or: sudo systemctl start imagetank)',
      error,
    );
  }
  return new UserError(
    'daemon-gone',
    69,
    `the connection to the daemon broke, ${socketPath}: ${messageOf(error)}`,
    'see whether it runs: imagetank status',
    error,
  );
}
