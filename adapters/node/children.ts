import { type ChildProcess, execFile, spawn } from 'node:child_process';
import type { ChildEars, RunTool, StartChild } from '../../services/board/ports.ts';

/** The system's tools, and never what somebody's PATH puts before them. */
const PATH = '/usr/sbin:/usr/bin:/sbin:/bin';
/** A tool that answers a question does it in milliseconds; a hung one is left behind. */
const TOOL_DEADLINE_MS = 5000;
/** 54 lines of a Pi's chip are 3 KB. */
const TOOL_OUTPUT_BYTES = 256 * 1024;
/** Of what a program says when it fails only the last line is told. */
const COMPLAINT_BYTES = 2048;

export interface Children {
  readonly start: StartChild;
  readonly run: RunTool;
}

/** Child processes for the board: no shell, no input, bounded output. `path` is for tests. */
export function children(path = PATH): Children {
  const env = { PATH: path, LC_ALL: 'C.UTF-8' };
  return {
    start([file, ...args], ears) {
      // With setpriv the kernel ends it when the daemon dies: a line that is held goes on shining, green too.
      const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', file, ...args], {
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
        // A process group of its own: killed as a whole, and not reached by Ctrl-C.
        detached: true,
      });
      listen(child, file, ears);
      return {
        kill: () => {
          // Once it is gone its number may be somebody else's.
          if (child.exitCode === null && child.signalCode === null) killGroup(child);
        },
      };
    },
    run: ([file, ...args]) =>
      new Promise((resolve) => {
        const options = {
          env,
          timeout: TOOL_DEADLINE_MS,
          killSignal: 'SIGKILL' as const,
          maxBuffer: TOOL_OUTPUT_BYTES,
        };
        execFile(file, args, options, (error, stdout) => resolve(error === null ? stdout : null));
      }),
  };
}

function listen(child: ChildProcess, file: string, ears: ChildEars): void {
  let complaint = '';
  let ended = false;
  const end = (why: string) => {
    if (ended) return;
    ended = true;
    ears.exit(why);
  };
  child.stdout?.on('data', (bytes: Uint8Array) => ears.output(bytes));
  child.stderr?.on('data', (bytes: Uint8Array) => {
    complaint = (complaint + Buffer.from(bytes).toString('utf8')).slice(-COMPLAINT_BYTES);
  });
  child.once('error', (error) => end(error.message));
  // What it started would go on holding a line, and the pipes that `close` waits for.
  child.once('exit', () => killGroup(child));
  child.once('close', (code, signal) => {
    const last = complaint.trimEnd().split('\n').at(-1);
    end(last || `${file} ended with ${signal ?? code ?? 'nothing'}`);
  });
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Nothing is left of it.
  }
}
