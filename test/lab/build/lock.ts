import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { start } from '../process.ts';

/**
 * Runs `work` while no other process of this machine does. The lock is the kernel's (`flock(1)`): a holder that dies
 * in whatever way lets go of it.
 */
export async function alone<T>(file: string, waiting: () => void, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(file), { recursive: true });
  const holder = start('flock', ['-x', file, 'sh', '-c', 'echo held; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => {
    holder.once('close', () => resolve());
  });
  const soon = setTimeout(waiting, 1_000);
  try {
    await new Promise<void>((resolve, reject) => {
      holder.stdout?.once('data', () => resolve());
      holder.once('error', reject).once('exit', (code) => reject(new Error(`flock ended with ${code}`)));
    });
    clearTimeout(soon);
    return await work();
  } finally {
    clearTimeout(soon);
    holder.stdin?.end();
    await ended;
  }
}
