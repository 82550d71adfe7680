/** How smoothly a gallery of many photos scrolls. Pure. */
import { median, percentile } from './figures.ts';
import { aligned } from './table.ts';
import { atMost, type Limit } from './targets.ts';

/** One way through the whole gallery. */
export interface GalleryMeasured {
  /** A processor that is so many times slower. */
  readonly slower: number;
  readonly framesMs: readonly number[];
  /** Most that were in the document at once. */
  readonly nodes: number;
}

export interface GalleryResult {
  readonly id: 'gallery';
  readonly photos: number;
  readonly ways: readonly {
    readonly slower: number;
    readonly frames: number;
    readonly medianMs: number;
    readonly p95Ms: number;
    /** Share of frames over 50 ms, in percent. */
    readonly latePercent: number;
    readonly nodes: number;
  }[];
  readonly limits: readonly Limit[];
  readonly ok: boolean;
}

/** What a person sees as a jerk: three frames of 60 a second. */
const LATE_MS = 50;
/** On this machine as it is; how slow a phone is, nobody knows here. */
const [P95_MS, LATE_PERCENT] = [34, 1];

/** Throws a `RangeError` without frames. */
export function galleryOf(photos: number, measured: readonly GalleryMeasured[]): GalleryResult {
  const ways = measured.map(({ slower, framesMs, nodes }) => ({
    slower,
    frames: framesMs.length,
    medianMs: median(framesMs),
    p95Ms: percentile(framesMs, 0.95),
    latePercent: (framesMs.filter((ms) => ms > LATE_MS).length / framesMs.length) * 100,
    nodes,
  }));
  const limits = ways
    .filter(({ slower }) => slower === 1)
    .flatMap(({ p95Ms, latePercent }) => [
      atMost('ms between two frames (p95)', p95Ms, P95_MS),
      atMost(`% of frames over ${LATE_MS} ms`, latePercent, LATE_PERCENT),
    ]);
  return { id: 'gallery', photos, ways, limits, ok: limits.every(({ ok }) => ok) };
}

export function galleryTable({ photos, ways }: GalleryResult): string {
  return aligned([
    [`${photos} photos`, 'frames', 'median ms', 'p95 ms', `over ${LATE_MS} ms`, 'nodes'],
    ...ways.map(({ slower, frames, medianMs, p95Ms, latePercent, nodes }) => [
      slower === 1 ? 'as it is' : `${slower} × slower`,
      String(frames),
      medianMs.toFixed(1),
      p95Ms.toFixed(1),
      `${latePercent.toFixed(1)} %`,
      String(nodes),
    ]),
  ]);
}
