import { effect, signal } from '@preact/signals';
import { keep, kept } from './keep.ts';
import type { TextKey } from './texts.ts';
import { LANGUAGES, type Language, translate, type Values } from './translate.ts';

const ofBrowser = (): Language => (navigator.language.startsWith('de') ? 'de' : 'en');

export const language = signal<Language>(kept('language', LANGUAGES) ?? ofBrowser());

effect(() => {
  document.documentElement.lang = language.value;
});

export function speak(next: Language): void {
  language.value = next;
  keep('language', next);
}

/** The text in the language of now; a part that calls it is drawn anew when that changes. */
export const t = (key: TextKey, values: Values = {}): string => translate(language.value, key, values);
