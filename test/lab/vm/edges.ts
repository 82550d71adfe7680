import type { Edge } from '../guest/protocol.ts';
import type { Sampled } from './guest.ts';

export interface Period {
  readonly value: 0 | 1;
  readonly lengthMs: number;
}

/** How long one line stayed at each level, in order; the first and the last are cut off by the sampling itself. */
export function periodsOf({ edges, endMs }: Sampled, line: number): Period[] {
  const own = edges.filter((edge) => edge.line === line);
  return own.map(({ value, atMs }, index) => ({ value, lengthMs: (own[index + 1]?.atMs ?? endMs) - atMs }));
}

/** Periods that were seen from their beginning to their end. */
export const wholePeriods = (sampled: Sampled, line: number): Period[] =>
  periodsOf(sampled, line).slice(1, -1);

/** Level of a line at a moment; null before the first sample. */
export function levelAt(edges: readonly Edge[], line: number, atMs: number): 0 | 1 | null {
  return edges.findLast((edge) => edge.line === line && edge.atMs <= atMs)?.value ?? null;
}

/** Between two blinks of a code the light is dark for 200 ms, between two codes for 1400 ms (contract.md, section 1). */
const PAUSE_MS = 700;

/** How often a line blinks between two pauses. Throws when no whole code was seen. */
export function blinksOfCode(sampled: Sampled, line: number): number {
  const periods = wholePeriods(sampled, line);
  const pauses = periods.flatMap(({ value, lengthMs }, at) =>
    value === 0 && lengthMs > PAUSE_MS ? [at] : [],
  );
  const [from, to] = pauses;
  if (from === undefined || to === undefined) {
    throw new Error(
      `no whole code: ${periods.map(({ value, lengthMs }) => `${value}:${Math.round(lengthMs)}`)}`,
    );
  }
  return periods.slice(from, to).filter(({ value }) => value === 1).length;
}
