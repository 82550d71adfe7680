import { accessSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { count, type Handler, text } from './protocol.ts';

const POLL_MS = 20;

export const files: Readonly<Record<string, Handler>> = {
  read: (message) => readFileSync(text(message, 'path')).toString('base64'),
  write: (message) =>
    writeFileSync(text(message, 'path'), Buffer.from(text(message, 'base64'), 'base64'), {
      mode: count(message, 'mode', 0o644),
    }),
  exists: (message) => exists(text(message, 'path')),
  /** True as soon as the path is there (or gone), false when time is up. */
  awaitPath: async (message) => {
    const wanted = message['there'] !== false;
    const endMs = performance.now() + count(message, 'timeoutMs', 30_000);
    while (exists(text(message, 'path')) !== wanted) {
      if (performance.now() > endMs) return false;
      await sleep(POLL_MS);
    }
    return true;
  },
};

function exists(path: string): boolean {
  try {
    accessSync(path);
    return true;
  } catch {
    return false;
  }
}
