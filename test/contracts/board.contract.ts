import { describe, expect, it } from 'vitest';
import { LED_SIGNALS, threeLeds } from '../../machines/signals.ts';
import type { Board } from '../../services/ports.ts';

/** What every board does, with lights or without. */
export function boardContract(name: string, create: () => Promise<Board>): void {
  describe(`${name} is a board`, () => {
    it('shows every light, the same one twice, and stops twice', async () => {
      const { leds } = await create();
      for (const signal of LED_SIGNALS) {
        const light = { signal, code: signal === 'error' ? (5 as const) : null, activity: null };
        leds.show(light, threeLeds(light));
        leds.show(light, threeLeds(light));
      }
      await expect(leds.stop()).resolves.toBeUndefined();
      await expect(leds.stop()).resolves.toBeUndefined();
    });

    it('stops before anything was shown', async () => {
      const { leds } = await create();
      await expect(leds.stop()).resolves.toBeUndefined();
    });

    it('a light that comes after the stop does no harm', async () => {
      const { leds } = await create();
      await leds.stop();
      const light = { signal: 'ready', code: null, activity: null } as const;
      expect(() => leds.show(light, threeLeds(light))).not.toThrow();
    });

    it('has a button that can be listened to by several, and that never fails', async () => {
      const { button$, leds } = await create();
      const errors: unknown[] = [];
      const ears = [1, 2].map(() => button$.subscribe({ error: (error) => errors.push(error) }));
      await leds.stop();
      for (const ear of ears) ear.unsubscribe();
      expect(errors).toEqual([]);
    });
  });
}
