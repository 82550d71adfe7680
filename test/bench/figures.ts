/** Pure arithmetic of the results, and the table. */

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** One row of the answer. `target` and `ok` stay null until a workload has a target to be held against. */
export interface WorkloadResult {
  readonly id: string;
  readonly title: string;
  readonly files: number;
  readonly bytes: number;
  readonly medianMs: {
    readonly imagetank: number;
    readonly cp: number;
    readonly verifiedRsync: number | null;
  };
  readonly ratioToCp: Spread;
  readonly ratioToVerifiedRsync: Spread | null;
  readonly rssBytes: number;
  readonly idleRssBytes: number;
  readonly loopDelayP99Ms: number;
  readonly ledTimerErrorP99Ms: number | null;
  readonly deviceReadBytes: number | null;
  readonly target: null;
  readonly ok: null;
}

/** The value below which this share of the sorted values lies (nearest rank). Throws a `RangeError` without values. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new RangeError('no values');
  return value;
}

export const median = (values: readonly number[]): number => percentile(values, 0.5);

/** Run by run, because a slow minute of the machine slows both: the median of ratios, not the ratio of medians. */
export function ratios(ours: readonly number[], theirs: readonly number[]): Spread {
  const each = ours.flatMap((value, at) => {
    const other = theirs[at];
    return other === undefined ? [] : [value / other];
  });
  return { median: median(each), min: Math.min(...each), max: Math.max(...each) };
}

export function table(rows: readonly WorkloadResult[]): string {
  const head = [
    '',
    'files',
    'MB',
    'cp s',
    'rsync s',
    'ours s',
    '× cp',
    '× verified rsync',
    'RSS MB',
    'idle MB',
    'loop p99 ms',
    'LED p99 ms',
    'read ×',
  ];
  const body = rows.map((row) => [
    `${row.id} ${row.title}`,
    String(row.files),
    (row.bytes / 1e6).toFixed(0),
    seconds(row.medianMs.cp),
    seconds(row.medianMs.verifiedRsync),
    seconds(row.medianMs.imagetank),
    spread(row.ratioToCp),
    spread(row.ratioToVerifiedRsync),
    (row.rssBytes / 1e6).toFixed(0),
    (row.idleRssBytes / 1e6).toFixed(0),
    row.loopDelayP99Ms.toFixed(1),
    row.ledTimerErrorP99Ms?.toFixed(1) ?? '–',
    row.deviceReadBytes === null ? '–' : (row.deviceReadBytes / row.bytes).toFixed(2),
  ]);
  return aligned([head, ...body]);
}

const seconds = (ms: number | null): string => (ms === null ? '–' : (ms / 1000).toFixed(2));

const spread = (ratio: Spread | null): string =>
  ratio === null ? '–' : `${ratio.median.toFixed(2)} (${ratio.min.toFixed(2)}–${ratio.max.toFixed(2)})`;

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => (row[at] ?? '').length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join('  ');
  return rows.map(line).join('\n');
}
