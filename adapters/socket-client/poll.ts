import { setTimeout as sleep } from 'node:timers/promises';
import { isUserError } from '../../services/errors.ts';
import type { DaemonClient } from './client.ts';

/** Asks again and again until the signal says stop; an answer that fails because the daemon ends is the end. */
export async function* poll<Answer>(
  client: DaemonClient,
  path: string,
  everyMs: number,
  signal: AbortSignal,
): AsyncGenerator<Answer> {
  while (!signal.aborted) {
    try {
      yield await client.get<Answer>(path);
      await sleep(everyMs, undefined, { signal });
    } catch (error) {
      if (isUserError(error) ? error.exitCode === 69 : signal.aborted) return;
      throw error;
    }
  }
}
