import { Worker } from 'node:worker_threads';
import { THREAD_ENDED } from '../errno.ts';
import { systemError } from './calls.ts';
import type { AnswerOf, Lane } from './lanes.ts';
import { type Answer, toError } from './messages.ts';
import type { Operations } from './operations.ts';

/** Only paths, numbers and errors live there: bytes are in shared memory. */
const HEAP_MB = 48;
const YOUNG_MB = 2;
/** More at once than backups ever ask for: then something does not wait for its answers. */
const MAX_WAITING = 4096;

interface Waiting {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** One thread at most; started with a call, ended when nothing happened for `idleMs` and nothing is open in it. */
export class ThreadLane implements Lane {
  readonly #workerPath: string;
  readonly #idleMs: number;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | null = null;
  #lastId = 0;
  #kept = 0;
  #idle: NodeJS.Timeout | undefined;

  constructor(workerPath: string, idleMs: number) {
    this.#workerPath = workerPath;
    this.#idleMs = idleMs;
  }

  async call<Name extends keyof Operations>(
    name: Name,
    ...args: Parameters<Operations[Name]>
  ): Promise<AnswerOf<Name>> {
    if (this.#waiting.size >= MAX_WAITING) throw new Error(`${MAX_WAITING} calls wait already`);
    clearTimeout(this.#idle);
    const worker = this.#started();
    this.#lastId += 1;
    const id = this.#lastId;
    const answer = new Promise<unknown>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    worker.ref();
    try {
      worker.postMessage({ id, name, args });
    } catch (error) {
      // It was never asked: no answer will come that ends the waiting.
      this.#waiting.delete(id);
      if (this.#waiting.size === 0) this.#rest();
      throw error;
    }
    return answer as Promise<AnswerOf<Name>>;
  }

  keep(): () => void {
    this.#kept += 1;
    clearTimeout(this.#idle);
    let isKept = true;
    return () => {
      if (isKept) this.#kept -= 1;
      isKept = false;
      if (this.#waiting.size === 0) this.#rest();
    };
  }

  #started(): Worker {
    if (this.#worker !== null) return this.#worker;
    const worker = new Worker(this.#workerPath, {
      // Neither the daemon's options nor its secrets.
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB, maxYoungGenerationSizeMb: YOUNG_MB },
    });
    this.#worker = worker;
    worker.on('message', (answer: Answer) => this.#take(answer));
    worker.on('error', (error) => this.#lose(worker, error.message));
    worker.on('exit', (code) => this.#lose(worker, `exit ${code}`));
    return worker;
  }

  #take(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (this.#waiting.size === 0) this.#rest();
    if ('error' in answer) waiting?.reject(toError(answer.error));
    else waiting?.resolve(answer.value);
  }

  #rest(): void {
    this.#worker?.unref();
    clearTimeout(this.#idle);
    if (this.#kept > 0) return;
    this.#idle = setTimeout(() => void this.#end(), this.#idleMs).unref();
  }

  async #end(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    await worker?.terminate();
  }

  /** Whatever it was asked is answered with an error: nobody waits for a thread that is gone. */
  #lose(worker: Worker, why: string): void {
    if (this.#worker !== worker) return;
    this.#worker = null;
    const lost = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of lost) {
      reject(systemError(THREAD_ENDED, `the thread that reads and writes files ended: ${why}`));
    }
  }
}
