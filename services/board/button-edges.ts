import { type Observable, Subject } from 'rxjs';
import type { ButtonEdge, Clock } from '../ports.ts';

/** Contacts of push buttons bounce for 1 to 10 ms, cheap ones for 20; a finger needs over 50 ms for a press. */
export const QUIET_MS = 25;

/**
 * Raw levels of a button in, clean edges out: a level counts when it has lasted for `QUIET_MS`, and pressed and released
 * take turns, beginning with pressed. A button that is held while the daemon starts does nothing until it is let go.
 */
export class ButtonEdges {
  readonly #clock: Clock;
  readonly #edges$ = new Subject<ButtonEdge>();
  #told = false;
  #disarm: () => void = () => undefined;
  readonly edge$: Observable<ButtonEdge>;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.edge$ = this.#edges$.asObservable();
  }

  level(pressed: boolean): void {
    this.#disarm();
    if (pressed === this.#told) return;
    this.#disarm = this.#clock.setTimer(QUIET_MS, () => this.#tell(pressed));
  }

  /**
   * The button cannot be seen any more. A finger that was on it counts as lifted, at once: waiting would make two
   * seconds of blindness a held button, and that shuts the machine down. At worst it was a short press.
   */
  lost(): void {
    this.#disarm();
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
