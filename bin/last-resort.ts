/** Everything was let go by then: what still keeps the process is a thread that waits in the kernel for a drive. */
const EXIT_MS = 5000;

export interface LastResortParts {
  /** Runs later, unless nothing else keeps the process. */
  readonly later: (run: () => void, delayMs: number) => void;
  readonly kill: () => void;
  readonly warn: (text: string) => void;
}

const REAL: Omit<LastResortParts, 'warn'> = {
  later: (run, delayMs) => void setTimeout(run, delayMs).unref(),
  kill: () => void process.kill(process.pid, 'SIGKILL'),
};

/**
 * Ends the process when it does not end by itself. By a signal: an exit would wait for each thread, too, for as long as
 * the kernel does. What was recorded is durable, what was not stays unrecorded.
 */
export function endAtLast(warn: LastResortParts['warn'], parts: Omit<LastResortParts, 'warn'> = REAL): void {
  parts.later(() => {
    warn('something never answered (a drive, the disk of the journal): ending without it');
    parts.kill();
  }, EXIT_MS);
}
