import { spawn } from 'node:child_process';
import { asyncScheduler, Observable, type SchedulerLike } from 'rxjs';

/** udevadm ends at once on SIGTERM. */
const TERM_MS = 2_000;
const REASON_CHARACTERS = 300;

/** Why there is no monitor: `code` is the system's (`ENOENT`: not installed) or null when it ran and ended. */
export class MonitorEnded extends Error {
  override readonly name = 'MonitorEnded';
  readonly code: string | null;

  constructor(reason: string, code: string | null) {
    super(reason);
    this.code = code;
  }
}

/**
 * Text of a program that runs until it is left: SIGTERM, and SIGKILL when that does not help. Never completes; errors
 * with `MonitorEnded` when the program cannot be started or ends by itself.
 */
export function outputOf(
  file: string,
  args: readonly string[],
  scheduler: SchedulerLike = asyncScheduler,
): Observable<string> {
  return new Observable<string>((subscriber) => {
    const child = spawn(file, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8' },
    });
    let isGone = false;
    let reason = '';
    // First of all: without file descriptors there are no streams, and what follows throws.
    child.on('error', (error: NodeJS.ErrnoException) => {
      isGone = child.pid === undefined;
      subscriber.error(new MonitorEnded(error.message, error.code ?? null));
    });
    // Latin-1: no character is split between two pieces, and all that is looked at is ASCII.
    child.stdout.setEncoding('latin1').on('data', (piece: string) => subscriber.next(piece));
    child.stderr.setEncoding('latin1').on('data', (piece: string) => {
      reason = (reason + piece).slice(0, REASON_CHARACTERS);
    });
    child.on('exit', () => {
      isGone = true;
    });
    // Later than `exit`: by now all that it had to say was read.
    child.on('close', (code, signal) => {
      subscriber.error(new MonitorEnded(`${file} ended (${signal ?? code}) ${reason}`.trim(), null));
    });
    return () => {
      if (isGone) return;
      child.stdout.destroy();
      child.stderr.destroy();
      child.kill('SIGTERM');
      const last = scheduler.schedule(() => child.kill('SIGKILL'), TERM_MS);
      child.once('exit', () => last.unsubscribe());
    };
  });
}
