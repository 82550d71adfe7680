import type { Clock, Stamp } from '../../services/ports.ts';

interface Timer {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** A clock that stands still until it is told to go on. `lateMs` makes each timer late, as a busy event loop does. */
export class VirtualClock implements Clock {
  #nowMs: number;
  #order = 0;
  readonly #timers = new Set<Timer>();
  readonly #lateMs: () => number;
  /** Lateness of the timer that runs now. */
  latenessMs = 0;
  fired = 0;

  constructor({ startMs = 12_345.678, lateMs = () => 0 }: { startMs?: number; lateMs?: () => number } = {}) {
    this.#nowMs = startMs;
    this.#lateMs = lateMs;
  }

  stamp(): Stamp {
    return { at: '2026-11-21T00:00:00.000Z', clock: 'unsynced', monoMs: this.#nowMs, bootId: 'test' };
  }

  monoMs(): number {
    return this.#nowMs;
  }

  get armed(): number {
    return this.#timers.size;
  }

  setTimer(delayMs: number, run: () => void): () => void {
    const lateMs = this.#lateMs();
    const timer = {
      atMs: this.#nowMs + delayMs + lateMs,
      order: this.#order++,
      run: () => {
        this.latenessMs = lateMs;
        run();
      },
    };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Runs every timer that is due within the next `ms`, in order of time. */
  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (;;) {
      const [next] = [...this.#timers].toSorted((a, b) => a.atMs - b.atMs || a.order - b.order);
      if (next === undefined || next.atMs > endMs) break;
      this.#timers.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
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
}

/** Random numbers in [0, 1) that are the same in every run (mulberry32, public domain). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
