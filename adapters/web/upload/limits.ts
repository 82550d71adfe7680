import type { Why } from './queue.ts';

/** Answer of `GET /uploads/limits`. */
export interface Limits {
  /** Of one file. */
  readonly maxBytes: number;
  readonly freeBytes: number;
  /** Unfinished ones at a time, of all phones; and how many there are. */
  readonly maxFiles: number;
  readonly open: number;
}

/** Null: the box would take it. Asked before a byte is sent. */
export function whyNot({ sizeBytes }: { readonly sizeBytes: number }, { maxBytes }: Limits): Why | null {
  return sizeBytes > maxBytes ? { code: 'upload-too-large', detail: '' } : null;
}

/** Rate of the last seconds, for the time that is left. */
export interface Pace {
  readonly atMs: number;
  readonly bytes: number;
  readonly bytesPerSecond: number | null;
}

export const NO_PACE: Pace = { atMs: 0, bytes: 0, bytesPerSecond: null };
/** Between two looks. */
const LOOK_MS = 1_000;
/** After a pause the old rate means nothing. */
const STALE_MS = 10_000;
const SMOOTHING = 0.3;

export function paceAfter(pace: Pace, atMs: number, bytes: number): Pace {
  const elapsedMs = atMs - pace.atMs;
  if (pace.atMs === 0 || elapsedMs > STALE_MS || bytes < pace.bytes)
    return { atMs, bytes, bytesPerSecond: null };
  if (elapsedMs < LOOK_MS) return pace;
  const now = ((bytes - pace.bytes) * 1000) / elapsedMs;
  const before = pace.bytesPerSecond ?? now;
  return { atMs, bytes, bytesPerSecond: before + SMOOTHING * (now - before) };
}

/** Null: nobody can tell. */
export function secondsLeft(leftBytes: number, { bytesPerSecond }: Pace): number | null {
  return bytesPerSecond === null || bytesPerSecond < 1 ? null : leftBytes / bytesPerSecond;
}
