import type { LedPattern, ThreeLeds } from '../../machines/signals.ts';
import type { Clock } from '../ports.ts';
import { levelAt, type Rhythm, rhythmOf } from './pattern.ts';

/** Green first: when it must go, it goes before anything else is lit. */
export const LED_COLORS = ['green', 'amber', 'red'] as const;
export type LedColor = (typeof LED_COLORS)[number];

/** Where the levels go. `set` is called for changes only and must not throw: it runs in a timer. */
export interface LedOutput {
  set(led: LedColor, on: boolean): void;
}

/** Half the grain of a Node timer: one that fires this early counts as being on time. */
const EARLY_MS = 0.5;

/** Turns the patterns of three LEDs into levels over time. After `stop()` all LEDs are off and stay off. */
export class LedRenderer {
  readonly #channels: readonly (readonly [LedColor, LedChannel])[];
  #stopped = false;

  constructor(output: LedOutput, clock: Clock) {
    this.#channels = LED_COLORS.map((color) => [color, new LedChannel((on) => output.set(color, on), clock)]);
  }

  show(leds: ThreeLeds): void {
    if (this.#stopped) return;
    for (const [color, channel] of this.#channels) channel.show(leds[color]);
  }

  stop(): void {
    this.#stopped = true;
    for (const [, channel] of this.#channels) channel.show('off');
  }
}

/**
 * One LED. Edges lie at `start + k · period`, never at "last edge + length", so that the lateness of a timer is not
 * carried on; an edge that was missed altogether is skipped. Showing a pattern that is shown already keeps its phase.
 */
export class LedChannel {
  readonly #set: (on: boolean) => void;
  readonly #clock: Clock;
  #pattern: LedPattern | null = null;
  /** Null until the first pattern: what the LED shows at power-on is not known, so even `off` is set once. */
  #lit: boolean | null = null;
  #disarm: () => void = () => undefined;

  /** `set` is called for changes only and must not throw: it runs in a timer. */
  constructor(set: (on: boolean) => void, clock: Clock) {
    this.#set = set;
    this.#clock = clock;
  }

  show(pattern: LedPattern): void {
    if (pattern === this.#pattern) return;
    this.#disarm();
    this.#pattern = pattern;
    this.#follow(rhythmOf(pattern), this.#clock.monoMs());
  }

  /** Leaves the LED as it is; the next pattern begins as if nothing were known of it. */
  letGo(): void {
    this.#disarm();
    this.#pattern = null;
    this.#lit = null;
  }

  /** Shows the level of this moment and arms a timer for the next edge. */
  #follow(rhythm: Rhythm, startMs: number): void {
    const { lit, untilEdgeMs } = levelAt(rhythm, this.#clock.monoMs() - startMs + EARLY_MS);
    if (lit !== this.#lit) {
      this.#lit = lit;
      this.#set(lit);
    }
    if (untilEdgeMs === null) return;
    this.#disarm = this.#clock.setTimer(untilEdgeMs + EARLY_MS, () => this.#follow(rhythm, startMs));
  }
}
