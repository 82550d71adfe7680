import { placeOf } from '../network/place.ts';
import type { Clock } from '../ports.ts';

/** Longer than anybody looks for the button. */
const WINDOW_MS = 600_000;
/** Whoever has more places than this has a new one for each ask. */
const MAX_PLACES = 1024;

/** Places that asked to come in, in vain, during the last ten minutes. */
export class EarlyBirds {
  readonly #clock: Pick<Clock, 'monoMs'>;
  /** When each asked last; oldest first. */
  readonly #atMs = new Map<string, number>();

  constructor(clock: Pick<Clock, 'monoMs'>) {
    this.#clock = clock;
  }

  has(address: string): boolean {
    const atMs = this.#atMs.get(placeOf(address));
    return atMs !== undefined && atMs > this.#clock.monoMs() - WINDOW_MS;
  }

  /** Also one that was refused before: who goes on asking goes on waiting. */
  refuse(address: string): void {
    const place = placeOf(address);
    this.#atMs.delete(place);
    this.#atMs.set(place, this.#clock.monoMs());
    const [oldest] = this.#atMs.keys();
    if (this.#atMs.size > MAX_PLACES && oldest !== undefined) this.#atMs.delete(oldest);
  }

  /** How many are kept. */
  get size(): number {
    return this.#atMs.size;
  }
}
