import { type LedSignal, type Light, oneLed, threeLeds } from '../../machines/signals.ts';

export interface LitLed {
  readonly color: 'red' | 'amber' | 'green';
  /** The pattern; `code N` for an error, because one text stands for all codes. */
  readonly words: string;
}

/** The LEDs that are not off, from red to green, for tables and diagrams. */
export function litLeds({ signal, activity }: Pick<Light, 'signal' | 'activity'>): readonly LitLed[] {
  const leds = threeLeds({ signal, activity, code: null });
  return (['red', 'amber', 'green'] as const)
    .filter((color) => leds[color] !== 'off')
    .map((color) => ({ color, words: color === 'red' && signal === 'error' ? 'code N' : leds[color] }));
}

/** The only LED of a one-LED board, likewise. */
export function oneLedWords(signal: LedSignal): string {
  return signal === 'error' ? 'code N' : oneLed({ signal, activity: null, code: null });
}
