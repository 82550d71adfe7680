import type { LedPattern } from '../../../machines/signals.ts';
import { levelAt, type Rhythm, rhythmOf } from '../../../services/lights/pattern.ts';

/** Total: what is no word of the contract is dark, because a dark LED promises nothing. */
export const rhythmIn = (value: string): Rhythm => rhythmOf(value as LedPattern);

/** Whether a LED is lit `sinceMs` after its pattern began. */
export const ledAt = (value: string, sinceMs: number): boolean => levelAt(rhythmIn(value), sinceMs).lit;

/** How many times it blinks; null for everything but a code. */
export function blinksIn(value: string): number | null {
  const blinks = /^code (\d)$/.exec(value)?.[1];
  return blinks === undefined ? null : Number(blinks);
}

export type LedManner = 'off' | 'on' | 'slow' | 'blink' | 'fast' | 'code';

const FAST_MS = 300;
const SLOW_MS = 1500;

/** How somebody would say what the LED does. */
export function mannerOf(value: string): LedManner {
  if (blinksIn(value) !== null) return 'code';
  const { segments, periodMs } = rhythmIn(value);
  if (segments.length === 1) return segments[0]?.lit === true ? 'on' : 'off';
  if (periodMs >= SLOW_MS) return 'slow';
  return periodMs <= FAST_MS ? 'fast' : 'blink';
}
