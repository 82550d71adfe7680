import { connect, type Socket } from 'node:net';
import type { MountAnswer } from '../../services/devices/ports.ts';
import type { Clock } from '../../services/ports.ts';
import { failed, parseAnswer } from './answer.ts';

/** A path of 4,096 bytes (PATH_MAX) is the longest answer. */
const MAX_ANSWER_BYTES = 8192;

/** Nobody listens, or not to us: no helper is installed, or this is not the service's user. */
const NO_HELPER: ReadonlySet<string> = new Set([
  'ENOENT',
  'ECONNREFUSED',
  'EACCES',
  'EPERM',
  'ENOTDIR',
  'ENOTSOCK',
]);

export interface Question {
  readonly socketPath: string;
  /** One line without its newline. */
  readonly line: string;
  readonly deadlineMs: number;
  readonly clock: Pick<Clock, 'setTimer'>;
}

/** One request over a connection of its own. Never throws, never outlasts the deadline. */
export function ask({ socketPath, line, deadlineMs, clock }: Question): Promise<MountAnswer> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    const disarm = clock.setTimer(deadlineMs, () =>
      settle(failed(`the mount helper did not answer in ${deadlineMs / 1000} s`)),
    );
    const settle = (answer: MountAnswer): void => {
      disarm();
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => socket.write(`${line}\n`));
    listen(socket, settle);
  });
}

/** The first line settles it; the helper may close the connection whenever it likes after it. */
function listen(socket: Socket, settle: (answer: MountAnswer) => void): void {
  let bytes = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
    const end = bytes.indexOf(10);
    if (end !== -1) settle(parseAnswer(bytes.toString('utf8', 0, end)));
    else if (bytes.length > MAX_ANSWER_BYTES) settle(failed('the mount helper’s answer is too long'));
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    const { code = '', message } = error;
    if (NO_HELPER.has(code)) settle({ ok: false, trouble: 'unavailable', detail: message });
    else settle(failed(`the mount helper: ${message}`));
  });
  socket.on('close', () => settle(failed('the mount helper ended without an answer')));
}
