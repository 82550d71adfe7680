import { readlinkSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import { basename } from 'node:path';

/** Lights, button and commands of the main thread come first where the processor is short. */
const NICE = 5;

/**
 * Makes the calling thread nicer, and it alone: on Linux a thread has a priority of its own (setpriority(2), "Linux/NPTL
 * does not conform"), and `/proc/thread-self` (proc(5)) names it, `1234/task/1240`. Nothing happens where there is none.
 */
export function yieldToMainThread(self = '/proc/thread-self'): void {
  try {
    const thread = Number(basename(readlinkSync(self)));
    setPriority(thread, Math.max(NICE, getPriority(thread)));
  } catch {
    // A courtesy: the work is the same without it.
  }
}
