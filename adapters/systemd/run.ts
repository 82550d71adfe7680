import { spawn } from 'node:child_process';

/** More than any message of systemctl; what goes beyond is dropped. */
const OUTPUT_BYTES = 16 * 1024;
/** From asking politely to the end. */
const KILL_AFTER_MS = 2000;
/** What it wrote last is read, after its end too. */
const PIPES_GRACE_MS = 500;

export interface Outcome {
  readonly ok: boolean;
  /** What it printed, both streams, without the last newline; why it could not be run when it printed nothing. */
  readonly text: string;
}

export interface RunOptions {
  readonly deadlineMs: number;
  /** Default: that of this process. */
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs a program to its end: SIGTERM at the deadline, SIGKILL 2 s later. Never throws. */
export type Run = (file: string, args: readonly string[], options: RunOptions) => Promise<Outcome>;

export const run: Run = (file, args, { deadlineMs, env = process.env }) =>
  new Promise((resolve) => {
    const child = spawn(file, [...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    let late = false;
    const timers = [
      setTimeout(() => {
        late = true;
        child.kill('SIGTERM');
      }, deadlineMs),
      setTimeout(() => child.kill('SIGKILL'), deadlineMs + KILL_AFTER_MS),
    ];
    const finish = (ok: boolean, why: string) => {
      for (const timer of timers) clearTimeout(timer);
      resolve({ ok, text: text.trim() === '' ? why : text.trim() });
    };
    // First of all: without file descriptors there are no streams, whatever the types say.
    child.once('error', (error) => finish(false, error.message));
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        text = `${text}${chunk}`.slice(0, OUTPUT_BYTES);
      });
    }
    child.once('exit', () => {
      // A grandchild may hold the pipes open for as long as it likes.
      timers.push(
        setTimeout(() => {
          child.stdout.destroy();
          child.stderr.destroy();
        }, PIPES_GRACE_MS),
      );
    });
    child.once('close', (code, signal) =>
      finish(code === 0, late ? 'took too long' : code === 0 ? '' : `ended with ${code ?? signal}`),
    );
  });
