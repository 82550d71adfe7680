import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { Day } from './day.tsx';
import { drawnSections, geometryOf, rowOfSpot, rowsOf } from './layout.ts';
import { type Selection, shareOf, toggled, withAll, without } from './selection.ts';
import { photoAt, type Shelf, type Spot } from './shelf.ts';
import { select } from './state.ts';
import { isStep, stepFrom } from './steps.ts';
import { useLoading } from './use-loading.ts';
import { useLongPress } from './use-long-press.ts';
import { useRows } from './use-rows.ts';
import { useWidth } from './use-width.ts';

interface GridProps {
  readonly shelf: Shelf;
  readonly selection: Selection | null;
  /** Where the view is to go, when it changes. */
  readonly goTo: Destination | null;
  readonly onOpen: (spot: Spot) => void;
}

export interface Destination {
  readonly spot: Spot;
  /** `day`: its heading comes to the top. `photo`: it is in view, and has the focus. */
  readonly to: 'day' | 'photo';
}

/** All photos of a shelf, day by day; what is out of view is not in the document. */
export function Grid({ shelf, selection, goTo, onOpen }: GridProps) {
  const grid = useRef<HTMLDivElement>(null);
  const width = useWidth(grid);
  const { sections } = shelf;
  const geometry = useMemo(() => geometryOf(width), [width]);
  const rows = useMemo(() => rowsOf(sections, geometry), [sections, geometry]);
  const [current, setCurrent] = useState<Spot | null>(null);
  const pinned = current === null ? null : rowOfSpot(sections, geometry, current);
  const { drawn, height, virtualizer } = useRows(grid, rows, pinned);
  const days = drawnSections(rows, drawn, sections, geometry);
  useLoading(shelf, days, geometry.columns);

  const rowOfHeading = ({ section }: Spot) => rowOfSpot(sections, geometry, { section, index: Number.NaN });
  // Measured now: what stands above the grid may have changed since it was drawn.
  const topOfRow = (row: number) =>
    topOf(grid.current) + rows.slice(0, row).reduce((sum, one) => sum + one.height, 0);
  const wantsFocus = useRef(false);
  const focusOn = (spot: Spot) => {
    wantsFocus.current = true;
    setCurrent(spot);
    virtualizer.scrollToIndex(rowOfSpot(sections, geometry, spot), { align: 'auto' });
  };
  useLayoutEffect(() => {
    if (!wantsFocus.current || current === null) return;
    const button = buttonAt(grid.current, current);
    button?.focus({ preventScroll: true });
    wantsFocus.current = button === null;
  });
  useEffect(() => {
    if (goTo === null) return;
    if (goTo.to === 'day') window.scrollTo(0, topOfRow(rowOfHeading(goTo.spot)));
    else focusOn(goTo.spot);
  }, [goTo]);

  const act = (spot: Spot) => {
    const photo = photoAt(sections, spot);
    if (photo === null) return;
    setCurrent(spot);
    if (selection === null) onOpen(spot);
    else select((picked) => toggled(picked, photo));
  };
  const press = useLongPress((target) => {
    const spot = spotFrom(target);
    const photo = spot === null ? null : photoAt(sections, spot);
    if (photo !== null) select((picked) => withAll(picked, [photo]));
  });
  const onKeyDown = (event: KeyboardEvent) => {
    const from = spotFrom(event.target);
    if (from === null || !isStep(event.key) || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    focusOn(stepFrom(sections, geometry.columns, from, event.key));
  };
  const onWhole = (section: number) => void pickWhole(shelf, section);
  const first = firstOf(days);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it listens for the buttons in it, of which there are many.
    <div
      ref={grid}
      class={selection === null ? 'grid' : 'grid selecting'}
      style={{ height }}
      onKeyDown={onKeyDown}
      onClick={(event) => {
        const spot = press.wasLong() ? null : spotFrom(event.target);
        if (spot !== null) act(spot);
      }}
      onFocusIn={(event) => setCurrent(spotFrom(event.target) ?? current)}
      {...press.handlers}
    >
      {days.map((day) => {
        const section = sections[day.section];
        if (section === undefined) return null;
        return (
          <Day
            key={section.day}
            drawn={day}
            section={section}
            geometry={geometry}
            selection={selection}
            current={current ?? first}
            onWhole={onWhole}
          />
        );
      })}
    </div>
  );
}

/** All of the day are picked out, or none when all were. */
async function pickWhole(shelf: Shelf, section: number): Promise<void> {
  await shelf.fill(section, Number.MAX_SAFE_INTEGER);
  const whole = shelf.sections[section];
  if (whole === undefined) return;
  select((picked) =>
    shareOf(picked, whole) === 'all' ? without(picked, whole.photos) : withAll(picked, whole.photos),
  );
}

function firstOf(
  days: readonly { readonly section: number; readonly rows: readonly { readonly first: number }[] }[],
): Spot {
  const day = days.find(({ rows }) => rows.length > 0);
  return { section: day?.section ?? 0, index: day?.rows[0]?.first ?? 0 };
}

const topOf = (element: HTMLElement | null): number =>
  (element?.getBoundingClientRect().top ?? 0) + window.scrollY;

function spotFrom(target: EventTarget | null): Spot | null {
  const button = target instanceof Element ? target.closest<HTMLElement>('[data-index]') : null;
  if (button === null) return null;
  return { section: Number(button.dataset['section']), index: Number(button.dataset['index']) };
}

const buttonAt = (grid: HTMLElement | null, { section, index }: Spot): HTMLElement | null =>
  grid?.querySelector(`[data-section="${section}"][data-index="${index}"]`) ?? null;
