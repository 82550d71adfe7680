import { Buffer } from 'node:buffer';
import { timingSafeEqual } from 'node:crypto';
import type { DeviceRole } from '../../machines/facts.ts';
import type { Clock } from '../ports.ts';
import type { Device } from './book.ts';
import { EarlyBirds } from './early-birds.ts';
import { Guesses } from './guesses.ts';
import type { Secrets } from './ports.ts';

/** `imagetank pair`: long enough to find the phone. */
export const CODE_MS = 300_000;
/** Three presses: whoever pressed has the phone in the other hand, and nobody else may be quicker. */
export const BUTTON_MS = 120_000;
/** Of 1,000,000 codes: the chance of a stranger at each opening is 1 in 200,000. */
export const MAX_WRONG = 5;

/**
 * - `expired`: nobody came in time
 * - `replaced`: somebody opened another one
 * - `guessed`: five wrong codes
 * - `ended`: who had opened it gave up, or imagetank stops
 */
export type Closed = 'expired' | 'replaced' | 'guessed' | 'ended';
export type PairingEnd = { readonly paired: Device } | { readonly closed: Closed };

/** One chance to come in: for one device, once. */
export interface Opening {
  /** Null when the button opened it: the first device that asks comes in. */
  readonly code: string | null;
  readonly role: DeviceRole;
  /** What the device will be called; null: as it says itself. */
  readonly name: string | null;
  readonly untilMs: number;
  /** Told once. */
  readonly onEnd: (end: PairingEnd) => void;
}

export interface Ask {
  readonly code: string | null;
  /** IP address of who asks. */
  readonly address: string;
}

export type Verdict =
  | { readonly type: 'accepted'; readonly opening: Opening }
  | { readonly type: 'refused'; readonly why: 'not-open' | 'wrong-code' | 'too-early' }
  | { readonly type: 'too-many'; readonly retryAfterMs: number };

/** The door: closed, or open for one device. What decides is time since boot: setting the clock opens and closes nothing. */
export class Pairing {
  readonly #clock: Pick<Clock, 'monoMs' | 'setTimer'>;
  readonly #secrets: Pick<Secrets, 'code'>;
  readonly #guesses: Guesses;
  readonly #early: EarlyBirds;
  #opening: Opening | null = null;
  #wrong = 0;
  #disarm: () => void = () => undefined;

  constructor(clock: Pick<Clock, 'monoMs' | 'setTimer'>, secrets: Pick<Secrets, 'code'>) {
    this.#clock = clock;
    this.#secrets = secrets;
    this.#guesses = new Guesses(clock);
    this.#early = new EarlyBirds(clock);
  }

  /** A new code, valid once and for five minutes; what was open before is closed. */
  openWithCode({ role, name, onEnd }: Pick<Opening, 'role' | 'name' | 'onEnd'>): Opening & {
    readonly code: string;
  } {
    const code = this.#secrets.code();
    // Whoever tried before knows nothing of this code, and must not keep its owner out.
    this.#guesses.clear();
    const opening = { code, role, name, untilMs: this.#clock.monoMs() + CODE_MS, onEnd };
    this.#replace(opening);
    return opening;
  }

  /**
   * For two minutes, whatever others have guessed. Who has asked in vain lately does not come in by it: a stranger who
   * asks again and again, however patiently, is not the first.
   */
  openByButton(): void {
    const untilMs = this.#clock.monoMs() + BUTTON_MS;
    this.#replace({ code: null, role: 'owner', name: null, untilMs, onEnd: () => undefined });
  }

  /** An accepted ask has taken the opening: nobody else comes in by it. */
  ask(ask: Ask): Verdict {
    const opening = this.#open();
    const verdict =
      opening !== null && opening.code === null && ask.code === null
        ? this.#askByButton(opening, ask)
        : this.#askByCode(opening, ask);
    if (verdict.type !== 'accepted') this.#early.refuse(ask.address);
    return verdict;
  }

  /** The device did not come in after all: the opening is as it was, unless there is another by now or its time is over. */
  giveBack(opening: Opening): void {
    if (this.#opening !== null) opening.onEnd({ closed: 'replaced' });
    else if (opening.untilMs <= this.#clock.monoMs()) opening.onEnd({ closed: 'expired' });
    else this.#arm(opening);
  }

  /** Closes this one, or whichever is open; nothing happens when it is not open any more. */
  close(why: Closed, which = this.#opening): void {
    if (which === null || which !== this.#opening) return;
    this.#clear();
    which.onEnd({ closed: why });
  }

  #askByButton(opening: Opening, { address }: Ask): Verdict {
    if (this.#early.has(address)) return { type: 'refused', why: 'too-early' };
    this.#clear();
    return { type: 'accepted', opening };
  }

  #askByCode(opening: Opening | null, { code, address }: Ask): Verdict {
    const retryAfterMs = this.#guesses.waitMs(address);
    if (retryAfterMs > 0) {
      this.#guesses.refuse(address);
      return { type: 'too-many', retryAfterMs };
    }
    if (opening !== null && isSame(opening.code, code)) {
      this.#clear();
      return { type: 'accepted', opening };
    }
    this.#guesses.refuse(address);
    if (opening === null) return { type: 'refused', why: 'not-open' };
    if (opening.code !== null && code !== null) this.#countWrong(opening);
    return { type: 'refused', why: 'wrong-code' };
  }

  /** A timer may be late: the time counts. */
  #open(): Opening | null {
    if (this.#opening !== null && this.#opening.untilMs <= this.#clock.monoMs()) this.close('expired');
    return this.#opening;
  }

  #replace(opening: Opening): void {
    this.close('replaced');
    this.#wrong = 0;
    this.#arm(opening);
  }

  #arm(opening: Opening): void {
    this.#opening = opening;
    const leftMs = opening.untilMs - this.#clock.monoMs();
    this.#disarm = this.#clock.setTimer(leftMs, () => this.close('expired', opening));
  }

  #clear(): void {
    this.#opening = null;
    this.#disarm();
  }

  #countWrong(opening: Opening): void {
    this.#wrong += 1;
    if (this.#wrong >= MAX_WRONG) this.close('guessed', opening);
  }
}

/** Takes as long whichever digit is wrong. */
function isSame(expected: string | null, given: string | null): boolean {
  if (expected === null || given === null) return false;
  const [one, other] = [Buffer.from(expected), Buffer.from(given)];
  return one.length === other.length && timingSafeEqual(one, other);
}
