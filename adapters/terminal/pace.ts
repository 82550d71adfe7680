import { setTimeout as sleep } from 'node:timers/promises';

/** A recording that lay idle for days is not waited for. */
const MAX_WAIT_MS = 10_000;

/**
 * Waits between two moments of a recording, `speed` times as fast as it happened; a new boot starts its clock again.
 * Gives up at once when the signal says so.
 */
export async function pace(
  fromMs: number | null,
  toMs: number,
  speed: number,
  signal: AbortSignal,
): Promise<void> {
  const waitMs = fromMs === null ? 0 : Math.min(MAX_WAIT_MS, (toMs - fromMs) / speed);
  if (waitMs > 0 && !signal.aborted) await sleep(waitMs, undefined, { signal }).catch(() => undefined);
}
