import type { Clock, Stamp } from '../../services/ports.ts';

interface Timer {
  readonly dueMs: number;
  readonly order: number;
  readonly run: () => void;
}

export interface VirtualClockOptions {
  /** Wall time at the beginning, ISO 8601 UTC. Default `2026-11-21T00:00:00.000Z`. */
  readonly startAt?: string;
  /** Milliseconds since boot at the beginning. Default 12,345.678: reading it must not depend on a round number. */
  readonly startMs?: number;
  /** How late a timer fires, as on a busy event loop. Default 0. */
  readonly lateMs?: () => number;
}

/** A clock that stands still until it is told to go on, so that no test sleeps. */
export class VirtualClock implements Clock {
  #startAtMs: number;
  readonly #startMs: number;
  readonly #lateMs: () => number;
  readonly #timers = new Set<Timer>();
  #nowMs: number;
  #order = 0;
  /** Lateness of the timer that runs now. */
  latenessMs = 0;
  fired = 0;
  /** Whether the wall time can be trusted. */
  trust: Stamp['clock'] = 'synced';

  constructor({
    startAt = '2026-11-21T00:00:00.000Z',
    startMs = 12_345.678,
    lateMs = () => 0,
  }: VirtualClockOptions = {}) {
    this.#startAtMs = Date.parse(startAt);
    this.#startMs = startMs;
    this.#nowMs = startMs;
    this.#lateMs = lateMs;
  }

  stamp(): Stamp {
    const at = new Date(this.#startAtMs + this.#nowMs - this.#startMs).toISOString();
    return { at, clock: this.trust, monoMs: this.#nowMs, bootId: 'test-boot' };
  }

  monoMs(): number {
    return this.#nowMs;
  }

  /** Somebody sets the wall clock, forward or back; the time since boot goes on as it was. */
  setWall(byMs: number): void {
    this.#startAtMs += byMs;
  }

  /** How many timers wait. */
  get armed(): number {
    return this.#timers.size;
  }

  setTimer(delayMs: number, run: () => void): () => void {
    const lateMs = this.#lateMs();
    const timer = {
      dueMs: this.#nowMs + delayMs + lateMs,
      order: this.#order++,
      run: () => {
        this.latenessMs = lateMs;
        run();
      },
    };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Runs every timer that is due within the next `ms` in order of time, those included that such a timer arms. */
  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (let next = this.#next(); next !== undefined && next.dueMs <= endMs; next = this.#next()) {
      this.#timers.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      this.fired++;
      next.run();
    }
    this.#nowMs = endMs;
  }

  /** The processor was held up: time passes, and what was due in it runs afterwards. */
  stall(ms: number): void {
    this.#nowMs += ms;
    this.advance(0);
  }

  #next(): Timer | undefined {
    return [...this.#timers].toSorted((one, other) => one.dueMs - other.dueMs || one.order - other.order)[0];
  }
}
