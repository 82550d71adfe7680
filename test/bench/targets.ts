/** The targets of `copy-engine.md`, and whether what was measured holds them. Pure. */
import { verified } from './contenders.ts';
import { median, type Spread } from './figures.ts';
import type { Run } from './turns.ts';
import type { Workload } from './workloads.ts';

/** One figure and its bound. */
export interface Limit {
  readonly what: string;
  /** Null when it could not be measured. */
  readonly value: number | null;
  readonly bound: 'at most' | 'at least';
  readonly limit: number;
  readonly ok: boolean;
}

export interface Judged {
  readonly ratioToCp: Spread;
  readonly ratioToVerifiedRsync: Spread | null;
  readonly ratioToRsyncCheck: Spread | null;
  readonly rssBytes: number;
  readonly loopDelayP99Ms: number;
  readonly ledTimerErrorP99Ms: number | null;
  readonly deviceReadBytes: number | null;
  readonly fetchedBytes: number;
  readonly neededReadBytes: number;
}

const MB = 1_000_000;
const RSS_MB = 90;
const LATE_MS = 10;
/** The kernel fetches whole pages, and what else the daemon reads comes on top: less than all is not verified. */
const READ_SHARE = 1;

export const atMost = (what: string, value: number | null, limit: number): Limit => ({
  what,
  value,
  bound: 'at most',
  limit,
  ok: value !== null && value <= limit,
});

export const atLeast = (what: string, value: number | null, limit: number): Limit => ({
  what,
  value,
  bound: 'at least',
  limit,
  ok: value !== null && value >= limit,
});

export function judge(workload: Workload, measured: Judged, runs: readonly Run[]): readonly Limit[] {
  const { neededReadBytes: needed } = measured;
  return [
    ...speed(workload, measured, runs),
    atLeast('MB read by the daemon from the medium', measured.fetchedBytes / MB, (needed * READ_SHARE) / MB),
    // Two counters, because each alone can be wrong: this one counts for others too, that one not past a cache below.
    ...(workload.card === 'folder' ? [deviceRead(measured)] : []),
    atMost('MB of memory', measured.rssBytes / MB, RSS_MB),
    atMost('ms of event-loop delay (p99)', measured.loopDelayP99Ms, LATE_MS),
    atMost('ms of LED timer error (p99)', measured.ledTimerErrorP99Ms, LATE_MS),
  ];
}

const deviceRead = ({ deviceReadBytes, neededReadBytes }: Judged): Limit =>
  atLeast(
    'MB read from the device of the drives',
    deviceReadBytes === null ? null : deviceReadBytes / MB,
    (neededReadBytes * READ_SHARE) / MB,
  );

function speed(workload: Workload, measured: Judged, runs: readonly Run[]): readonly Limit[] {
  const cp = (limit: number) => atMost('× cp', measured.ratioToCp.median, limit);
  const rsync = (limit: number) =>
    atMost('× verified rsync', measured.ratioToVerifiedRsync?.median ?? null, limit);
  switch (workload.id) {
    case 'A':
      return [cp(1.05), rsync(0.7), cardBound(workload, runs)];
    case 'B':
      return [cp(1.1), rsync(0.3)];
    case 'C':
      return [rsync(0.6)];
    case 'D':
      return [cp(1.3), rsync(1)];
    case 'E':
      return [rsync(0.3)];
    case 'F1':
      return [rsync(0.05)];
    case 'F2':
      return [atMost('× rsync -acn', measured.ratioToRsyncCheck?.median ?? null, 0.6)];
    case 'F3':
      return [again(runs)];
  }
}

/** A plain copy that is faster than the card shows that the card was not the bottleneck. */
function cardBound({ files, fileBytes, cardBytesPerSecond }: Workload, runs: readonly Run[]): Limit {
  const limit = (cardBytesPerSecond ?? 0) / MB;
  const fastest = Math.min(...runs.map(({ cp }) => cp.tookMs));
  return atMost('MB/s of cp, so that the card is the bottleneck', (files * fileBytes) / fastest / 1e3, limit);
}

/** "10 new: the same plus the new files": 0.05 × verified rsync for what is known, 1.10 × cp for what is new. */
function again(runs: readonly Run[]): Limit {
  const each = runs.map(({ imagetank, cp, rsync }) =>
    rsync === null ? null : imagetank.tookMs / (0.05 * verified(rsync).tookMs + 1.1 * cp.tookMs),
  );
  const value = each.includes(null) || each.length === 0 ? null : median(each.map(Number));
  return atMost('× (0.05 × verified rsync + 1.10 × cp of the new files)', value, 1);
}

/** `≤ 1.05 × cp, ≤ 90 MB of memory, …` */
export function targetWords(limits: readonly Limit[]): string {
  return limits
    .map(({ what, bound, limit }) => `${bound === 'at most' ? '≤' : '≥'} ${rounded(limit)} ${what}`)
    .join(', ');
}

export const rounded = (value: number): string => String(Number(value.toPrecision(3)));
