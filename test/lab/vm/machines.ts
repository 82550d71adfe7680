import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive } from '../alive.ts';

/** Folders of running machines, `PID-…` of the run that owns them: what a run that was killed left is taken away. */
export function machineFolders(cacheDir: string): { make(): string } {
  const dir = join(cacheDir, 'machines');
  mkdirSync(dir, { recursive: true });
  for (const entry of readdirSync(dir)) {
    if (!isAlive(Number.parseInt(entry, 10))) rmSync(join(dir, entry), { recursive: true, force: true });
  }
  return { make: () => mkdtempSync(join(dir, `${process.pid}-`)) };
}
