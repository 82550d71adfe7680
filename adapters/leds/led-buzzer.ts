import { BEEP_MS, type Buzzer } from '../../services/board/ports.ts';
import type { Clock } from '../../services/ports.ts';
import { OUR_BUZZER } from './find-leds.ts';
import type { LedFiles } from './led-files.ts';

/** A buzzer that the kernel has as an LED (`leds-gpio` for an active one, `leds-pwm` for a piezo). */
export function createLedBuzzer(files: LedFiles, clock: Clock, warn: (text: string) => void): Buzzer {
  let quiet: (() => void) | null = null;
  let told = false;
  const set = (text: string) => {
    try {
      files.writeNow(OUR_BUZZER, 'brightness', text);
    } catch (error) {
      if (!told) warn(`buzzer: ${String(error)}`);
      told = true;
    }
  };
  return {
    beep() {
      if (quiet !== null) return;
      // Half of a PWM's 255 is a square wave, the loudest there is; one of a plain line's 1 is taken for 1.
      set('128');
      quiet = clock.setTimer(BEEP_MS, () => {
        quiet = null;
        set('0');
      });
    },
    async stop() {
      quiet?.();
      quiet = null;
      set('0');
    },
  };
}
