import { messageOf, UserError } from '../errors.ts';
import type { Clock } from '../ports.ts';
import type { Problem } from '../shapes.ts';

/** The program that holds a port may be one that is just ending. */
const FIRST_RETRY_MS = 5000;
/** As often as certificate files are looked at: what was mended is served before the tea is ready. */
const MAX_RETRY_MS = 60_000;

export interface OpeningParts {
  /** Opens the way in from the network, or throws and leaves nothing open. */
  readonly open: () => Promise<void>;
  readonly clock: Pick<Clock, 'setTimer' | 'stamp'>;
  readonly warn: (text: string) => void;
  readonly info: (text: string) => void;
}

/**
 * The way in from the network. A certificate or a port that cannot be used keeps nobody from backing up: the network is
 * closed, that is a problem of the status, and it is tried again, after 5 s, then less and less often, once a minute at least.
 */
export class Opening {
  readonly #parts: OpeningParts;
  #retryMs = FIRST_RETRY_MS;
  #problem: Problem | null = null;
  #disarm: () => void = () => undefined;
  #stopped = false;

  constructor(parts: OpeningParts) {
    this.#parts = parts;
  }

  /** Why the network is closed; none while it is open. */
  get problems(): readonly Problem[] {
    return this.#problem === null ? [] : [this.#problem];
  }

  /** Resolves after the first attempt; never rejects. */
  async start(): Promise<void> {
    if (this.#stopped) return;
    const { open, clock, info } = this.#parts;
    try {
      await open();
      if (this.#problem !== null) info('the network is open');
      this.#problem = null;
    } catch (error) {
      this.#closed(error);
      if (this.#stopped) return;
      this.#disarm = clock.setTimer(this.#retryMs, () => void this.start());
      this.#retryMs = Math.min(this.#retryMs * 2, MAX_RETRY_MS);
    }
  }

  /** Nothing is tried any more. Safe twice and before `start`. */
  stop(): void {
    this.#stopped = true;
    this.#disarm();
  }

  /** The same trouble is said once, and has lasted since then. */
  #closed(error: unknown): void {
    const hint = error instanceof UserError ? `; ${error.hint}` : '';
    const message = `the network is closed: ${messageOf(error)}${hint}`;
    if (message === this.#problem?.message) return;
    const since = this.#problem?.since ?? this.#parts.clock.stamp().at;
    this.#problem = { code: 'network', blinks: 0, message, since };
    this.#parts.warn(`${message}; backups go on, and it is tried again`);
  }
}
