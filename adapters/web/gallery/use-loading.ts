import { useEffect, useRef } from 'preact/hooks';
import type { DrawnSection } from './layout.ts';
import type { Shelf } from './shelf.ts';

/** A view that moves faster than this is not asked for. */
const STILL_MS = 80;
/** But it does not stay empty for longer, however long it moves. */
const PATIENCE_MS = 300;
/** Days ahead of the last one that is drawn. */
const DAYS_AHEAD = 12;

/** Asks for what is drawn and not here yet. After trouble somebody has to ask again: the box may be off. */
export function useLoading(shelf: Shelf, days: readonly DrawnSection[], columns: number): void {
  const waiting = useRef<number | null>(null);
  useEffect(() => {
    if (shelf.trouble !== null || !isMissing(shelf, days, columns)) return undefined;
    const now = performance.now();
    waiting.current ??= now;
    const left = Math.max(0, Math.min(STILL_MS, waiting.current + PATIENCE_MS - now));
    const timer = setTimeout(() => {
      waiting.current = null;
      load(shelf, days, columns);
    }, left);
    return () => clearTimeout(timer);
  });
}

const endOf = ({ rows }: DrawnSection, columns: number): number => (rows.at(-1)?.first ?? -columns) + columns;

function isMissing(shelf: Shelf, days: readonly DrawnSection[], columns: number): boolean {
  if (isNearEnd(shelf, days)) return true;
  return days.some((day) => {
    const section = shelf.sections[day.section];
    return section !== undefined && section.photos.length < Math.min(section.count, endOf(day, columns));
  });
}

const isNearEnd = ({ isWhole, sections }: Shelf, days: readonly DrawnSection[]): boolean =>
  !isWhole && (days.at(-1)?.section ?? 0) + DAYS_AHEAD >= sections.length;

function load(shelf: Shelf, days: readonly DrawnSection[], columns: number): void {
  for (const day of days) void shelf.fill(day.section, endOf(day, columns));
  if (isNearEnd(shelf, days)) void shelf.more();
}
