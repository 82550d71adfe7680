import { execFile } from 'node:child_process';
import { setPriority } from 'node:os';

/** Half a second here, ten on a Pi Zero, behind everything else. */
const DEADLINE_MS = 60_000;
/** The larger chart is 63 KB. */
const OUTPUT_BYTES = 1024 * 1024;
/** Lights, button and copies come first. */
const NICE = 15;

/**
 * What a program prints that draws: in a process of its own, because Graphviz would hold up the daemon for as long as it
 * takes, and 30 MB for ever. No shell, no input, bounded output. Rejects when it fails or takes too long.
 */
export function printedBy(file: string, args: readonly string[], deadlineMs = DEADLINE_MS): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = {
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8' },
      timeout: deadlineMs,
      // It has nothing to let go of.
      killSignal: 'SIGKILL' as const,
      maxBuffer: OUTPUT_BYTES,
    };
    const child = execFile(file, [...args], options, (error, stdout) => {
      if (error === null) resolve(stdout);
      else reject(error);
    });
    child.stdin?.end();
    try {
      if (child.pid !== undefined) setPriority(child.pid, NICE);
    } catch {
      // It has ended already.
    }
  });
}
