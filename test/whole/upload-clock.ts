import type { Clock } from '../../services/ports.ts';
import { quickClock } from './machine.ts';

/** Thirty seconds without a change are one, and a client still comes in between. */
const FACTOR = 30;
/** Deadlines are no waits: the machine under the test is as slow as ever. */
const DEADLINE_MS = 10_000;
const REAL_DEADLINE_MS = 2000;

/** A clock for uploads: waits are quick, deadlines are not. */
export function uploadClock(bootId?: string, factor = FACTOR): Clock {
  const clock = quickClock(factor);
  return {
    monoMs: () => clock.monoMs(),
    stamp: () => ({ ...clock.stamp(), ...(bootId === undefined ? {} : { bootId }) }),
    setTimer: (delayMs, run) => {
      const least = delayMs < DEADLINE_MS ? 0 : REAL_DEADLINE_MS * factor;
      return clock.setTimer(Math.max(delayMs, least), run);
    },
  };
}

export const waitOn = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => clock.setTimer(ms, resolve));
