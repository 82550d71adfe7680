/** Pure arithmetic of what was measured. */

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** The value below which this share of the sorted values lies (nearest rank). Throws a `RangeError` without values. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new RangeError('no values');
  return value;
}

export const median = (values: readonly number[]): number => percentile(values, 0.5);

/** Throws a `RangeError` without values. */
export function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/**
 * Run by run, because a slow minute of the machine slows both: the median of ratios, not the ratio of medians. Null
 * where the other one did not take part in every run.
 */
export function ratios(ours: readonly number[], theirs: readonly (number | null)[]): Spread | null {
  const each = ours.flatMap((value, at) => {
    const other = theirs[at] ?? null;
    return other === null ? [] : [value / other];
  });
  return each.length === 0 || each.length < ours.length ? null : spreadOf(each);
}
