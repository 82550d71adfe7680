import { type ChildProcess, fork } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { type ExifAnswer, type ExifRequest, READY } from './messages.ts';

export interface ExifChildOptions {
  readonly workerPath: string;
  /** For one file. Default 5 s. */
  readonly timeoutMs: number;
  /** Heap of JavaScript, and resident memory above what Node takes to start. Default 256. */
  readonly maxMemoryMb: number;
  /** For Node to start: seconds on a Pi Zero. Default 30 s. */
  readonly startMs: number;
}

/** How often the memory of a busy child is looked at: buffers are outside of the heap that Node limits. */
const WATCH_MS = 50;
/** What an idle Node takes, generously. */
const BASE_MEMORY_MB = 96;

/** One child process at most; made when it is first asked, killed when it does not answer, made again for the next. */
export class ExifChild {
  readonly #options: ExifChildOptions;
  #process: ChildProcess | null = null;
  #lastId = 0;

  constructor(options: ExifChildOptions) {
    this.#options = options;
  }

  /** What the child sent back for this file; null when it died, hung, took too much memory or sent nonsense. One call at a time. */
  async ask(path: string): Promise<string | null> {
    const child = await this.#started();
    if (child === null) return null;
    this.#lastId += 1;
    const request: ExifRequest = { id: this.#lastId, path };
    const answered = this.#next(child, this.#options.timeoutMs, (message) => isAnswerTo(request, message));
    const watch = this.#watchMemory(child);
    child.send(request, () => undefined);
    const answer = await answered;
    clearInterval(watch);
    return (answer as ExifAnswer | null)?.raw ?? null;
  }

  /** Ends the child the hard way: it holds nothing that could be lost. */
  kill(): void {
    this.#process?.kill('SIGKILL');
    this.#process = null;
  }

  /** Resolves when the child is gone. */
  async end(): Promise<void> {
    const child = this.#process;
    this.kill();
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    await new Promise((resolve) => {
      child.ref();
      child.once('exit', resolve).once('error', resolve);
    });
  }

  async #started(): Promise<ChildProcess | null> {
    if (this.#process?.connected) return this.#process;
    const { workerPath, maxMemoryMb, startMs } = this.#options;
    const child = fork(workerPath, [], {
      // Neither the daemon's options nor its secrets.
      env: {},
      execArgv: [`--max-old-space-size=${maxMemoryMb}`],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.#process = child;
    // An error of the child's (no such worker, a broken channel) ends in `exit` or in the deadline.
    child.on('error', () => undefined);
    const ready = await this.#next(child, startMs, (message) => message === READY);
    // It must not keep the daemon alive; while it is asked, the timer of the deadline does.
    child.unref();
    child.channel?.unref();
    return ready === null ? null : child;
  }

  /** The next message that fits; null, and the child is killed, when it ends before or the time is up. */
  #next(child: ChildProcess, withinMs: number, fits: (message: unknown) => boolean): Promise<unknown> {
    return new Promise((resolve) => {
      const finish = (message: unknown): void => {
        clearTimeout(timer);
        child.off('message', onMessage).off('exit', onEnd).off('error', onEnd);
        if (message === null) this.#drop(child);
        resolve(message);
      };
      const onMessage = (message: unknown): void => {
        if (fits(message)) finish(message);
      };
      const onEnd = (): void => finish(null);
      const timer = setTimeout(onEnd, withinMs);
      child.on('message', onMessage).once('exit', onEnd).once('error', onEnd);
    });
  }

  #drop(child: ChildProcess): void {
    child.kill('SIGKILL');
    if (this.#process === child) this.#process = null;
  }

  /** Killing is all it does: the waiting request then sees the exit. */
  #watchMemory(child: ChildProcess): NodeJS.Timeout {
    const maxBytes = (this.#options.maxMemoryMb + BASE_MEMORY_MB) * 1024 * 1024;
    return setInterval(() => {
      void residentBytes(child.pid).then((bytes) => {
        if (bytes > maxBytes) child.kill('SIGKILL');
      });
    }, WATCH_MS);
  }
}

function isAnswerTo(request: ExifRequest, message: unknown): message is ExifAnswer {
  if (typeof message !== 'object' || message === null || !('id' in message) || !('raw' in message))
    return false;
  return message.id === request.id && (message.raw === null || typeof message.raw === 'string');
}

/** `VmRSS` of `/proc/PID/status`, in kB whatever the size of a page (proc(5)); 0 where there is none. */
async function residentBytes(pid: number | undefined): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) * 1024;
}
