import { ask, PATIENCE_MS, send } from '../api.ts';
import { Refusal } from '../refusal.ts';
import type { Asking } from './shelf.ts';
import type { Loaded } from './thumbs.ts';

/** The first answer is small, so that something is seen soon. */
const FIRST_DAYS = 60;
const DAYS = 500;
const PHOTOS = 200;
/** When the box says "later" but not when. */
const LATER_SECONDS = 30;

const query = (words: Readonly<Record<string, string | number | null>>): string =>
  new URLSearchParams(
    Object.entries(words).flatMap(([key, word]) => (word === null ? [] : [[key, String(word)]])),
  ).toString();

export const asking: Asking = {
  days: (after) => ask(`/photos/by/day?${query({ after, limit: after === null ? FIRST_DAYS : DAYS })}`),
  photos: (filter, after, gone) =>
    ask(
      `/photos?${query({ ...filter, after, limit: PHOTOS })}`,
      gone === undefined ? {} : { signal: either(gone, AbortSignal.timeout(PATIENCE_MS)) },
    ),
};

/** `AbortSignal.any` is younger than the phones that we serve. */
function either(...signals: readonly AbortSignal[]): AbortSignal {
  const both = new AbortController();
  for (const signal of signals) {
    if (signal.aborted) both.abort(signal.reason);
    signal.addEventListener('abort', () => both.abort(signal.reason), { once: true });
  }
  return both.signal;
}

export const pathOf = (id: string, what: 'thumb' | 'preview' | 'original' | 'original?download'): string =>
  `/api/v1/photos/${encodeURIComponent(id)}/${what}`;

/** A small picture as a `blob:` address, or why there is none. Rejects when the box does not answer. */
export async function loadPicture(
  id: string,
  size: 'thumb' | 'preview',
  signal: AbortSignal,
): Promise<Loaded> {
  try {
    const response = await send(`/photos/${encodeURIComponent(id)}/${size}`, { signal }, 'image/jpeg');
    return { kind: 'ready', url: URL.createObjectURL(await response.blob()) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return refused(error);
  }
}

function refused(refusal: Refusal): Loaded {
  if (refusal.status === 503 || refusal.status === 429) {
    return { kind: 'later', afterMs: (refusal.retryAfterSeconds ?? LATER_SECONDS) * 1000 };
  }
  if (refusal.status === 404) return { kind: refusal.code === 'photo-away' ? 'away' : 'none' };
  throw refusal;
}
