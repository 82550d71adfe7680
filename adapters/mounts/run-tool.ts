import { execFile } from 'node:child_process';

/** A healthy lsblk answers in 20 ms; one that waits for a dying disk is left behind. */
const TOOL_DEADLINE_MS = 5_000;
/** 40 disks with 10 partitions each are about 150 KB. */
const TOOL_OUTPUT_BYTES = 4 * 1024 * 1024;
/** Programs that SIGKILL has not ended yet: in disk wait they end when the kernel gives the disk up. */
const MOST_LEFT_BEHIND = 4;

/** Standard output of a program, or null when it is missing, fails, is too slow or says too much. Never throws. */
export type RunTool = (file: string, args: readonly string[]) => Promise<string | null>;

export const runTool: RunTool = createRunTool();

/** Each has its own count of programs that were left behind. */
export function createRunTool(deadlineMs = TOOL_DEADLINE_MS, mostLeftBehind = MOST_LEFT_BEHIND): RunTool {
  let leftBehind = 0;
  return (file, args) =>
    new Promise((resolve) => {
      if (leftBehind >= mostLeftBehind) return resolve(null);
      let isLate = false;
      const options = {
        maxBuffer: TOOL_OUTPUT_BYTES,
        // It only reads: nothing is lost by killing it at once.
        killSignal: 'SIGKILL' as const,
        env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8' },
      };
      const child = execFile(file, args, options, (error, stdout) => {
        clearTimeout(deadline);
        if (isLate) leftBehind -= 1;
        resolve(error === null ? stdout : null);
      });
      // Not execFile's own: that one answers when the process has ended, which in disk wait it does not.
      const deadline = setTimeout(() => {
        isLate = true;
        leftBehind += 1;
        child.kill('SIGKILL');
        resolve(null);
      }, deadlineMs);
    });
}
