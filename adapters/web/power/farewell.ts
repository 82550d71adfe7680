import type { LightLine, Status } from '../../../services/shapes.ts';

/**
 * The box on its way out; with `restart` and `stop` the program alone, on a box that may stay on.
 * - `asked`: it was told, and has not begun
 * - `ending`: it says that it shuts down
 * - `off`: the last it said was that its lights are off
 * - `gone`: it went silent before it said so
 */
export interface Farewell {
  readonly action: 'restart' | NonNullable<Status['ending']>;
  readonly stage: 'asked' | 'ending' | 'off' | 'gone';
}

/**
 * Pure: what follows from what is heard now; `signal` is null while nothing is heard, `ending` is what the last status says
 * of it. Null: it stays, or is back.
 */
export function farewellAfter(
  before: Farewell | null,
  signal: LightLine['signal'] | null,
  ending: Status['ending'],
): Farewell | null {
  // Held button, command line or another phone: the light tells first that it leaves, the status a little later how. Until
  // then it is a stop: whoever is told too early that the power goes off pulls the plug.
  const { action, stage } = afterAll(before, ending);
  if (signal === 'off') return { action, stage: 'off' };
  if (signal === 'shutting-down') return { action, stage: 'ending' };
  if (stage === null) return null;
  if (signal === null) return { action, stage: stage === 'off' ? 'off' : 'gone' };
  return stage === 'asked' ? before : null;
}

/** To the box a restart of the program is a stop: who asked for it knows better. */
function afterAll(
  before: Farewell | null,
  ending: Status['ending'],
): { readonly action: Farewell['action']; readonly stage: Farewell['stage'] | null } {
  if (before === null) return { action: ending ?? 'stop', stage: null };
  return before.action === 'restart' ? before : { ...before, action: ending ?? before.action };
}

/** Of `leaving.…` in the texts. Nobody is told to unplug a box that only starts its program again. */
export function leavingWords({
  action,
  stage,
}: Farewell): 'restart' | 'stop' | 'ending' | 'again' | 'off' | 'gone' {
  if (action === 'restart' || action === 'stop') return action;
  if (stage === 'asked' || stage === 'ending') return 'ending';
  return action === 'reboot' ? 'again' : stage;
}
