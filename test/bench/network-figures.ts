/** What clients on the network cost a backup. Pure. */
import { median, percentile, ratios, type Spread } from './figures.ts';
import { aligned } from './table.ts';
import { atMost, type Limit } from './targets.ts';

/** What the clients of one run saw. */
export interface ClientReport {
  /** Answers, events of all streams, or MB sent. */
  readonly answers: number;
  /** Null for streams and for what is sent. */
  readonly p99Ms: number | null;
  /** Refused, or broken. */
  readonly failed: number;
}

/** One backup, and who was there meanwhile. */
export interface NetworkMeasured {
  readonly tookMs: number;
  /** Of the daemon. */
  readonly cpuSeconds: number;
  readonly ledErrorsMs: readonly number[];
  /** Null when nobody was there. */
  readonly clients: ClientReport | null;
}

export const CLIENTS = ['nobody', 'listen', 'load', 'send'] as const;
export type NetworkRun = Readonly<Record<(typeof CLIENTS)[number], NetworkMeasured>>;

export interface NetworkResult {
  readonly id: 'network';
  /** Of one `GET /api/v1/status`, asked one after the other while nothing is copied. */
  readonly statusMs: { readonly median: number; readonly p99: number };
  /** A backup under load by one without, run by run. */
  readonly loadRatio: Spread;
  /** A backup beside an upload by one without, run by run. */
  readonly sendRatio: Spread;
  /** Of one core, more than without. */
  readonly listenPercent: number;
  readonly ledErrorMs: { readonly nobody: number; readonly load: number };
  readonly answersPerSecond: number;
  readonly eventsPerSecond: number;
  /** Of one upload, from a moment before the backup to its end. */
  readonly sentMb: number;
  readonly limits: readonly Limit[];
  readonly ok: boolean;
}

/** Issue 6. */
const [STATUS_MS, LISTEN_PERCENT, LOAD_RATIO, LED_MS] = [5, 5, 1.05, 10];

/** Throws a `RangeError` without runs. */
export function networkOf(statusTimes: readonly number[], runs: readonly NetworkRun[]): NetworkResult {
  const took = (who: keyof NetworkRun) => runs.map((run) => run[who].tookMs);
  const loadRatio = ratios(took('load'), took('nobody'));
  const sendRatio = ratios(took('send'), took('nobody'));
  if (loadRatio === null || sendRatio === null) throw new RangeError('no runs');
  const listenPercent = median(runs.map(({ listen, nobody }) => shareOf(listen) - shareOf(nobody)));
  const lateMs = (who: keyof NetworkRun) => median(runs.map((run) => percentile(run[who].ledErrorsMs, 0.99)));
  const perSecond = (who: keyof NetworkRun) =>
    median(runs.map((run) => ((run[who].clients?.answers ?? 0) / run[who].tookMs) * 1000));
  const statusMs = { median: median(statusTimes), p99: percentile(statusTimes, 0.99) };
  const ledErrorMs = { nobody: lateMs('nobody'), load: lateMs('load') };
  const failed = runs.reduce(
    (sum, { listen, load, send }) => sum + failedOf(listen) + failedOf(load) + failedOf(send),
    0,
  );
  const limits = [
    atMost('ms for a status (median)', statusMs.median, STATUS_MS),
    atMost('% of one core for 50 streams', listenPercent, LISTEN_PERCENT),
    atMost('× the backup without clients, 100 connections', loadRatio.median, LOAD_RATIO),
    atMost('× the backup without clients, an upload', sendRatio.median, LOAD_RATIO),
    atMost('ms of LED timer error under load (p99)', ledErrorMs.load, LED_MS),
    atMost('requests that were refused or broken', failed, 0),
  ];
  return {
    id: 'network',
    ...{ statusMs, loadRatio, sendRatio, listenPercent, ledErrorMs },
    answersPerSecond: perSecond('load'),
    eventsPerSecond: perSecond('listen'),
    sentMb: median(runs.map(({ send }) => send.clients?.answers ?? 0)),
    limits,
    ok: limits.every(({ ok }) => ok),
  };
}

const shareOf = ({ cpuSeconds, tookMs }: NetworkMeasured): number => (cpuSeconds / tookMs) * 100_000;
const failedOf = ({ clients }: NetworkMeasured): number => clients?.failed ?? 0;

export function networkTable(result: NetworkResult): string {
  const { statusMs, loadRatio, sendRatio, listenPercent, ledErrorMs } = result;
  return aligned([
    ['network', 'measured', ''],
    ['status', `${statusMs.median.toFixed(2)} ms`, `p99 ${statusMs.p99.toFixed(2)} ms`],
    [
      '50 streams',
      `${listenPercent.toFixed(1)} % of a core`,
      `${result.eventsPerSecond.toFixed(0)} events/s`,
    ],
    [
      '100 connections',
      `${loadRatio.median.toFixed(2)} ×`,
      `${result.answersPerSecond.toFixed(0)} answers/s`,
    ],
    ['an upload', `${sendRatio.median.toFixed(2)} ×`, `${result.sentMb.toFixed(0)} MB in all`],
    ['LED timer, p99', `${ledErrorMs.load.toFixed(1)} ms`, `without ${ledErrorMs.nobody.toFixed(1)} ms`],
  ]);
}
