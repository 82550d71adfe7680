import { readFileSync } from 'node:fs';

/** Whether a process of this machine has this number now; one that only waits to be buried does not count. */
export function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    // proc(5): number, name in parentheses (with anything in it), state.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
  } catch {
    return false;
  }
}
