import type { Brake } from './ports.ts';
import type { Verdict } from './verdict.ts';

/** The firmware brakes and lets go in turn when it is hot: told as one. */
const AWAY_MS = 60_000;

/** A processor that is slowed down is a `warning` until it ran freely for a minute; it is never `bad`: it only takes longer. */
export class ThrottlingJudge {
  #lastMs: number | null = null;
  #last: readonly Brake[] = [];

  judge(brakes: readonly Brake[], nowMs: number): Verdict {
    if (brakes.length > 0) {
      this.#lastMs = nowMs;
      this.#last = brakes;
    }
    if (this.#lastMs === null || nowMs - this.#lastMs >= AWAY_MS)
      return { level: 'good', reading: 'full speed' };
    return { level: 'warning', reading: this.#last.join(', ') };
  }
}
