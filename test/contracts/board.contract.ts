import { describe, expect, it } from 'vitest';
import { LED_SIGNALS, type Light, threeLeds } from '../../machines/signals.ts';
import type { LedColor } from '../../services/lights/renderer.ts';
import type { Board } from '../../services/ports.ts';

/** A board, and eyes on it. */
export interface BoardSubject {
  readonly board: Board;
  /** What is lit at this moment; null where there is nothing to see. */
  readonly lit: () => Promise<Readonly<Record<LedColor, boolean>> | null>;
}

const DARK = { red: false, amber: false, green: false };
const POLL = { interval: 10, timeout: 20_000 };

/** Every light that the appliance can show. */
export const ALL_LIGHTS: readonly Light[] = LED_SIGNALS.flatMap((signal): Light[] => {
  if (signal !== 'error') return [{ signal, code: null, activity: null }];
  const activities = [null, 'copying', 'verifying'] as const;
  return ([2, 3, 4, 5, 6, 7, 8, 9] as const).flatMap((code) => {
    return activities.map((activity) => ({ signal, code, activity }));
  });
});

/** What every board does, with lights or without. */
export function boardContract(name: string, create: () => Promise<BoardSubject>): void {
  const ready: Light = { signal: 'ready', code: null, activity: null };
  const show = ({ leds }: Board, light: Light) => leds.show(light, threeLeds(light));
  const becomes = async (subject: BoardSubject, expected: Partial<Record<LedColor, boolean>>) => {
    if ((await subject.lit()) === null) return;
    await expect.poll(subject.lit, POLL).toMatchObject(expected);
  };

  describe(`${name} is a board`, () => {
    it('shows every light, the same one twice, and stops twice', async () => {
      const { board } = await create();
      for (const light of ALL_LIGHTS) {
        show(board, light);
        show(board, light);
      }
      await expect(board.leds.stop()).resolves.toBeUndefined();
      await expect(board.leds.stop()).resolves.toBeUndefined();
    });

    it('green is lit while ready is shown, and goes out with every other light', async () => {
      const subject = await create();
      const others = ALL_LIGHTS.filter(({ signal, code, activity }) => {
        return signal !== 'ready' && (code === null || (code === 5 && activity !== 'verifying'));
      });
      for (const light of others) {
        show(subject.board, ready);
        await becomes(subject, { ...DARK, green: true });
        show(subject.board, light);
        await becomes(subject, { green: false });
      }
      await subject.board.leds.stop();
    });

    it('is dark after a stop, whatever was shown', async () => {
      const subject = await create();
      show(subject.board, ready);
      await becomes(subject, { green: true });
      await subject.board.leds.stop();
      if ((await subject.lit()) !== null) expect(await subject.lit()).toEqual(DARK);
    });

    it('leaves no green behind when the light before the stop is not ready', async () => {
      const subject = await create();
      show(subject.board, ready);
      await becomes(subject, { green: true });
      show(subject.board, { signal: 'shutting-down', code: null, activity: null });
      await subject.board.leds.stop('standing');
      if ((await subject.lit()) !== null) expect(await subject.lit()).toMatchObject({ green: false });
      await subject.board.leds.stop('dark');
    });

    it('stops before anything was shown, either way', async () => {
      await expect((await create()).board.leds.stop()).resolves.toBeUndefined();
      await expect((await create()).board.leds.stop('standing')).resolves.toBeUndefined();
    });

    it('a light that comes after the stop does no harm and is not shown', async () => {
      const subject = await create();
      await subject.board.leds.stop();
      expect(() => show(subject.board, ready)).not.toThrow();
      await new Promise(setImmediate);
      if ((await subject.lit()) !== null) expect(await subject.lit()).toMatchObject({ green: false });
    });

    it('has a button that can be listened to by several, and that never fails', async () => {
      const { board } = await create();
      const errors: unknown[] = [];
      const ears = [1, 2].map(() => board.button$.subscribe({ error: (error) => errors.push(error) }));
      await board.leds.stop();
      for (const ear of ears) ear.unsubscribe();
      expect(errors).toEqual([]);
    });
  });
}
