import { mediaKind } from '../../../services/library/media.ts';
import type { TextKey } from '../texts.ts';
import type { Loaded } from './thumbs.ts';

/** What is shown of one photo on the whole screen. */
export type SlideState =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'picture'; readonly url: string; readonly width: number; readonly height: number }
  /** Played from the original. */
  | { readonly kind: 'film' | 'sound' }
  | { readonly kind: 'words'; readonly text: TextKey; readonly retryMs: number | null };

export interface Size {
  readonly width: number;
  readonly height: number;
}

const WORDS = { none: 'viewPictureNone', away: 'viewPictureAway' } as const satisfies Record<string, TextKey>;
/** When the box does not answer at all. */
const LOST_RETRY_MS = 10_000;

/** What needs no picture of the box: the browser plays the original. */
export function playedSlide(name: string): SlideState | null {
  const kind = mediaKind(name);
  return kind === 'video' ? { kind: 'film' } : kind === 'audio' ? { kind: 'sound' } : null;
}

/** `size` of the picture that came; null: it came, and is none. */
export function slideOf(loaded: Loaded, size: Size | null): SlideState {
  if (loaded.kind === 'later') return { kind: 'words', text: 'viewPictureLater', retryMs: loaded.afterMs };
  if (loaded.kind !== 'ready') return { kind: 'words', text: WORDS[loaded.kind], retryMs: null };
  if (size === null) return { kind: 'words', text: WORDS.none, retryMs: null };
  return { kind: 'picture', url: loaded.url, ...size };
}

export const LOST_SLIDE: SlideState = { kind: 'words', text: 'photoLost', retryMs: LOST_RETRY_MS };

interface SlidesParts {
  readonly load: (id: string, signal: AbortSignal) => Promise<Loaded>;
  /** Null for what is no picture after all. */
  readonly sizeOf: (url: string) => Promise<Size | null>;
  readonly release: (url: string) => void;
  readonly setTimer: (ms: number, run: () => void) => () => void;
}

/** Before and after what is looked at; each is about half a megabyte. */
const MAX_KEPT = 12;

/** Pictures for the whole screen, while somebody looks at them. */
export class Slides {
  readonly #parts: SlidesParts;
  readonly #ending = new AbortController();
  /** Last asked for last. */
  readonly #states = new Map<string, SlideState>();
  readonly #timers = new Map<string, () => void>();

  constructor(parts: SlidesParts) {
    this.#parts = parts;
  }

  /** `changed` is called once when there is something else to show. */
  get({ id, name }: { readonly id: string; readonly name: string }, changed: () => void): SlideState {
    const played = playedSlide(name);
    if (played !== null) return played;
    const known = this.#states.get(id);
    if (known !== undefined) {
      this.#states.delete(id);
      this.#states.set(id, known);
      return known;
    }
    this.#put(id, { kind: 'waiting' });
    void this.#load(id, changed);
    return { kind: 'waiting' };
  }

  /** Lets go of everything. */
  stop(): void {
    this.#ending.abort();
    for (const disarm of this.#timers.values()) disarm();
    for (const state of this.#states.values()) this.#release(state);
    this.#states.clear();
  }

  async #load(id: string, changed: () => void): Promise<void> {
    const state = await this.#ask(id).catch(() => LOST_SLIDE);
    if (this.#ending.signal.aborted || !this.#states.has(id)) return this.#release(state);
    this.#put(id, state);
    if (state.kind === 'words' && state.retryMs !== null) this.#retry(id, state.retryMs, changed);
    changed();
  }

  async #ask(id: string): Promise<SlideState> {
    const loaded = await this.#parts.load(id, this.#ending.signal);
    const size = loaded.kind === 'ready' ? await this.#parts.sizeOf(loaded.url) : null;
    if (loaded.kind === 'ready' && size === null) this.#parts.release(loaded.url);
    return slideOf(loaded, size);
  }

  #retry(id: string, ms: number, changed: () => void): void {
    this.#timers.get(id)?.();
    const disarm = this.#parts.setTimer(ms, () => {
      this.#timers.delete(id);
      if (this.#states.has(id)) void this.#load(id, changed);
    });
    this.#timers.set(id, disarm);
  }

  #put(id: string, state: SlideState): void {
    const before = this.#states.get(id);
    if (before !== undefined && before !== state) this.#release(before);
    this.#states.delete(id);
    this.#states.set(id, state);
    const [oldest] = this.#states;
    if (oldest === undefined || this.#states.size <= MAX_KEPT) return;
    this.#states.delete(oldest[0]);
    this.#release(oldest[1]);
  }

  #release(state: SlideState): void {
    if (state.kind === 'picture') this.#parts.release(state.url);
  }
}
