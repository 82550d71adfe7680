import { Refusal } from '../refusal.ts';
import type { TextKey } from '../texts.ts';

export interface Trouble {
  /** Null: the words of the server, or that it does not answer. */
  readonly key: TextKey | null;
  readonly message: string | null;
  /** Until then nothing is let in. */
  readonly lockedForSeconds: number;
}

const KEYS: Readonly<Record<string, TextKey>> = {
  'wrong-code': 'pair.wrong-code',
  'no-pairing': 'pair.no-pairing',
  'too-many-guesses': 'pair.too-many-guesses',
  'asked-too-early': 'pair.asked-too-early',
  'too-many-devices': 'pair.too-many-devices',
};
/** As long as the box counts guesses, should it not say. */
const LOCKED_SECONDS = 60;

export function troubleOf(error: unknown): Trouble {
  if (!(error instanceof Refusal)) return { key: 'noAnswer', message: null, lockedForSeconds: 0 };
  const lockedForSeconds =
    error.code === 'too-many-guesses' ? (error.retryAfterSeconds ?? LOCKED_SECONDS) : 0;
  return { key: KEYS[error.code] ?? null, message: error.message, lockedForSeconds };
}
