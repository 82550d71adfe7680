import type { LedDriver } from '../ports.ts';
import type { Buzzer } from './ports.ts';

/**
 * LEDs that beep once when the machine begins to shut down: whoever holds the button hears that it is enough. Also after
 * `imagetank poweroff`, where it does no harm.
 */
export function beeping(leds: LedDriver, buzzer: Buzzer): LedDriver {
  let last: string | null = null;
  return {
    show(light, patterns) {
      leds.show(light, patterns);
      if (light.signal === 'shutting-down' && last !== 'shutting-down') buzzer.beep();
      last = light.signal;
    },
    async stop(how) {
      await Promise.all([leds.stop(how), buzzer.stop()]);
    },
  };
}
