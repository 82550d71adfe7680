import { TEXTS, type TextKey } from './texts.ts';

export const LANGUAGES = ['en', 'de'] as const;
export type Language = (typeof LANGUAGES)[number];

export type Values = Readonly<Record<string, string | number>>;

/** `{name}` stands for a value, numbers as the language writes them; `{name:one|other}` for a word that follows its number. */
export function translate(language: Language, key: TextKey, values: Values = {}): string {
  return fill(TEXTS[key][language], language, values);
}

function fill(text: string, language: Language, values: Values): string {
  return text.replace(
    /\{(\w+)(?::([^|}]*)\|([^}]*))?\}/g,
    (whole, name: string, one?: string, other?: string) => {
      const value = values[name];
      if (value === undefined) return whole;
      if (one === undefined || other === undefined) return shown(value, language);
      return new Intl.PluralRules(language).select(Number(value)) === 'one' ? one : other;
    },
  );
}

const shown = (value: string | number, language: Language): string =>
  typeof value === 'number' ? new Intl.NumberFormat(language).format(value) : value;
