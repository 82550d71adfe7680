import { execFile } from 'node:child_process';

/** A healthy lsblk answers in 20 ms; one that waits for a dying disk is left behind. */
export const TOOL_DEADLINE_MS = 5_000;
/** 40 disks with 10 partitions each are about 150 KB. */
export const TOOL_OUTPUT_BYTES = 4 * 1024 * 1024;

/** Standard output of a program, or null when it is missing, fails, is too slow or says too much. Never throws. */
export type RunTool = (file: string, args: readonly string[]) => Promise<string | null>;

export const runTool: RunTool = (file, args) =>
  new Promise((resolve) => {
    const options = {
      timeout: TOOL_DEADLINE_MS,
      // It only reads: nothing is lost by killing it at once, and a process in disk wait ignores anything milder.
      killSignal: 'SIGKILL' as const,
      maxBuffer: TOOL_OUTPUT_BYTES,
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8' },
    };
    execFile(file, args, options, (error, stdout) => resolve(error === null ? stdout : null));
  });
