import type { HealthLevel } from '../../machines/facts.ts';

/** Where a measured value turns, and how far back it has to come before it counts as better. */
export interface Limits {
  readonly warning: number;
  readonly bad: number;
  /** Without it a value on the limit would make a fact with each sample. */
  readonly back: number;
}

const LEVELS = ['good', 'warning', 'bad'] as const satisfies readonly HealthLevel[];

/** Level of a value that is better the lower it is, given the level until now. */
export function grade(value: number, before: HealthLevel, { warning, bad, back }: Limits): HealthLevel {
  const rank = LEVELS.indexOf(before);
  if (value >= bad - (rank >= 2 ? back : 0)) return 'bad';
  return value >= warning - (rank >= 1 ? back : 0) ? 'warning' : 'good';
}

/**
 * Degrees Celsius. From 80 °C the firmware slows the processor down, at 85 °C it does so as far as it can (Raspberry Pi
 * documentation, "Frequency management and thermal control").
 */
export const TEMPERATURE: Limits = { warning: 80, bad: 85, back: 5 };

/** Resident bytes: a daemon at work takes about 120 MB; a Pi Zero 2 W has 512 MB in all. */
export const MEMORY: Limits = { warning: 256 * 2 ** 20, bad: 384 * 2 ** 20, back: 32 * 2 ** 20 };

/** Free bytes: the journal of a card with 10,000 photos is about 10 MB. Fewer are worse, so the sign is turned. */
export const STATE_DISK: Limits = { warning: -500e6, bad: -100e6, back: 20e6 };
