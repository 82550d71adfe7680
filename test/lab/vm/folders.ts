import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive } from '../alive.ts';

export interface Folders {
  make(): string;
  /** Of this run, all of them. */
  clear(): void;
}

/** Folders of machines and scenarios, `PID-…` of the run that owns them: what a killed run left is taken away first. */
export function folders(cacheDir: string): Folders {
  const dir = join(cacheDir, 'running');
  mkdirSync(dir, { recursive: true });
  const clear = (isOver: (pid: number) => boolean): void => {
    for (const entry of readdirSync(dir)) {
      if (isOver(Number.parseInt(entry, 10))) rmSync(join(dir, entry), { recursive: true, force: true });
    }
  };
  clear((pid) => !isAlive(pid));
  return {
    make: () => mkdtempSync(join(dir, `${process.pid}-`)),
    clear: () => clear((pid) => pid === process.pid),
  };
}
