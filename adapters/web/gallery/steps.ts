import type { Section, Spot } from './shelf.ts';

export type Key =
  | 'ArrowLeft'
  | 'ArrowRight'
  | 'ArrowUp'
  | 'ArrowDown'
  | 'Home'
  | 'End'
  | 'PageUp'
  | 'PageDown';

const KEYS: ReadonlySet<string> = new Set<Key>([
  'ArrowLeft',
  'ArrowRight',
  'ArrowUp',
  'ArrowDown',
  'Home',
  'End',
  'PageUp',
  'PageDown',
]);

export const isStep = (key: string): key is Key => KEYS.has(key);

/** Where a key leads from a photo, also over the border of a day; the same place at the ends. */
export function stepFrom(sections: readonly Section[], columns: number, from: Spot, key: Key): Spot {
  switch (key) {
    case 'ArrowLeft':
      return beside(sections, from, -1);
    case 'ArrowRight':
      return beside(sections, from, 1);
    case 'ArrowUp':
      return above(sections, columns, from);
    case 'ArrowDown':
      return below(sections, columns, from);
    case 'Home':
      return { ...from, index: 0 };
    case 'End':
      return { ...from, index: Math.max(0, countOf(sections, from.section) - 1) };
    case 'PageUp':
      return from.index > 0 || from.section === 0
        ? { ...from, index: 0 }
        : { section: from.section - 1, index: 0 };
    case 'PageDown':
      return from.section + 1 < sections.length ? { section: from.section + 1, index: 0 } : from;
  }
}

const countOf = (sections: readonly Section[], section: number): number => sections[section]?.count ?? 0;

function beside(sections: readonly Section[], { section, index }: Spot, by: 1 | -1): Spot {
  const next = index + by;
  if (next >= 0 && next < countOf(sections, section)) return { section, index: next };
  const other = section + by;
  const count = countOf(sections, other);
  if (count === 0) return { section, index };
  return { section: other, index: by === 1 ? 0 : count - 1 };
}

function above(sections: readonly Section[], columns: number, { section, index }: Spot): Spot {
  if (index >= columns) return { section, index: index - columns };
  const count = countOf(sections, section - 1);
  if (count === 0) return { section, index };
  const lastLine = Math.floor((count - 1) / columns) * columns;
  return { section: section - 1, index: Math.min(count - 1, lastLine + (index % columns)) };
}

function below(sections: readonly Section[], columns: number, { section, index }: Spot): Spot {
  const count = countOf(sections, section);
  const lastLine = Math.floor((count - 1) / columns);
  if (Math.floor(index / columns) < lastLine) return { section, index: Math.min(count - 1, index + columns) };
  const next = countOf(sections, section + 1);
  return next === 0
    ? { section, index }
    : { section: section + 1, index: Math.min(next - 1, index % columns) };
}
