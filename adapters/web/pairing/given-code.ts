import { signal } from '@preact/signals';
import { codeIn } from './code.ts';

/** The code that a QR code brought along; it is used once. */
export const givenCode = signal<string | null>(null);

/** Takes it out of the address: it must not stay in the history, nor be sent on with a bookmark. */
export function takeCode(): void {
  const code = codeIn(location.hash);
  if (code === null) return;
  history.replaceState(null, '', location.pathname);
  givenCode.value = code;
}
