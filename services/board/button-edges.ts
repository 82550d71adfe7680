import { type Observable, Subject } from 'rxjs';
import type { ButtonEdge, Clock } from '../ports.ts';

/** Contacts of push buttons bounce for 1 to 10 ms, cheap ones for 20; a finger needs over 50 ms for a press. */
export const QUIET_MS = 25;

interface Level {
  readonly pressed: boolean;
  readonly atMs: number;
}

/**
 * Raw levels of a button in, clean edges out: a level counts when it has lasted for `QUIET_MS`, and pressed and released
 * take turns, beginning with pressed. A button that is held while the daemon starts does nothing until it is let go.
 * A press that came and went while the daemon was busy is judged by the kernel's times of its edges, and is not lost.
 */
export class ButtonEdges {
  readonly #clock: Clock;
  readonly #edges$ = new Subject<ButtonEdge>();
  #told = false;
  /** The last level that is not told yet. */
  #fresh: Level | null = null;
  #disarm: () => void = () => undefined;
  readonly edge$: Observable<ButtonEdge>;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.edge$ = this.#edges$.asObservable();
  }

  /**
   * `atMs` is when the line changed, by the kernel's clock; only differences count. A clock that is set between two edges
   * which are read together may make a spike a short press, at worst.
   */
  level(pressed: boolean, atMs: number): void {
    this.#disarm();
    const before = this.#fresh;
    this.#fresh = { pressed, atMs };
    if (before !== null && atMs - before.atMs >= QUIET_MS) this.#tell(before.pressed);
    if (pressed === this.#told) return;
    this.#disarm = this.#clock.setTimer(QUIET_MS, () => this.#tell(pressed));
  }

  /**
   * The button cannot be seen any more. A finger that was on it counts as lifted, at once: waiting would make two
   * seconds of blindness a held button, and that shuts the machine down. At worst it was a short press.
   */
  lost(): void {
    this.#disarm();
    this.#fresh = null;
    this.#tell(false);
  }

  end(): void {
    this.#disarm();
    this.#edges$.complete();
  }

  #tell(pressed: boolean): void {
    if (pressed === this.#told) return;
    this.#told = pressed;
    this.#edges$.next(pressed ? 'pressed' : 'released');
  }
}
