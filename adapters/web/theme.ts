import { effect, signal } from '@preact/signals';
import { keep, kept } from './keep.ts';

export const THEMES = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

export const theme = signal<Theme>(kept('theme', THEMES) ?? 'auto');

effect(() => {
  document.documentElement.dataset['theme'] = theme.value;
});

export function wear(next: Theme): void {
  theme.value = next;
  keep('theme', next);
}
