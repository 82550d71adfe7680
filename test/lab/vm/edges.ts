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
