import { houseOf, plainOf } from '../network/place.ts';
import type { Clock } from '../ports.ts';

/** Asks that were refused are held against their address for so long. */
const WINDOW_MS = 60_000;
/** Somebody who mistypes a code twice is still let in. */
const MAX_PER_ADDRESS = 3;
/**
 * From one /64 of IPv6: more than one machine has, so that a stranger in the house keeps nobody else out, and fewer than the
 * five that close a code (`MAX_WRONG`).
 */
const MAX_PER_NETWORK = 4;
/** From everywhere: whoever has many addresses gets no further than this, nor does the list grow longer. */
const MAX_IN_ALL = 30;

/** Who asked in vain during the last minute. */
export class Guesses {
  readonly #clock: Pick<Clock, 'monoMs'>;
  #refused: readonly {
    readonly from: string;
    readonly house: string | null;
    readonly atMs: number;
  }[] = [];

  constructor(clock: Pick<Clock, 'monoMs'>) {
    this.#clock = clock;
  }

  /** How long this address has to wait before it may ask again, in ms; 0 when it may now. */
  waitMs(address: string): number {
    this.#forgetOld();
    const [from, house] = [plainOf(address), houseOf(address)];
    const own = this.#refused.filter((entry) => entry.from === from);
    const beside = this.#refused.filter((entry) => house !== null && entry.house === house);
    return Math.max(
      this.#untilFewer(own, MAX_PER_ADDRESS),
      this.#untilFewer(beside, MAX_PER_NETWORK),
      this.#untilFewer(this.#refused, MAX_IN_ALL),
    );
  }

  /** Also for one that has to wait: who goes on asking goes on waiting. */
  refuse(address: string): void {
    this.#forgetOld();
    const entry = { from: plainOf(address), house: houseOf(address), atMs: this.#clock.monoMs() };
    // The newest few of each address are kept: one that never stops must not count for everybody.
    const own = this.#refused.filter(({ from }) => from === entry.from);
    const superfluous = own.length < MAX_PER_ADDRESS ? undefined : own[0];
    const others = this.#refused.filter((one) => one !== superfluous);
    this.#refused = [...others, entry].slice(-MAX_IN_ALL);
  }

  /** How many are kept. */
  get size(): number {
    return this.#refused.length;
  }

  clear(): void {
    this.#refused = [];
  }

  #untilFewer(entries: readonly { readonly atMs: number }[], most: number): number {
    const last = entries.at(-most);
    return last === undefined ? 0 : last.atMs + WINDOW_MS - this.#clock.monoMs();
  }

  #forgetOld(): void {
    const oldestMs = this.#clock.monoMs() - WINDOW_MS;
    this.#refused = this.#refused.filter(({ atMs }) => atMs > oldestMs);
  }
}
