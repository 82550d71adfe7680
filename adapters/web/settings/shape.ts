/** Answer of `GET /settings`, and what `PATCH` takes some of. */
export interface Values {
  readonly layout: 'dated' | 'mirror' | 'numbered' | 'custom';
  readonly template: string;
  readonly copies: 'all' | number;
  readonly drives: readonly string[];
  readonly day_starts: string;
  readonly auto: 'dcim' | 'any' | 'known' | 'off';
}

export type Key = keyof Values;

export interface Settings {
  readonly settings: Values;
  /** Which file, variable or flag each comes from. */
  readonly sources: Readonly<Partial<Record<Key, string>>>;
  /** Set where the page cannot change it. */
  readonly locked: readonly string[];
  readonly restart: 'service' | 'by-hand';
  readonly pending: boolean;
}

export const LAYOUTS = ['dated', 'mirror', 'numbered', 'custom'] as const;
export const AUTOS = ['dcim', 'any', 'known', 'off'] as const;
/** As the configuration takes (`services/config/schema.ts`). */
export const COPIES = ['all', '1', '2', '3', '4', '5', '6', '7', '8'] as const;
export type CopiesWord = (typeof COPIES)[number];

export const copiesOf = (word: CopiesWord): Values['copies'] => (word === 'all' ? 'all' : Number(word));
export const copiesWord = (copies: Values['copies']): CopiesWord =>
  COPIES.find((word) => word === String(copies)) ?? 'all';

/** A line each; blank ones and blanks around them are slips of the thumb. */
export const linesOf = (text: string): readonly string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

/**
 * What differs: settings that somebody else changed meanwhile are left alone. A template goes with the layout `custom` alone,
 * and what is not shown must not keep anything from being saved.
 */
export function changesOf(before: Values, edited: Values): Partial<Values> {
  const after = edited.layout === 'custom' ? edited : { ...edited, template: '' };
  const keys = (Object.keys(after) as Key[]).filter(
    (key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]),
  );
  return Object.fromEntries(keys.map((key) => [key, after[key]]));
}
