import type { Section, Spot } from './shelf.ts';

/** Everything is computed from the width, nothing is measured: a day has its height before its photos are known. CSS pixels. */
export interface Geometry {
  readonly columns: number;
  /** Side of a square. */
  readonly cell: number;
  readonly gap: number;
}

/** Height of a day's heading, as `gallery.css` has it. */
export const HEADING = 56;
/** Below the last row of a day. */
const DAY_GAP = 20;
const GAP = 4;
const PHONE_COLUMNS = 3;
/** Of a square beside others where there is room for more than three. */
const LIKELY_CELL = 168;

export function geometryOf(width: number): Geometry {
  const columns = Math.max(PHONE_COLUMNS, Math.floor((width + GAP) / (LIKELY_CELL + GAP)));
  const cell = Math.max(1, Math.floor((width - GAP * (columns - 1)) / columns));
  return { columns, cell, gap: GAP };
}

/** One line of the grid: the heading of a section, or up to `columns` photos of it. */
export interface Row {
  readonly section: number;
  /** Of the photos of the section; null: the heading. */
  readonly first: number | null;
  readonly height: number;
}

export function rowsOf(sections: readonly Section[], { columns, cell, gap }: Geometry): Row[] {
  return sections.flatMap(({ count }, section) => {
    const lines = Math.ceil(count / columns);
    const photos = Array.from({ length: lines }, (_, line) => ({
      section,
      first: line * columns,
      height: cell + (line === lines - 1 ? DAY_GAP : gap),
    }));
    return [{ section, first: null, height: HEADING }, ...photos];
  });
}

/** A part of the page that is drawn: a row with its place from the top of the grid. */
export interface Drawn {
  readonly index: number;
  readonly start: number;
}

export interface DrawnSection {
  readonly section: number;
  readonly top: number;
  readonly height: number;
  /** Places are counted from the top of the section. */
  readonly rows: readonly { readonly first: number; readonly top: number }[];
}

/** Rows that are drawn, by their sections: each section is as high as all its rows, so that its heading can stick. */
export function drawnSections(
  rows: readonly Row[],
  drawn: readonly Drawn[],
  sections: readonly Section[],
  geometry: Geometry,
): DrawnSection[] {
  const found: { section: number; top: number; height: number; rows: { first: number; top: number }[] }[] =
    [];
  for (const { index, start } of drawn) {
    const row = rows[index];
    if (row === undefined) continue;
    const { section, first } = row;
    const above = first === null ? 0 : topOfLine(first, geometry);
    let one = found.at(-1);
    if (one?.section !== section) {
      one = {
        section,
        top: start - above,
        height: heightOf(sections[section]?.count ?? 0, geometry),
        rows: [],
      };
      found.push(one);
    }
    if (first !== null) one.rows.push({ first, top: above });
  }
  return found;
}

const topOfLine = (first: number, { columns, cell, gap }: Geometry): number =>
  HEADING + (first / columns) * (cell + gap);

export function heightOf(count: number, { columns, cell, gap }: Geometry): number {
  const lines = Math.ceil(count / columns);
  return HEADING + (lines === 0 ? 0 : lines * (cell + gap) - gap + DAY_GAP);
}

/** Index of the row that holds the photo; of the heading when the section has no such photo. */
export function rowOfSpot(
  sections: readonly Section[],
  { columns }: Geometry,
  { section, index }: Spot,
): number {
  const before = sections
    .slice(0, section)
    .reduce((sum, { count }) => sum + 1 + Math.ceil(count / columns), 0);
  const count = sections[section]?.count ?? 0;
  return before + (index < count ? 1 + Math.floor(index / columns) : 0);
}
