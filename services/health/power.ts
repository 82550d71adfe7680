import type { HealthLevel } from '../../machines/facts.ts';

/** How long under-voltage must be away before copying may go on. */
const AWAY_MS = 10_000;
/** A supply that breaks down whenever a copy starts would otherwise stop and start it for ever: twice as long each time. */
const MAX_AWAY_MS = 5 * 60_000;
/** How long a dip is told after it is over. */
const TOLD_MS = 10 * 60_000;

export interface PowerVerdict {
  readonly level: HealthLevel;
  readonly reading: string;
}

/**
 * Under-voltage flickers. One sample of it is a `warning`, a second one in a row is `bad`, until it was away for 10 s;
 * then it is a `warning` that it has happened, for 10 minutes or as long as the firmware remembers it.
 */
export class PowerJudge {
  #lows = 0;
  #isBad = false;
  /** Within what is still told. */
  #hadBeenBad = false;
  /** When it was last seen; null when never. */
  #lastLowMs: number | null = null;
  #awayMs = AWAY_MS;

  judge({ low, wasLow }: { readonly low: boolean; readonly wasLow: boolean }, nowMs: number): PowerVerdict {
    this.#lows = low ? this.#lows + 1 : 0;
    const sinceLowMs = this.#lastLowMs === null ? Number.POSITIVE_INFINITY : nowMs - this.#lastLowMs;
    if (low) this.#lastLowMs = nowMs;
    if (this.#lows >= 2) {
      // Bad again although it had been away for long enough: wait longer this time.
      if (!this.#isBad && this.#hadBeenBad) this.#awayMs = Math.min(2 * this.#awayMs, MAX_AWAY_MS);
      this.#isBad = true;
      this.#hadBeenBad = true;
    } else if (!low && sinceLowMs >= this.#awayMs) this.#isBad = false;
    if (this.#isBad) return { level: 'bad', reading: 'under-voltage now' };
    if (low || wasLow || sinceLowMs < TOLD_MS)
      return { level: 'warning', reading: 'under-voltage has happened' };
    this.#hadBeenBad = false;
    this.#awayMs = AWAY_MS;
    return { level: 'good', reading: 'no under-voltage' };
  }
}
