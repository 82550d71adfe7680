import { type ChildProcess, spawn } from 'node:child_process';
import { setPriority } from 'node:os';
import type { BatchCluster, Logger } from 'batch-cluster';

export interface ExiftoolOptions {
  /** Absolute path. */
  readonly program: string;
  /** For one file. Default 5 s. */
  readonly timeoutMs: number;
  /** For perl and its modules to load: seconds on a Pi Zero. Default 30 s. */
  readonly startMs: number;
  /** Of address space; perl takes about 40. Default 256. */
  readonly maxMemoryMb: number;
  /** Where `prlimit`, `setpriv` and perl are looked for. */
  readonly path: string;
  /** A process that has nothing to do for so long is ended, looked at three times in it. Default 30 s. */
  readonly idleMs: number;
}

/** Tags that are asked for take some hundred bytes; a hostile file may have a name of a hundred megabytes in one. */
const MAX_ANSWER_BYTES = 256 * 1024;
/** Files that one process reads, then perl's memory is given back. */
const MAX_FILES = 500;
/** Starts without a single answer: then something is wrong with the installation. */
const MAX_FAILED_STARTS = 3;
/** As in `adapters/node/priority.ts`: lights, button and commands come first. */
const NICE = 5;

/** `-config ''`: a configuration file is a program, and nobody's is to be run here. */
const ARGUMENTS = ['-config', '', '-stay_open', 'True', '-@', '-'];
/** At the end of a line: no text of a file can stand there, because JSON ends it with a quote and escapes line breaks. */
const READY = /\{ready\}\r?\n$/;
const NEVER = /(?!)/;

/** Of a CommonJS module a bundle has the default alone. */
const loaded = async () => (await import('batch-cluster')).default;

const quiet = (): undefined => undefined;
const NO_LOGGER: Logger = { trace: quiet, debug: quiet, info: quiet, warn: quiet, error: quiet };

/** One `exiftool -stay_open` at most, made when it is first asked; killed over a file that it does not get over. */
export class ExiftoolProcess {
  readonly #options: ExiftoolOptions;
  readonly #waiting = new Set<() => void>();
  #cluster: Promise<BatchCluster> | null = null;
  #failedStarts = 0;
  #answerBytes = 0;
  #isBroken = false;

  constructor(options: ExiftoolOptions) {
    this.#options = options;
  }

  /** It did not start several times in a row, and is not asked any more. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** What it answered; null when it died, hung, said too much, or does not start. */
  async ask(question: string): Promise<string | null> {
    if (this.#isBroken) return null;
    const { Task } = await loaded();
    this.#cluster ??= this.#open();
    const cluster = await this.#cluster;
    return new Promise((resolve) => {
      // batch-cluster forgets what waits when it ends, or when no process starts.
      const giveUp = (): void => resolve(null);
      const settle = (answer: string | null): void => {
        this.#waiting.delete(giveUp);
        const isTooMuch = this.#answerBytes > MAX_ANSWER_BYTES;
        this.#answerBytes = 0;
        // Whatever became of the file, there was a process to read it.
        this.#failedStarts = 0;
        resolve(isTooMuch ? null : answer);
      };
      this.#waiting.add(giveUp);
      const task = new Task(question, (stdout) => stdout);
      cluster.enqueueTask(task).then(settle, () => settle(null));
    });
  }

  /** Answers what waits with null; resolves when the process is killed. Safe before the first question, and twice. */
  async end(): Promise<void> {
    this.#isBroken = true;
    for (const giveUp of this.#waiting) giveUp();
    const cluster = await this.#cluster?.catch(() => null);
    await cluster?.end(false);
  }

  async #open(): Promise<BatchCluster> {
    const { BatchCluster } = await loaded();
    const { timeoutMs, startMs, idleMs } = this.#options;
    return new BatchCluster({
      processFactory: () => this.#spawn(),
      versionCommand: '-ver\n-execute\n',
      exitCommand: '-stay_open\nFalse\n',
      pass: READY,
      fail: NEVER,
      maxProcs: 1,
      taskTimeoutMillis: timeoutMs,
      spawnTimeoutMillis: startMs,
      maxTasksPerProcess: MAX_FILES,
      maxProcAgeMillis: 0,
      maxIdleMsPerProcess: idleMs,
      onIdleIntervalMillis: Math.ceil(idleMs / 3),
      minDelayBetweenSpawnMillis: 0,
      // Nothing comes by standard error, so that there is nothing to wait for.
      streamFlushMillis: 0,
      // The kernel does it, even when the daemon is killed.
      cleanupChildProcsOnExit: false,
      logger: () => NO_LOGGER,
    });
  }

  #spawn(): ChildProcess {
    this.#failedStarts += 1;
    if (this.#failedStarts > MAX_FAILED_STARTS) {
      // In a while: whoever called is in the midst of starting a process.
      setImmediate(() => void this.end());
      throw new Error('exiftool does not start');
    }
    const { program, maxMemoryMb, path } = this.#options;
    const limits = [`--as=${maxMemoryMb * 1024 * 1024}`, '--core=0', '--'];
    // With setpriv the kernel ends it when the daemon dies: it would wait for its next question for ever.
    const command = [...limits, 'setpriv', '--pdeathsig', 'KILL', '--', program, ...ARGUMENTS];
    const child = spawn('prlimit', command, {
      // Neither the daemon's secrets nor its zone, which never changes a day, nor anybody's home.
      env: { PATH: path, LC_ALL: 'C.UTF-8', TZ: 'UTC' },
      cwd: '/',
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    // batch-cluster listens too late for a program that is not there.
    child.on('error', () => undefined);
    this.#answerBytes = 0;
    child.stdout.on('data', (bytes: Uint8Array) => {
      this.#answerBytes += bytes.length;
      // By batch-cluster, which asks it of no other file then.
      if (this.#answerBytes > MAX_ANSWER_BYTES)
        void this.#cluster?.then((all) => all.closeChildProcesses(false));
    });
    yieldToOthers(child.pid);
    return child;
  }
}

function yieldToOthers(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, NICE);
  } catch {
    // A courtesy, which the service's sandbox does not allow.
  }
}
