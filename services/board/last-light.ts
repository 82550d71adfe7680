import type { LedDriver } from '../ports.ts';

/**
 * For LEDs whose light outlives the daemon, in the service: `off` means "safe to cut power", and when the whole machine
 * goes down that is not the daemon's to say, for file systems are still mounted. So `off` is left out, and the stop that
 * follows decides: `dark` when only the daemon ends, else the last light stands until the `system-shutdown` script puts
 * it out (`contract.md` section 1).
 */
export function darkByStopOnly(leds: LedDriver): LedDriver {
  return {
    show(light, patterns) {
      if (light.signal !== 'off') leds.show(light, patterns);
    },
    stop: (last) => leds.stop(last),
  };
}
