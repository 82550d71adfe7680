import type { LightLine } from '../../../services/shapes.ts';

/**
 * The box on its way out; with `restart` the program alone, on a box that stays on.
 * - `asked`: it was told, and has not begun
 * - `ending`: it says that it shuts down
 * - `off`: the last it said was that its lights are off
 * - `gone`: it went silent before it said so
 */
export interface Farewell {
  readonly action: 'poweroff' | 'reboot' | 'restart';
  readonly stage: 'asked' | 'ending' | 'off' | 'gone';
}

/** Pure: what follows from what is heard now; `signal` is null while nothing is heard. Null: it stays, or is back. */
export function farewellAfter(before: Farewell | null, signal: LightLine['signal'] | null): Farewell | null {
  // Held button or command line: nobody told the page whether it comes back.
  const { action, stage } = before ?? { action: 'poweroff' as const, stage: null };
  if (signal === 'off') return { action, stage: 'off' };
  if (signal === 'shutting-down') return { action, stage: 'ending' };
  if (stage === null) return null;
  if (signal === null) return { action, stage: stage === 'off' ? 'off' : 'gone' };
  return stage === 'asked' ? before : null;
}

/** Of `leaving.…` in the texts. Nobody is told to unplug a box that only starts its program again. */
export function leavingWords({ action, stage }: Farewell): 'restart' | 'ending' | 'again' | 'off' | 'gone' {
  if (action === 'restart') return 'restart';
  if (stage === 'asked' || stage === 'ending') return 'ending';
  return action === 'reboot' ? 'again' : stage;
}
