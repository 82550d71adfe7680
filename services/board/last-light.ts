import type { LedDriver } from '../ports.ts';

/**
 * For a board whose lights outlive the daemon (`contract.md` section 1): while the whole machine goes down, "safe to cut
 * power" is not the daemon's to say, for file systems are still mounted then. The last light stands until the
 * `system-shutdown` script puts it out. When only the daemon ends, its lights go dark with it.
 */
export function standingAtTheEnd(leds: LedDriver, machineEnds: () => boolean): LedDriver {
  return {
    show(light, patterns) {
      if (light.signal !== 'off' || !machineEnds()) leds.show(light, patterns);
    },
    stop: (last = 'dark') => leds.stop(machineEnds() ? 'standing' : last),
  };
}
