import type { HistoryLine, Status } from './shapes.ts';

/** One value; `labels` tell it from others of its name. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** One gauge: a name as Prometheus has them (`_bytes`, `_total`), what it is, its values. */
export interface Gauge {
  readonly name: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

/** What is measured of requests: `route` is the pattern, never the path, so that there are few. */
export interface RequestMeasure {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
}

/** Keeps what is counted over time, and writes all of it for Prometheus. */
export interface Metrics {
  readonly contentType: string;
  observe(request: RequestMeasure): void;
  text(gauges: readonly Gauge[]): Promise<string>;
}

export interface MetricsReading {
  readonly status: Status;
  /** The last backups, at most `MAX_COUNTED`. */
  readonly backups: readonly HistoryLine[];
  readonly head: number;
  readonly streams: number;
}

/** Backups that are counted by outcome: reading all of ten thousand would hold up the lights. */
export const MAX_COUNTED = 1000;
const OUTCOMES = ['done', 'failed', 'interrupted'] as const;
const STATES = ['boot', 'ready', 'copying', 'error', 'shutdown'] as const;

const one = (value: number): readonly Sample[] => [{ labels: {}, value }];

/** Everything that can be read off at one moment. */
export function gaugesOf({ status, backups, head, streams }: MetricsReading): readonly Gauge[] {
  const running = status.backups.filter(({ outcome }) => outcome === null);
  const sum = (pick: (backup: Status['backups'][number]) => number | null) =>
    running.reduce((total, backup) => total + (pick(backup) ?? 0), 0);
  const counted = backups.filter(({ outcome }) => outcome !== null);
  return [
    gauge('imagetank_state', '1 for the state in which it is', oneOf(STATES, status.state, 'state')),
    gauge('imagetank_safe_to_erase', '1 while the green light is on', one(Number(status.signal === 'ready'))),
    gauge('imagetank_signal', '1 for the light that is shown', [
      { labels: { signal: status.signal }, value: 1 },
    ]),
    gauge('imagetank_error_code', 'Red blinks; 0 without an error', one(status.code ?? 0)),
    gauge('imagetank_cards', 'Attached cards', cardSamples(status)),
    gauge('imagetank_drive_free_bytes', 'Room on adopted drives', driveSamples(status, 'freeBytes')),
    gauge('imagetank_drive_size_bytes', 'Size of adopted drives', driveSamples(status, 'sizeBytes')),
    gauge('imagetank_backups_running', 'Backups that run or wait', one(running.length)),
    gauge('imagetank_backup_bytes_done', 'Of running backups', one(sum(({ bytesDone }) => bytesDone))),
    gauge('imagetank_backup_bytes_expected', 'Of running backups', one(sum(({ bytesTotal }) => bytesTotal))),
    gauge(
      'imagetank_backup_bytes_per_second',
      'Of running backups',
      one(sum(({ rateBytesPerSecond }) => rateBytesPerSecond)),
    ),
    gauge(
      'imagetank_backups',
      `Ended backups among the last ${MAX_COUNTED}`,
      OUTCOMES.map((outcome) => ({
        labels: { outcome },
        value: counted.filter((line) => line.outcome === outcome).length,
      })),
    ),
    gauge(
      'imagetank_backed_up_bytes',
      `Bytes on drives, verified, of the last ${MAX_COUNTED} backups`,
      one(
        counted.reduce((total, { drives }) => total + drives.reduce((all, { bytes }) => all + bytes, 0), 0),
      ),
    ),
    gauge('imagetank_problems', 'What is wrong now', problemSamples(status)),
    gauge('imagetank_journal_seq', 'Number of the last record', one(head)),
    gauge('imagetank_open_streams', 'Clients that follow something', one(streams)),
    gauge('process_resident_memory_bytes', 'Of the daemon', one(status.health?.rssBytes ?? 0)),
  ];
}

const gauge = (name: string, help: string, samples: readonly Sample[]): Gauge => ({ name, help, samples });

const oneOf = (words: readonly string[], now: string, label: string): readonly Sample[] =>
  words.map((word) => ({ labels: { [label]: word }, value: Number(word === now) }));

const cardSamples = ({ cards }: Status): readonly Sample[] =>
  [true, false].map((backedUp) => ({
    labels: { backed_up: backedUp ? 'yes' : 'no' },
    value: cards.filter((card) => card.backedUp === backedUp).length,
  }));

/** A drive that does not answer has no value, rather than no room. */
const driveSamples = ({ drives }: Status, field: 'freeBytes' | 'sizeBytes'): readonly Sample[] =>
  drives.flatMap(({ id, label, [field]: value }) =>
    id === null || value === null ? [] : [{ labels: { drive: id, label }, value }],
  );

function problemSamples({ problems }: Status): readonly Sample[] {
  const codes = [...new Set(problems.map(({ code }) => code))];
  return codes.map((code) => ({
    labels: { code },
    value: problems.filter((problem) => problem.code === code).length,
  }));
}
