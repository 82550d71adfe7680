/** What the box answers when it is asked for a small picture. `url` is to be released when nobody looks any more. */
export type Loaded =
  | { readonly kind: 'ready'; readonly url: string }
  /** Nothing can make one; or no drive with the photo is attached. */
  | { readonly kind: 'none' | 'away' }
  | { readonly kind: 'later'; readonly afterMs: number };

export type ThumbState = { readonly kind: 'ready'; readonly url: string } | { readonly kind: Unready };
type Unready = 'waiting' | 'none' | 'away' | 'later' | 'lost';

export interface ThumbParts {
  /** Rejects when the box does not answer, and when `signal` is aborted. */
  readonly load: (id: string, signal: AbortSignal) => Promise<Loaded>;
  readonly release: (url: string) => void;
  /** Returns what cancels it. */
  readonly setTimer: (ms: number, run: () => void) => () => void;
  /**
   * Default 4: a browser has six connections to one host (HTTP/1.1), events hold one, and the next page of photos must not
   * wait behind pictures; the box makes one after the other anyway.
   */
  readonly atOnce?: number;
  /** Pictures that are kept when nobody looks; default 400, at about 15 kB. */
  readonly kept?: number;
}

interface Wanted {
  state: ThumbState;
  readonly listeners: Set<(state: ThumbState) => void>;
  loading: AbortController | null;
}

/** What a thumb flings past is gone again after that, and not worth a question. */
const SETTLE_MS = 60;
/** When the box did not answer at all. */
const LOST_MS = 10_000;
const SOONEST_MS = 5_000;

/** Small pictures of what is in view: a few at once, given up when they leave it, asked for again when the box says so. */
export class Thumbs {
  readonly #parts: ThumbParts;
  readonly #wanted = new Map<string, Wanted>();
  /** Oldest use first. */
  readonly #kept = new Map<string, string>();
  #loading = 0;
  #disarm: (() => void) | null = null;
  #isSettling = false;

  constructor(parts: ThumbParts) {
    this.#parts = parts;
  }

  /** Tells the state at once and whenever it changes. Returns what ends it. */
  watch(id: string, listener: (state: ThumbState) => void): () => void {
    const wanted = this.#wanted.get(id) ?? this.#begin(id);
    wanted.listeners.add(listener);
    listener(wanted.state);
    this.#settle();
    return () => {
      wanted.listeners.delete(listener);
      if (wanted.listeners.size === 0 && this.#wanted.get(id) === wanted) this.#end(id, wanted);
    };
  }

  /** Lets go of every picture, also of those that are looked at: nobody may see them any more. */
  clear(): void {
    for (const url of this.#kept.values()) this.#parts.release(url);
    this.#kept.clear();
    for (const { state, loading } of this.#wanted.values()) {
      loading?.abort();
      if (state.kind === 'ready') this.#parts.release(state.url);
    }
    this.#wanted.clear();
    this.#disarm?.();
    this.#disarm = null;
  }

  #settle(): void {
    if (this.#isSettling) return;
    this.#isSettling = true;
    this.#parts.setTimer(SETTLE_MS, () => {
      this.#isSettling = false;
      this.#next();
    });
  }

  #begin(id: string): Wanted {
    const url = this.#kept.get(id);
    this.#kept.delete(id);
    const state: ThumbState = url === undefined ? { kind: 'waiting' } : { kind: 'ready', url };
    const wanted: Wanted = { state, listeners: new Set(), loading: null };
    this.#wanted.set(id, wanted);
    return wanted;
  }

  #end(id: string, { state, loading }: Wanted): void {
    this.#wanted.delete(id);
    loading?.abort();
    if (state.kind === 'ready') this.#keep(id, state.url);
    if (this.#wanted.size > 0) return;
    this.#disarm?.();
    this.#disarm = null;
  }

  #keep(id: string, url: string): void {
    this.#kept.set(id, url);
    const [oldest] = this.#kept;
    if (oldest === undefined || this.#kept.size <= (this.#parts.kept ?? 400)) return;
    this.#kept.delete(oldest[0]);
    this.#parts.release(oldest[1]);
  }

  #next(): void {
    for (const [id, wanted] of this.#wanted) {
      if (this.#loading >= (this.#parts.atOnce ?? 4)) return;
      if (wanted.state.kind === 'waiting' && wanted.loading === null) void this.#load(id, wanted);
    }
  }

  async #load(id: string, wanted: Wanted): Promise<void> {
    const loading = new AbortController();
    wanted.loading = loading;
    this.#loading += 1;
    const answer = await this.#parts.load(id, loading.signal).catch(() => 'lost' as const);
    this.#loading -= 1;
    wanted.loading = null;
    if (this.#wanted.get(id) === wanted) this.#take(wanted, answer);
    else if (answer !== 'lost' && answer.kind === 'ready') this.#parts.release(answer.url);
    this.#next();
  }

  #take(wanted: Wanted, answer: Loaded | 'lost'): void {
    if (answer === 'lost') this.#arm(LOST_MS);
    else if (answer.kind === 'later') this.#arm(answer.afterMs);
    wanted.state =
      answer === 'lost' ? { kind: 'lost' } : answer.kind === 'ready' ? answer : { kind: answer.kind };
    for (const listener of wanted.listeners) listener(wanted.state);
  }

  /** One timer for all that have to wait: what is still in view is asked for again together, and a few at once. */
  #arm(ms: number): void {
    this.#disarm ??= this.#parts.setTimer(Math.max(ms, SOONEST_MS), () => {
      this.#disarm = null;
      for (const wanted of this.#wanted.values()) {
        const { kind } = wanted.state;
        // What it shows stays until there is something new to show.
        if (kind === 'later' || kind === 'lost') wanted.state = { kind: 'waiting' };
      }
      this.#next();
    });
  }
}
