import type { Spread } from './figures.ts';
import type { WorkloadResult } from './result.ts';
import { type Limit, rounded } from './targets.ts';

const HEAD = [
  '',
  'files',
  'MB',
  'cp s',
  'rsync s',
  'verified s',
  'ours s',
  '× cp',
  '× verified rsync',
  '× from medium',
  'CPU s cp/ours',
  'RSS MB',
  'children MB',
  'loop p99 ms',
  'LED p99 ms',
  'read ×',
  'targets',
];

/** A line for each workload: medians, ratios with their least and most, and whether all targets hold. */
export function table(rows: readonly WorkloadResult[]): string {
  const body = rows.map((row) => [
    `${row.id} ${row.title}`,
    String(row.files),
    (row.bytes / 1e6).toFixed(0),
    seconds(row.medianMs.cp),
    seconds(row.medianMs.rsync),
    seconds(row.medianMs.verifiedRsync),
    seconds(row.medianMs.imagetank),
    spread(row.ratioToCp),
    spread(row.ratioToVerifiedRsync),
    spread(row.ratioToMediumRsync),
    `${row.cpuSeconds.cp.toFixed(1)}/${row.cpuSeconds.imagetank.toFixed(1)}`,
    (row.rssBytes / 1e6).toFixed(0),
    (row.childrenRssBytes / 1e6).toFixed(0),
    row.loopDelayP99Ms.toFixed(1),
    row.ledTimerErrorP99Ms?.toFixed(1) ?? '–',
    (row.fetchedBytes / row.bytes).toFixed(2),
    row.ok ? 'yes' : 'no',
  ]);
  return aligned([HEAD, ...body]);
}

/** Every target of every workload: what was measured, what is asked, yes or no. */
export function targetTable(
  rows: readonly { readonly id: string; readonly limits: readonly Limit[] }[],
): string {
  return aligned(
    rows.flatMap(({ id, limits }) =>
      limits.map(({ what, value, bound, limit, ok }) => [
        id,
        what,
        value === null ? 'not measured' : rounded(value),
        `${bound} ${rounded(limit)}`,
        ok ? 'yes' : 'no',
      ]),
    ),
  );
}

const seconds = (ms: number | null): string => (ms === null ? '–' : (ms / 1000).toFixed(2));

const spread = (ratio: Spread | null): string =>
  ratio === null ? '–' : `${ratio.median.toFixed(2)} (${ratio.min.toFixed(2)}–${ratio.max.toFixed(2)})`;

/** Columns as wide as their widest cell: the first to the left, all others to the right. */
export function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => (row[at] ?? '').length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join('  ');
  return rows.map(line).join('\n');
}
