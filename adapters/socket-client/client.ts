import { type IncomingMessage, request } from 'node:http';
import { type ExitCode, messageOf, UserError } from '../../services/errors.ts';
import type { ProblemDetails } from '../../services/shapes.ts';

/** One line of an answer: the largest is the result of a check that names every file of a card. */
const MAX_LINE_BYTES = 256 * 1024 * 1024;

export interface DaemonClient {
  get<Answer>(path: string): Promise<Answer>;
  post<Answer>(path: string, body: unknown): Promise<Answer>;
  /**
   * JSON Lines as they arrive, raw. Rejects when the daemon refuses; the iteration throws when the daemon
   * goes away in the middle or reports an error as its last line.
   */
  lines(method: 'GET' | 'POST', path: string, body?: unknown): Promise<AsyncIterable<string>>;
}

/**
 * Asks the daemon over its unix socket. Every error is a `UserError`: 69 when it is not running or goes away,
 * 77 when the socket may not be opened, else what the daemon says. The answers are the daemon's own and are not
 * validated again: loading a validator would double the time of `imagetank status`.
 */
export function createClient(socketPath: string): DaemonClient {
  const send = (method: string, path: string, body?: unknown) => open(socketPath, method, path, body);
  const ask = async <Answer>(method: string, path: string, body?: unknown): Promise<Answer> => {
    const text = await readAll(await send(method, path, body), socketPath);
    return (text === '' ? null : JSON.parse(text)) as Answer;
  };
  return {
    get: (path) => ask('GET', path),
    post: (path, body) => ask('POST', path, body),
    async lines(method, path, body) {
      return splitLines(await send(method, path, body), socketPath);
    },
  };
}

async function open(
  socketPath: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<IncomingMessage> {
  const payload = body === undefined ? undefined : JSON.stringify(body);
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const headers =
      payload === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) };
    // No agent: a kept connection would keep the command from ending.
    const sent = request({ socketPath, method, path: `/api/v1/${path}`, headers, agent: false }, resolve);
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

async function* splitLines(response: IncomingMessage, socketPath: string): AsyncGenerator<string> {
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
    throw connectionError(error, socketPath);
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
  new UserError(problem.code, problem.exitCode as ExitCode, problem.detail, problem.hint);

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
