import { oneLed } from '../../machines/signals.ts';
import type { BoardLeds } from '../../services/board/choice.ts';
import { LED_COLORS } from '../../services/lights/renderer.ts';
import type { Clock, LedDriver } from '../../services/ports.ts';
import { triggerBefore } from './find-leds.ts';
import { KernelLed } from './kernel-led.ts';
import type { LedFiles } from './led-files.ts';

export interface LedDriverOptions {
  readonly leds: BoardLeds;
  readonly files: LedFiles;
  readonly clock: Clock;
  /** Told once for each LED that cannot be set; the others go on. */
  readonly warn: (text: string) => void;
}

/**
 * Three kernel LEDs, or one with the patterns for one (`contract.md` section 1). Whether a low level lights them is the
 * overlay's matter: `brightness` 1 is lit here. A clean stop gives an LED back the trigger that it had, so that the Pi's
 * own one shows card access again.
 */
export async function createLedDriver({ leds, ...parts }: LedDriverOptions): Promise<LedDriver> {
  if ('one' in leds) {
    const before = await triggerBefore(parts.files, leds.one);
    const led = new KernelLed({ name: leds.one, ...parts });
    return {
      show: (light) => led.show(oneLed(light)),
      stop: (last = 'dark') => led.stop(last, before),
    };
  }
  const three = LED_COLORS.flatMap((color) => {
    const name = leds[color];
    return name === undefined ? [] : [{ color, led: new KernelLed({ name, ...parts }) }];
  });
  return {
    show(_light, patterns) {
      for (const { color, led } of three) led.show(patterns[color]);
    },
    async stop(last = 'dark') {
      await Promise.all(three.map(({ led }) => led.stop(last, null)));
    },
  };
}
