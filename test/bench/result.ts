import { verified, verifiedCold } from './contenders.ts';
import { median, percentile, ratios, type Spread, spreadOf } from './figures.ts';
import { judge, type Limit, targetWords } from './targets.ts';
import type { Run } from './turns.ts';
import type { Workload, WorkloadId } from './workloads.ts';

interface Each {
  readonly imagetank: number;
  readonly cp: number;
  readonly rsync: number | null;
  readonly verifiedRsync: number | null;
}

/** One row of the answer. Ratios are those of wall time, ours to theirs; null without rsync. */
export interface WorkloadResult {
  readonly id: WorkloadId;
  readonly title: string;
  readonly files: number;
  /** Of the card, before what is new in each run. */
  readonly bytes: number;
  readonly runs: number;
  readonly medianMs: Each;
  readonly cpuSeconds: Each;
  readonly ratioToCp: Spread;
  readonly ratioToRsync: Spread | null;
  readonly ratioToVerifiedRsync: Spread | null;
  /** Against `rsync -a && sync`, and `rsync -acn` with nothing in memory: verified from the medium, as ours is. */
  readonly ratioToMediumRsync: Spread | null;
  /** Against `rsync -acn` alone. */
  readonly ratioToRsyncCheck: Spread | null;
  /** Peak over all runs; the probe that measures the delays is in it. */
  readonly rssBytes: number;
  readonly childrenRssBytes: number;
  readonly loopDelayP99Ms: number;
  /** Null when no edge came while a backup ran. */
  readonly ledTimerErrorP99Ms: number | null;
  /** The least of all runs, as the device of the drives counts. */
  readonly deviceReadBytes: number | null;
  /** The least of all runs, as the kernel counts for the daemon. */
  readonly fetchedBytes: number;
  /** What has to be read from the medium when everything is verified from it. */
  readonly neededReadBytes: number;
  readonly limits: readonly Limit[];
  readonly target: string;
  /** Whether all limits hold; what could not be measured does not. */
  readonly ok: boolean;
}

/** `contract.md` section 4: a known file is told by its first 64 KiB. */
const HEAD_BYTES = 64 * 1024;

/** New files are read back; of the card everything that is cold is fetched, of known files their heads. */
export function neededReadBytes(workload: Workload): number {
  const { files, fileBytes, source, drives, newFiles } = workload;
  if (newFiles !== null) return files * Math.min(fileBytes, HEAD_BYTES) + newFiles * fileBytes * drives;
  return files * fileBytes * (drives + (source === 'cold' ? 1 : 0));
}

export function resultOf(workload: Workload, runs: readonly Run[]): WorkloadResult {
  const ours = runs.map(({ imagetank }) => imagetank);
  const took = ours.map(({ tookMs }) => tookMs);
  const checked = runs.map(({ rsync }) => rsync && verified(rsync));
  const late = ours.flatMap(({ ledErrorsMs }) => ledErrorsMs);
  const device = ours.map(({ deviceReadBytes }) => deviceReadBytes);
  const measured = {
    ratioToCp: ratios(took, cps(runs)) ?? spreadOf([Number.NaN]),
    ratioToRsync: ratios(
      took,
      runs.map(({ rsync }) => rsync?.copied.tookMs ?? null),
    ),
    ratioToVerifiedRsync: ratios(
      took,
      checked.map((one) => one?.tookMs ?? null),
    ),
    ratioToMediumRsync: ratios(
      took,
      runs.map(({ rsync }) => rsync && (verifiedCold(rsync)?.tookMs ?? null)),
    ),
    ratioToRsyncCheck: ratios(
      took,
      runs.map(({ rsync }) => rsync?.checked.tookMs ?? null),
    ),
    rssBytes: Math.max(...ours.map(({ rssBytes }) => rssBytes)),
    childrenRssBytes: Math.max(...ours.map(({ childrenRssBytes }) => childrenRssBytes)),
    loopDelayP99Ms: median(ours.map(({ loopDelayP99Ms }) => loopDelayP99Ms)),
    ledTimerErrorP99Ms: late.length === 0 ? null : percentile(late, 0.99),
    deviceReadBytes: device.includes(null) ? null : Math.min(...device.map(Number)),
    fetchedBytes: Math.min(...ours.map(({ fetchedBytes }) => fetchedBytes)),
    neededReadBytes: neededReadBytes(workload),
  };
  const limits = judge(workload, measured, runs);
  return {
    id: workload.id,
    title: workload.title,
    files: workload.files,
    bytes: workload.files * workload.fileBytes,
    runs: runs.length,
    medianMs: eachOf(runs, ({ tookMs }) => tookMs),
    cpuSeconds: eachOf(runs, ({ cpuSeconds }) => cpuSeconds),
    ...measured,
    limits,
    target: targetWords(limits),
    ok: limits.every(({ ok }) => ok),
  };
}

const cps = (runs: readonly Run[]): readonly number[] => runs.map(({ cp }) => cp.tookMs);

function eachOf(runs: readonly Run[], pick: (measured: Run['cp']) => number): Each {
  const rsyncs = runs.flatMap(({ rsync }) => (rsync === null ? [] : [rsync]));
  const orNull = (values: readonly number[]) => (values.length === 0 ? null : median(values));
  return {
    imagetank: median(runs.map(({ imagetank }) => pick(imagetank))),
    cp: median(runs.map(({ cp }) => pick(cp))),
    rsync: orNull(rsyncs.map(({ copied }) => pick(copied))),
    verifiedRsync: orNull(rsyncs.map((rsync) => pick(verified(rsync)))),
  };
}
