/** Whether the cost of a file grows. Pure. */
import { median, ratios } from './figures.ts';
import { aligned } from './table.ts';
import { atMost, type Limit, rounded } from './targets.ts';

/** One backup of so many files beside a catalogue of so many photos. */
export interface GrowthRun {
  readonly files: number;
  readonly photos: number;
  readonly tookMs: number;
  readonly cpuSeconds: number;
  readonly rssBytes: number;
  readonly startToReadyMs: number;
}

export interface GrowthCell {
  readonly files: number;
  readonly photos: number;
  /** Of wall time and of processors, for each file beyond a backup of a few: what is once a backup is not in it. */
  readonly costMs: number;
  readonly cpuMs: number;
  readonly rssBytes: number;
}

export interface GrowthResult {
  readonly id: 'growth';
  readonly cells: readonly GrowthCell[];
  /** With the photos in the catalogue, from spawn to ready. */
  readonly starts: readonly { readonly photos: number; readonly startToReadyMs: number }[];
  readonly limits: readonly Limit[];
  readonly ok: boolean;
}

/** Flat within 20 %. */
const FLAT = 1.2;
const RSS_MB = 90;
const START_S = 1;

/**
 * `rounds`: the same cells in each. Those with the fewest files are the base that is taken off all others of their
 * catalogue. Held against the next fewest files, and against the smallest catalogue, round by round.
 */
export function growthOf(rounds: readonly (readonly GrowthRun[])[]): GrowthResult {
  const [baseFiles = 0, leastFiles = 0, ...moreFiles] = distinct(rounds, 'files');
  const [leastPhotos = 0, ...morePhotos] = distinct(rounds, 'photos');
  const cost = (files: number, photos: number, pick: (run: GrowthRun) => number) =>
    rounds.map((round) => {
      const base = at(round, baseFiles, photos);
      const run = at(round, files, photos);
      return (pick(run) - pick(base)) / (files - baseFiles);
    });
  const wall = (run: GrowthRun) => run.tookMs;
  const allFiles = [leastFiles, ...moreFiles];
  const allPhotos = [leastPhotos, ...morePhotos];
  const cells = allPhotos.flatMap((photos) =>
    allFiles.map((files) => ({
      files,
      photos,
      costMs: median(cost(files, photos, wall)),
      cpuMs: median(cost(files, photos, (run) => run.cpuSeconds * 1000)),
      rssBytes: Math.max(...rounds.map((round) => at(round, files, photos).rssBytes)),
    })),
  );
  const starts = allPhotos.map((photos) => ({
    photos,
    startToReadyMs: median(rounds.map((round) => at(round, leastFiles, photos).startToReadyMs)),
  }));
  const limits = [
    ...allPhotos.flatMap((photos) =>
      moreFiles.map((files) =>
        flat(
          `× ${leastFiles} files for ${files} (${photos} photos)`,
          cost(files, photos, wall),
          cost(leastFiles, photos, wall),
        ),
      ),
    ),
    ...allFiles.flatMap((files) =>
      morePhotos.map((photos) =>
        flat(
          `× ${leastPhotos} photos for ${photos} (${files} files)`,
          cost(files, photos, wall),
          cost(files, leastPhotos, wall),
        ),
      ),
    ),
    atMost('MB of memory', Math.max(...cells.map(({ rssBytes }) => rssBytes)) / 1e6, RSS_MB),
    atMost(
      's from start to ready',
      Math.max(...starts.map(({ startToReadyMs }) => startToReadyMs)) / 1000,
      START_S,
    ),
  ];
  return { id: 'growth', cells, starts, limits, ok: limits.every(({ ok }) => ok) };
}

/** A file that costs nothing or less was lost in the noise of the machine: then nothing is known, and nothing is flat. */
function flat(what: string, costs: readonly number[], than: readonly number[]): Limit {
  const isKnown = [...costs, ...than].every((cost) => cost > 0);
  return atMost(what, isKnown ? (ratios(costs, than)?.median ?? null) : null, FLAT);
}

function distinct(rounds: readonly (readonly GrowthRun[])[], key: 'files' | 'photos'): readonly number[] {
  return [...new Set(rounds.flat().map((run) => run[key]))].sort((a, b) => a - b);
}

/** Throws a `RangeError` when a round lacks a cell. */
function at(round: readonly GrowthRun[], files: number, photos: number): GrowthRun {
  const run = round.find((one) => one.files === files && one.photos === photos);
  if (run === undefined) throw new RangeError(`no run of ${files} files beside ${photos} photos`);
  return run;
}

export function growthTable({ cells, starts }: GrowthResult): string {
  const rows = cells.map(({ files, photos, costMs, cpuMs, rssBytes }) => [
    String(files),
    String(photos),
    rounded(costMs),
    rounded(cpuMs),
    (rssBytes / 1e6).toFixed(0),
    starts.find((start) => start.photos === photos)?.startToReadyMs.toFixed(0) ?? '–',
  ]);
  const head = [
    'files',
    'photos in the catalogue',
    'ms a file',
    'CPU ms a file',
    'RSS MB',
    'start to ready ms',
  ];
  return aligned([head, ...rows]);
}
