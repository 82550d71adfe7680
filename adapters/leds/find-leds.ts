import type { BoardLeds } from '../../services/board/choice.ts';
import type { LedFiles } from './led-files.ts';
import { readTriggers } from './triggers.ts';

/** As our device tree overlays name them. */
export const OUR_LEDS = { red: 'imagetank:red', amber: 'imagetank:amber', green: 'imagetank:green' } as const;
/** A confirming sound, where the overlay has one. */
export const OUR_BUZZER = 'imagetank:buzzer';

/** The Pi's own LEDs since Linux 5.15 or so, and before; the one that shows card access first. */
const OWN_LEDS = ['ACT', 'led0', 'PWR', 'led1'] as const;
/** What they show on a Pi when nobody has taken them. */
const OWN_TRIGGERS: Readonly<Record<string, string>> = { ACT: 'mmc0', led0: 'mmc0' };
/** Lit steadily: of the one LED that there is that means "safe to erase", which nobody says any more. */
const STEADY = 'default-on';
/** Left behind by a daemon that was killed. */
const SET_BY_US = new Set(['none', 'timer', 'pattern']);

export interface FoundLeds {
  /** Those of `OUR_LEDS` that are there; null when there is no green one: it alone says what counts. */
  readonly ours: BoardLeds | null;
  /** The Pi's own. */
  readonly own: string | null;
  readonly buzzer: boolean;
}

export async function findLeds(files: LedFiles): Promise<FoundLeds> {
  const names = await files.names();
  const there = Object.entries(OUR_LEDS).filter(([, name]) => names.includes(name));
  return {
    ours: names.includes(OUR_LEDS.green) ? (Object.fromEntries(there) as BoardLeds) : null,
    own: OWN_LEDS.find((name) => names.includes(name)) ?? null,
    buzzer: names.includes(OUR_BUZZER),
  };
}

/** Which of these names are no LED of this machine. */
export async function missingLeds(files: LedFiles, leds: BoardLeds): Promise<readonly string[]> {
  const names = await files.names();
  const asked: readonly (string | undefined)[] = Object.values(leds);
  return asked.flatMap((name) => (name === undefined || names.includes(name) ? [] : [name]));
}

/** What an LED is given back to when the daemon lets go of it; null for one that is ours alone. */
export async function triggerBefore(files: LedFiles, led: string): Promise<string | null> {
  const { all, current } = await files.read(led, 'trigger').then(readTriggers, () => readTriggers(''));
  const before = current === null || SET_BY_US.has(current) ? (OWN_TRIGGERS[led] ?? null) : current;
  return before !== null && before !== STEADY && all.includes(before) ? before : null;
}
