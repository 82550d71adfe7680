import { NEVER, type Observable } from 'rxjs';
import type { Clock } from '../ports.ts';

/** Work that a verification never runs into the way of. */
export interface Traffic {
  readonly isBusy: () => boolean;
  /** Whenever `isBusy` may have changed. */
  readonly changed$: Observable<unknown>;
}

/** How a verification goes: how fast, who goes first, and how it is stopped. */
export interface VerifyRun {
  readonly clock: Pick<Clock, 'monoMs' | 'setTimer'>;
  /** Bytes read a second at most, over a few seconds; null for as fast as it goes. */
  readonly rateBytesPerSecond: number | null;
  readonly backups: Traffic;
  /** Aborts with a `UserError` that says why. */
  readonly stop: AbortSignal;
}

/** As fast as it goes, whatever else goes on, and without signs of life in the middle of a file. */
export const AT_ONCE: VerifyRun = {
  clock: { monoMs: () => 0, setTimer: () => () => undefined },
  rateBytesPerSecond: null,
  backups: { isBusy: () => false, changed$: NEVER },
  stop: new AbortController().signal,
};
