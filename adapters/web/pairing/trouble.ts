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

/** `by`: for a code the button may still be pressed; who asked by the button in vain is not let in by it for a while. */
export function troubleOf(error: unknown, by: 'code' | 'button'): Trouble {
  if (!(error instanceof Refusal)) return { key: 'noAnswer', message: null, lockedForSeconds: 0 };
  const lockedForSeconds =
    error.code === 'too-many-guesses' ? (error.retryAfterSeconds ?? LOCKED_SECONDS) : 0;
  const key = by === 'button' && error.code === 'no-pairing' ? 'pair.pressed-in-vain' : KEYS[error.code];
  return { key: key ?? null, message: error.message, lockedForSeconds };
}
