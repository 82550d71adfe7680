import type { TimerName } from '../../machines/facts.ts';
import type { Clock } from '../ports.ts';

/** The chart's delays on a real clock: when time is up, that is reported, and the fact decides. */
export class Timers {
  readonly #clock: Clock;
  readonly #elapsed: (timer: TimerName) => void;
  readonly #armed = new Map<TimerName, () => void>();

  constructor(clock: Clock, elapsed: (timer: TimerName) => void) {
    this.#clock = clock;
    this.#elapsed = elapsed;
  }

  arm(timer: TimerName, delayMs: number): void {
    this.disarm(timer);
    const cancel = this.#clock.setTimer(delayMs, () => {
      this.#armed.delete(timer);
      this.#elapsed(timer);
    });
    this.#armed.set(timer, cancel);
  }

  disarm(timer: TimerName): void {
    this.#armed.get(timer)?.();
    this.#armed.delete(timer);
  }

  stop(): void {
    for (const timer of [...this.#armed.keys()]) this.disarm(timer);
  }
}
