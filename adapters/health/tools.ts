import { type ChildProcess, execFile } from 'node:child_process';

/** A disk behind a slow bridge answers in a second or two; one that hangs is left behind. */
const DEADLINE_MS = 20_000;
/** From SIGTERM to SIGKILL. */
const GRACE_MS = 2000;
const MAX_OUTPUT_BYTES = 1024 * 1024;

/** Standard output of a program whatever its exit status says; null when it is missing, too slow or says too much. */
export type RunTool = (file: string, args: readonly string[]) => Promise<string | null>;

/** Programs that are asked something, and ended with whoever asked. */
export class Tools {
  readonly #deadlineMs: number;
  readonly #graceMs: number;
  /** With what lets go of each that does not even die. */
  readonly #running = new Map<ChildProcess, () => void>();
  #stopped = false;

  constructor(deadlineMs = DEADLINE_MS, graceMs = GRACE_MS) {
    this.#deadlineMs = deadlineMs;
    this.#graceMs = graceMs;
  }

  readonly run: RunTool = (file, args) => {
    if (this.#stopped) return Promise.resolve(null);
    return new Promise((resolve) => {
      const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8' };
      const options = { maxBuffer: MAX_OUTPUT_BYTES, env } as const;
      const deadline = setTimeout(() => this.#end(child), this.#deadlineMs);
      const child = execFile(file, [...args], options, (error, stdout) => {
        clearTimeout(deadline);
        this.#running.delete(child);
        // smartctl puts what it found into the bits of its exit status: that is an answer too.
        const answered = error === null || typeof error.code === 'number';
        resolve(answered ? stdout : null);
      });
      // It must not keep the daemon alive.
      child.unref();
      this.#running.set(child, () => resolve(null));
    });
  };

  /** Resolves when all have been told to end; one that hangs in the kernel cannot hold up the daemon. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const child of this.#running.keys()) this.#end(child);
  }

  #end(child: ChildProcess): void {
    child.kill('SIGTERM');
    const kill = () => {
      child.kill('SIGKILL');
      // In disk wait it stays all the same, and its children may hold the pipe: nobody waits for either.
      child.stdout?.destroy();
      child.stderr?.destroy();
      this.#running.get(child)?.();
    };
    setTimeout(kill, this.#graceMs).unref();
  }
}
