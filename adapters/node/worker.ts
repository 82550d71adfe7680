import { type ChildProcess, fork } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import {
  LIFELINE,
  type OpenWorker,
  READY,
  type Worker,
  type WorkerOptions,
} from '../../services/worker-ports.ts';

/** How often the memory of a busy child is looked at: buffers are outside of the heap that Node limits. */
const WATCH_MS = 50;
/** What an idle Node takes, generously. */
const BASE_MEMORY_MB = 96;

/** Beside the standard ones and the channel. */
const LIFELINE_FD = 4;

export const openNodeWorker: OpenWorker = (options) => new NodeWorker(options);

/** A child of `fork`, with neither the daemon's options nor its secrets. */
class NodeWorker implements Worker {
  readonly #options: WorkerOptions;
  #process: ChildProcess | null = null;
  /** Also those that were killed and are not gone yet. */
  readonly #alive = new Set<ChildProcess>();
  #idle: NodeJS.Timeout | undefined;

  constructor(options: WorkerOptions) {
    this.#options = options;
  }

  async ask(...[request, take]: Parameters<Worker['ask']>): ReturnType<Worker['ask']> {
    clearTimeout(this.#idle);
    const child = await this.#started();
    if (child === null) return 'not-started';
    try {
      return await this.#askChild(child, request, take);
    } finally {
      this.#idle = setTimeout(() => this.kill(), this.#options.idleMs).unref();
    }
  }

  #askChild(child: ChildProcess, ...[request, take]: Parameters<Worker['ask']>) {
    const watch = this.#watchMemory(child);
    return new Promise<'answered' | 'failed'>((resolve) => {
      const finish = (outcome: 'answered' | 'failed'): void => {
        clearTimeout(timer);
        clearInterval(watch);
        child.off('message', onMessage).off('exit', fail).off('error', fail);
        if (outcome === 'failed') this.#drop(child);
        resolve(outcome);
      };
      const fail = (): void => finish('failed');
      // One listener for all: answers may come faster than anybody can ask for the next.
      const onMessage = (message: unknown): void => {
        const what = take(message);
        if (what === 'last') finish('answered');
        else if (what === 'more') timer.refresh();
      };
      const timer = setTimeout(fail, this.#options.timeoutMs);
      child.on('message', onMessage).once('exit', fail).once('error', fail);
      child.send(request, () => undefined);
    });
  }

  kill(): void {
    clearTimeout(this.#idle);
    this.#process?.kill('SIGKILL');
    this.#process = null;
  }

  async end(): Promise<void> {
    this.kill();
    await Promise.all([...this.#alive].map(closed));
  }

  async #started(): Promise<ChildProcess | null> {
    if (this.#process?.connected) return this.#process;
    const { workerPath, maxMemoryMb, startMs } = this.#options;
    const child = fork(workerPath, [], {
      env: { [LIFELINE]: `${LIFELINE_FD}` },
      execArgv: [`--max-old-space-size=${maxMemoryMb}`],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc', 'pipe'],
    });
    this.#alive.add(child);
    child.once('close', () => this.#alive.delete(child));
    this.#process = child;
    // An error of the child's (no such worker, a broken channel) ends in `exit` or in the deadline.
    child.on('error', () => undefined);
    const ready = await this.#isReady(child, startMs);
    // It must not keep the daemon alive; while it is asked, the timer of the deadline does.
    child.unref();
    child.channel?.unref();
    (child.stdio[LIFELINE_FD] as Socket).unref();
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

/** When it and all that hold its lifeline are gone: `close` waits for every pipe to a child (Node, child_process). */
function closed(child: ChildProcess): Promise<unknown> {
  child.ref();
  return new Promise((resolve) => child.once('close', resolve));
}

/** `VmRSS` of `/proc/PID/status`, in kB whatever the size of a page (proc(5)); 0 where there is none. */
async function residentBytes(pid: number | undefined): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) * 1024;
}
