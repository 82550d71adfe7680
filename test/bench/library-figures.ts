/** Whether a library of many photos answers in time. Pure. */
import { median, percentile } from './figures.ts';
import type { LibraryTimes } from './library-questions.ts';
import { aligned } from './table.ts';
import { atMost, type Limit } from './targets.ts';

export interface LibraryMeasured {
  readonly photos: number;
  /** Of several processes. */
  readonly openMs: readonly number[];
  readonly times: LibraryTimes;
  /** From spawn to ready, of a daemon that has them in its catalogue. */
  readonly startToReadyMs: number;
  /** Peak of that daemon, after it was asked. */
  readonly rssBytes: number;
}

export interface LibraryResult extends Omit<LibraryMeasured, 'openMs' | 'times'> {
  readonly id: 'library';
  readonly openMs: number;
  readonly questions: readonly { readonly what: string; readonly medianMs: number; readonly p99Ms: number }[];
  readonly limits: readonly Limit[];
  readonly ok: boolean;
}

/** Issue 5, and `copy-engine.md` for memory and start. A page is 100 photos: for it, what issue 6 gives a status. */
const [LOOK_UP_MS, PAGE_MS, OPEN_MS, RSS_MB, START_S] = [1, 5, 50, 90, 1];

export function libraryOf({ openMs, times, ...measured }: LibraryMeasured): LibraryResult {
  const questions = Object.entries(times).map(([what, took]) => ({
    what,
    medianMs: median(took),
    p99Ms: percentile(took, 0.99),
  }));
  const limits = [
    ...questions.map(({ what, medianMs }) => atMost(`ms for ${what} (median)`, medianMs, aimOf(what))),
    atMost('ms to open the index', median(openMs), OPEN_MS),
    atMost('s from start to ready', measured.startToReadyMs / 1000, START_S),
    atMost('MB of memory', measured.rssBytes / 1e6, RSS_MB),
  ];
  return {
    id: 'library',
    ...measured,
    openMs: median(openMs),
    questions,
    limits,
    ok: limits.every(({ ok }) => ok),
  };
}

const aimOf = (what: string): number => (what.startsWith('page') ? PAGE_MS : LOOK_UP_MS);

export function libraryTable({ photos, questions }: LibraryResult): string {
  const rows = questions.map(({ what, medianMs, p99Ms }) => [what, medianMs.toFixed(2), p99Ms.toFixed(2)]);
  return aligned([[`${photos} photos`, 'median ms', 'p99 ms'], ...rows]);
}
