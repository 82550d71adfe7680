import { NEVER } from 'rxjs';
import type { Board } from '../../services/ports.ts';

/** A board without lights or button: for machines where the command line and the page are all there is. */
export function createNoBoard(): Board {
  return {
    leds: { show: () => undefined, stop: () => Promise.resolve() },
    button$: NEVER,
  };
}
