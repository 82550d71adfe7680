import type {
  GroupLine,
  GroupPageShape,
  PhotoLine,
  PhotoPageShape,
} from '../../../services/library/shapes.ts';

export type Photo = PhotoLine;

/** Photos of one day, newest first. Not all of them need to be here yet: `photos` are the first ones. */
export interface Section {
  /** `YYYY-MM-DD`; empty: no day is known. */
  readonly day: string;
  readonly count: number;
  readonly photos: readonly Photo[];
  /** What the box says of the whole day; null when these photos were picked out of it. */
  readonly safety: Pick<GroupLine, 'fewestCopies' | 'photosWithFewest'> | null;
}

/** What is shown, day by day; it grows while somebody looks on. */
export interface Shelf {
  readonly sections: readonly Section[];
  /** Nothing more comes. */
  readonly isWhole: boolean;
  /** Why the last question was not answered; null when it was. */
  readonly trouble: unknown;
  /** Takes in what comes after the last section. Never rejects. */
  more(): Promise<void>;
  /** Takes in photos of this section, so that those before `end` are here. Never rejects. */
  fill(section: number, end: number): Promise<void>;
}

/** How the box is asked. Each may reject. */
export interface Asking {
  days(after: string | null): Promise<GroupPageShape>;
  /** `gone`: aborted when nobody waits for the answer any more. */
  photos(filter: Filter, after: string | null, gone?: AbortSignal): Promise<PhotoPageShape>;
}

type Group = { readonly day: string } | { readonly camera: string } | { readonly card: string };

/** One thing at a time, and a part of a name in it or in all: that is how the box lists them. */
export type Filter = Group | ({ readonly find: string } & (Group | object));

/** Those that are not among the first ones: pages overlap when a backup adds photos between two questions. */
export function withoutKnown<One>(
  known: readonly One[],
  found: readonly One[],
  keyOf: (one: One) => string,
): One[] {
  const keys = new Set(known.map(keyOf));
  return found.filter((one) => !keys.has(keyOf(one)));
}

export const idOf = ({ id }: Photo): string => id;

/** Photos before the first one of this section, as far as sections are known. */
export function countBefore(sections: readonly Section[], section: number): number {
  return sections.slice(0, section).reduce((sum, { count }) => sum + count, 0);
}

export interface Spot {
  readonly section: number;
  /** Within the section. */
  readonly index: number;
}

/** Where the photo with this number is; null when there are not so many. */
export function spotOf(sections: readonly Section[], flat: number): Spot | null {
  let rest = flat;
  for (const [section, { count }] of sections.entries()) {
    if (rest < count) return rest < 0 ? null : { section, index: rest };
    rest -= count;
  }
  return null;
}

export const photoAt = (sections: readonly Section[], { section, index }: Spot): Photo | null =>
  sections[section]?.photos[index] ?? null;
