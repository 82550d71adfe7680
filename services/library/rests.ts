import type { Clock } from '../ports.ts';

/** Lights have to be in time to 10 ms, also with a piece of a search that takes longer than it should. */
const WORK_MS = 2;
const REST_MS = 2;
/** A tenth of one processor at most, so that a copy is not slower for a search. */
const COPYING_REST_MS = 18;

/** When long work on the event loop lets others have it. */
export interface Rests {
  begin(): void;
  /** Called often; waits when it is time. */
  rest(): Promise<void>;
}

/** Where nothing else is done. */
export const NO_RESTS: Rests = { begin: () => undefined, rest: () => Promise.resolve() };

export class TimedRests implements Rests {
  readonly #clock: Pick<Clock, 'monoMs' | 'setTimer'>;
  readonly #isBusy: () => boolean;
  #beganMs = 0;

  constructor(clock: Pick<Clock, 'monoMs' | 'setTimer'>, isBusy: () => boolean) {
    this.#clock = clock;
    this.#isBusy = isBusy;
  }

  begin(): void {
    this.#beganMs = this.#clock.monoMs();
  }

  async rest(): Promise<void> {
    if (this.#clock.monoMs() - this.#beganMs < WORK_MS) return;
    const restMs = this.#isBusy() ? COPYING_REST_MS : REST_MS;
    await new Promise<void>((resolve) => this.#clock.setTimer(restMs, resolve));
    this.begin();
  }
}
