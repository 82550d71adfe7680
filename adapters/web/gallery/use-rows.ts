import { observeWindowOffset, observeWindowRect, Virtualizer, windowScroll } from '@tanstack/virtual-core';
import type { RefObject } from 'preact';
import { useLayoutEffect, useMemo, useReducer, useState } from 'preact/hooks';
import { HEADING, type Row } from './layout.ts';

/** Rows above and below the view that are drawn too. */
const OVERSCAN = 3;
/** The navigation of a phone lies over the last rows. */
const FOOT = 150;

/** Which rows are drawn, in a window that scrolls. `pinned`: a row that is drawn wherever the view is, for what has the focus. */
export function useRows(grid: RefObject<HTMLElement | null>, rows: readonly Row[], pinned: number | null) {
  const [, draw] = useReducer((count: number) => count + 1, 0);
  const [scrollMargin, setMargin] = useState(0);
  const virtualizer = useMemo(() => new Virtualizer<Window, Element>(unset(draw)), []);
  virtualizer.setOptions({
    ...unset(draw),
    count: rows.length,
    estimateSize: (index) => rows[index]?.height ?? 0,
    scrollMargin,
    rangeExtractor: ({ startIndex, endIndex }) => around(startIndex, endIndex, rows.length, pinned),
  });
  useLayoutEffect(() => virtualizer._didMount(), [virtualizer]);
  useLayoutEffect(() => virtualizer._willUpdate());
  // It keeps the sizes that it knows; all of ours change together.
  useLayoutEffect(() => virtualizer.measure(), [virtualizer, rows]);
  useLayoutEffect(() => {
    // What stands above changes when somebody does something there; asking makes the browser lay out the page at once.
    if (virtualizer.isScrolling) return;
    const top = (grid.current?.getBoundingClientRect().top ?? 0) + window.scrollY;
    if (Math.abs(top - scrollMargin) > 0.5) setMargin(top);
  });
  const drawn = virtualizer
    .getVirtualItems()
    .map(({ index, start }) => ({ index, start: start - scrollMargin }));
  return { drawn, height: virtualizer.getTotalSize(), virtualizer };
}

const unset = (draw: (action: undefined) => void) => ({
  count: 0,
  estimateSize: () => 0,
  getScrollElement: () => window,
  initialOffset: () => window.scrollY,
  observeElementRect: observeWindowRect,
  observeElementOffset: observeWindowOffset,
  scrollToFn: windowScroll,
  overscan: OVERSCAN,
  scrollPaddingStart: HEADING,
  scrollPaddingEnd: FOOT,
  onChange: () => draw(undefined),
});

function around(start: number, end: number, count: number, pinned: number | null): number[] {
  const first = Math.max(0, start - OVERSCAN);
  const last = Math.min(count - 1, end + OVERSCAN);
  const indexes = Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => first + at);
  if (pinned === null || pinned >= count || (pinned >= first && pinned <= last)) return indexes;
  return pinned < first ? [pinned, ...indexes] : [...indexes, pinned];
}
