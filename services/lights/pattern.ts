import type { LedPattern } from '../../machines/signals.ts';

/** A stretch of time in which the LED does not change. */
export interface Segment {
  readonly lit: boolean;
  readonly lengthMs: number;
}

/** `segments` repeat for ever; a single one is a steady light and has no edges. */
export interface Rhythm {
  readonly segments: readonly Segment[];
  readonly periodMs: number;
}

/** Shorter is seen as a steady light, and would keep the processor awake for nothing. */
export const MIN_SEGMENT_MS = 20;
/** Longer is not a pattern that anybody waits for; also far below the limit of timers (2^31 ms). */
export const MAX_SEGMENT_MS = 60_000;
/** More blinks than this are not counted by anybody; the contract's highest code is 9. */
export const MAX_BLINKS = 20;

const CODE_BLINK_MS = 200;
const CODE_PAUSE_MS = 1200;

const DARK = steady(false);
const LIT = steady(true);

/**
 * The rhythm of a pattern of `contract.md` section 1. `pulse` has the edges of `blink`: the LEDs of the supported
 * boards are on or off. Total: what is not one of those words, or beyond the limits above, is dark, because a dark LED
 * promises nothing.
 */
export function rhythmOf(pattern: LedPattern): Rhythm {
  if (pattern === 'on') return LIT;
  const code = /^code (\d{1,3})$/.exec(pattern)?.[1];
  if (code !== undefined) return codeRhythm(Number(code));
  const [, on, off] = /^(?:blink|pulse) (\d{1,6})\/(\d{1,6})$/.exec(pattern) ?? [];
  return on === undefined || off === undefined ? DARK : rhythm([segment(true, on), segment(false, off)]);
}

/** Whether the LED is lit at a moment, and how long until it changes; null when it never does. */
export function levelAt({ segments, periodMs }: Rhythm, sinceStartMs: number): Level {
  const phaseMs = sinceStartMs % periodMs;
  let endMs = 0;
  for (const { lit, lengthMs } of segments) {
    endMs += lengthMs;
    if (phaseMs < endMs) return { lit, untilEdgeMs: segments.length === 1 ? null : endMs - phaseMs };
  }
  return { lit: false, untilEdgeMs: null };
}

export interface Level {
  readonly lit: boolean;
  readonly untilEdgeMs: number | null;
}

function codeRhythm(blinks: number): Rhythm {
  if (blinks < 1 || blinks > MAX_BLINKS) return DARK;
  const blink = [
    { lit: true, lengthMs: CODE_BLINK_MS },
    { lit: false, lengthMs: CODE_BLINK_MS },
  ];
  const all = Array.from({ length: blinks }, () => blink).flat();
  // The pause is one stretch with the last gap: two dark segments in a row would make an edge where nothing changes.
  return rhythm([...all.slice(0, -1), { lit: false, lengthMs: CODE_BLINK_MS + CODE_PAUSE_MS }]);
}

function segment(lit: boolean, digits: string): Segment {
  return { lit, lengthMs: Number(digits) };
}

function rhythm(segments: readonly Segment[]): Rhythm {
  const sane = segments.every(({ lengthMs }) => lengthMs >= MIN_SEGMENT_MS && lengthMs <= MAX_SEGMENT_MS);
  return sane ? { segments, periodMs: segments.reduce((sum, { lengthMs }) => sum + lengthMs, 0) } : DARK;
}

function steady(lit: boolean): Rhythm {
  return { segments: [{ lit, lengthMs: MAX_SEGMENT_MS }], periodMs: MAX_SEGMENT_MS };
}
