import { placeOf } from '../../services/network/place.ts';
import type { Clock } from '../../services/ports.ts';
import { WaitingLines } from './waiting-lines.ts';

/** Measured: at 200 a second a backup is not slower, at 2,800 it takes three times as long (`npm run bench -- --network`). */
const PER_SECOND = 200;
/** A page with its files, at once: 8 ms of the event loop, so that a light is not late. */
const BURST = 16;
/** Connections are bounded elsewhere; who sends many requests over one without waiting for answers is not a browser. */
const MAX_WAITING = 256;
/** While devices wait, every so manieth turn is a stranger's: one of them may be about to pair. */
const STRANGERS_TURN = 4;

export interface PaceOptions {
  readonly perSecond?: number;
  readonly burst?: number;
}

/** A request that asks for its turn. */
export interface Asker {
  /** As the socket has it. */
  readonly address: string;
  /** Id of the device whose token it shows; null for a stranger. Asked for only when it has to wait. */
  readonly device: () => string | null;
  readonly run: () => void;
  /** Too many wait: it never runs, and may ask again after so many seconds. */
  readonly refuse: (retryAfterSeconds: number) => void;
}

/**
 * Requests of the network wait for their turn, so that copies and lights have the event loop to themselves whatever is
 * asked. Each place, and each device, has a line of its own; devices come before strangers. When too many wait, the
 * newest of the longest line is refused, strangers first: nobody can fill the room for others.
 */
export class Pace {
  readonly #clock: Pick<Clock, 'monoMs' | 'setTimer'>;
  readonly #perMs: number;
  readonly #burst: number;
  readonly #devices = new WaitingLines<Asker>();
  readonly #strangers = new WaitingLines<Asker>();
  /** Turns of devices since a stranger had one, while one waited. */
  #passedOver = 0;
  #tokens: number;
  #filledMs = 0;
  #disarm: (() => void) | null = null;

  constructor(
    clock: Pick<Clock, 'monoMs' | 'setTimer'>,
    { perSecond = PER_SECOND, burst = BURST }: PaceOptions = {},
  ) {
    this.#clock = clock;
    this.#perMs = perSecond / 1000;
    this.#burst = burst;
    this.#tokens = burst;
  }

  /** How many wait. */
  get waiting(): number {
    return this.#devices.size + this.#strangers.size;
  }

  /** Runs it now or when its turn comes. Call what is returned when its connection is gone: it then costs no turn. */
  admit(asker: Asker): () => void {
    if (this.waiting === 0 && this.#take()) {
      asker.run();
      return () => undefined;
    }
    const device = asker.device();
    const lines = device === null ? this.#strangers : this.#devices;
    const line = device ?? placeOf(asker.address);
    lines.add(line, asker);
    if (this.waiting > MAX_WAITING) this.#refuseOne();
    this.#arm();
    return () => void lines.remove(line, asker);
  }

  /** Who waits is forgotten. */
  stop(): void {
    this.#disarm?.();
    this.#disarm = null;
    this.#devices.clear();
    this.#strangers.clear();
  }

  #refuseOne(): void {
    const one = this.#strangers.dropNewest() ?? this.#devices.dropNewest();
    one?.refuse(Math.ceil(MAX_WAITING / this.#perMs / 1000));
  }

  #arm(): void {
    if (this.#disarm !== null || this.waiting === 0) return;
    const missing = Math.max(0, 1 - this.#tokens);
    this.#disarm = this.#clock.setTimer(Math.ceil(missing / this.#perMs), () => {
      this.#disarm = null;
      while (this.waiting > 0 && this.#take()) this.#next()?.run();
      this.#arm();
    });
  }

  #take(): boolean {
    const nowMs = this.#clock.monoMs();
    this.#tokens = Math.min(this.#burst, this.#tokens + (nowMs - this.#filledMs) * this.#perMs);
    this.#filledMs = nowMs;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  #next(): Asker | undefined {
    const isStrangersTurn = this.#devices.size === 0 || this.#passedOver >= STRANGERS_TURN - 1;
    if (isStrangersTurn && this.#strangers.size > 0) {
      this.#passedOver = 0;
      return this.#strangers.next();
    }
    this.#passedOver = this.#strangers.size === 0 ? 0 : this.#passedOver + 1;
    return this.#devices.next();
  }
}
