import { Observable } from 'rxjs';
import type { FactOf } from '../machines/facts.ts';
import type { Clock } from './ports.ts';

/** A jump is told within so long; until then the stamps of new facts are right and those before it are not. */
const LOOK_EVERY_MS = 5000;
/** A time service that slews does so by 0.5 ms a second at most (adjtimex(2)): only a step is larger. */
const STEP_MS = 2000;

/**
 * Tells when the wall clock was set: it moved against the monotonic clock by more than 2 s, or it has become trusted.
 * `offsetMs` is what to add to earlier times of this boot. Most Pis have no clock battery and start in the past.
 */
export function clockFacts(clock: Clock): Observable<FactOf<'ClockSet'>> {
  return new Observable((subscriber) => {
    let before = reading(clock);
    let disarm = clock.setTimer(LOOK_EVERY_MS, look);
    function look(): void {
      const now = reading(clock);
      const offsetMs = Math.round(now.aheadMs - before.aheadMs);
      const trusted = now.synced && !before.synced;
      before = now;
      disarm = clock.setTimer(LOOK_EVERY_MS, look);
      if (Math.abs(offsetMs) > STEP_MS || trusted) subscriber.next({ type: 'ClockSet', offsetMs });
    }
    return () => disarm();
  });
}

/** How far the wall clock is ahead of the monotonic one: the same for ever on a clock that nobody sets. */
function reading(clock: Clock): { readonly aheadMs: number; readonly synced: boolean } {
  const { at, monoMs, clock: trust } = clock.stamp();
  return { aheadMs: Date.parse(at) - monoMs, synced: trust === 'synced' };
}
