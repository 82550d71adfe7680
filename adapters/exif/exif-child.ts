import { type ChildProcess, fork } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { type ExifAnswer, type ExifRequest, isRawTags, MAX_PATHS, type RawTags, READY } from './messages.ts';

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

  /**
   * What the child sent back for each file; null for one over which it died, hung, took too much memory or sent
   * nonsense: the others are then asked of a new child. One call at a time.
   */
  async askAll(paths: readonly string[]): Promise<readonly (RawTags | null)[]> {
    const raws: (RawTags | null)[] = [];
    let each = paths.length === 1;
    while (raws.length < paths.length) {
      const child = await this.#started();
      if (child === null) return paths.map((_, at) => raws[at] ?? null);
      const rest = paths.slice(raws.length, raws.length + MAX_PATHS);
      const answered = await this.#askChild(child, rest, each);
      raws.push(...answered);
      if (answered.length === rest.length) continue;
      // Of files that are answered together nobody knows which one it was.
      if (each) raws.push(null);
      each = true;
    }
    return raws;
  }

  /** The answers up to the file for which none came in time; the child is killed then. */
  #askChild(
    child: ChildProcess,
    paths: readonly string[],
    each: boolean,
  ): Promise<readonly (RawTags | null)[]> {
    this.#lastId += 1;
    const request: ExifRequest = { id: this.#lastId, paths, each };
    const watch = this.#watchMemory(child);
    return new Promise((resolve) => {
      const raws: (RawTags | null)[] = [];
      const finish = (): void => {
        clearTimeout(timer);
        clearInterval(watch);
        child.off('message', onMessage).off('exit', finish).off('error', finish);
        if (raws.length < paths.length) this.#drop(child);
        resolve(raws);
      };
      // One listener for all: answers may come faster than anybody can ask for the next.
      const onMessage = (message: unknown): void => {
        if (!isAnswerTo(request, raws.length, message)) return;
        raws.push(...message.raws);
        if (raws.length === paths.length) finish();
        else timer.refresh();
      };
      const timer = setTimeout(finish, this.#options.timeoutMs);
      child.on('message', onMessage).once('exit', finish).once('error', finish);
      child.send(request, () => undefined);
    });
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
    const ready = await this.#isReady(child, startMs);
    // It must not keep the daemon alive; while it is asked, the timer of the deadline does.
    child.unref();
    child.channel?.unref();
    return ready ? child : null;
  }

  /** False, and the child is killed, when it ends before it is ready or the time is up. */
  #isReady(child: ChildProcess, withinMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const finish = (ready: boolean): void => {
        clearTimeout(timer);
        child.off('message', onMessage).off('exit', onEnd).off('error', onEnd);
        if (!ready) this.#drop(child);
        resolve(ready);
      };
      const onMessage = (message: unknown): void => {
        if (message === READY) finish(true);
      };
      const onEnd = (): void => finish(false);
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

function isAnswerTo({ id, paths }: ExifRequest, at: number, message: unknown): message is ExifAnswer {
  if (typeof message !== 'object' || message === null) return false;
  if (!('id' in message && 'at' in message && 'raws' in message)) return false;
  const { raws } = message;
  if (message.id !== id || message.at !== at || !Array.isArray(raws)) return false;
  const isRaw = (raw: unknown) => raw === null || isRawTags(raw);
  return raws.length > 0 && raws.length <= paths.length - at && raws.every(isRaw);
}

/** `VmRSS` of `/proc/PID/status`, in kB whatever the size of a page (proc(5)); 0 where there is none. */
async function residentBytes(pid: number | undefined): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) * 1024;
}
