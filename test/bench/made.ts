/** Runs as they would have been measured, for the tests of what is made of them. */
import type { Measured, RsyncMeasured } from './contenders.ts';
import type { ImagetankMeasured } from './imagetank.ts';
import type { Run } from './turns.ts';
import { FULL, type Workload, type WorkloadId } from './workloads.ts';

const measured = (tookMs: number): Measured => ({ tookMs, cpuSeconds: tookMs / 2000 });

export const rsynced = (copiedMs: number, checkedMs: number, coldMs: number | null): RsyncMeasured => ({
  copied: measured(copiedMs),
  checked: measured(checkedMs),
  checkedCold: coldMs === null ? null : measured(coldMs),
});

/** Everything of ours within its targets but for what is given. */
export const ours = (tookMs: number, others: Partial<ImagetankMeasured> = {}): ImagetankMeasured => ({
  ...measured(tookMs),
  rssBytes: 80e6,
  childrenRssBytes: 40e6,
  loopDelayP99Ms: 3,
  ledErrorsMs: [1, 2],
  deviceReadBytes: 1e12,
  fetchedBytes: 1e12,
  ...others,
});

export const aRun = (changes: Partial<Run> = {}): Run => ({
  cp: measured(1000),
  rsync: rsynced(2000, 2000, 6000),
  imagetank: ours(1000),
  ...changes,
});

export const cpTook = (tookMs: number): Partial<Run> => ({ cp: measured(tookMs) });

export function workload(id: WorkloadId): Workload {
  const found = FULL.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no workload ${id}`);
  return found;
}
