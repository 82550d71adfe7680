import type { Brake, Reading } from '../../services/health/ports.ts';

/** Bits of the firmware's word (Raspberry Pi documentation, `vcgencmd get_throttled`); 16 higher: has happened. */
const UNDER_VOLTAGE = 1 << 0;
const BRAKES: readonly (readonly [number, Brake])[] = [
  [1 << 1, 'frequency capped'],
  [1 << 2, 'throttled'],
  [1 << 3, 'soft temperature limit'],
];

/** `50005` (sysfs) or `throttled=0x50005` (vcgencmd); null when it is something else. */
export function parseThrottled(text: string): number | null {
  const match = /^(?:throttled=)?(?:0x)?([0-9a-f]{1,8})$/i.exec(text.trim());
  return match === null ? null : Number.parseInt(match[1] ?? '', 16);
}

type ReadingOf<Check> = Extract<Reading, { readonly check: Check }>;

export const throttlingOf = (word: number): ReadingOf<'throttling'> => ({
  check: 'throttling',
  brakes: BRAKES.filter(([bit]) => (word & bit) !== 0).map(([, brake]) => brake),
});

export const powerOf = (word: number): ReadingOf<'power'> => ({
  check: 'power',
  low: (word & UNDER_VOLTAGE) !== 0,
  wasLow: (word & (UNDER_VOLTAGE << 16)) !== 0,
});
