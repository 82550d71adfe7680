import type { Clock } from '../ports.ts';

/** A long video, a low rate or a backup that goes first must not look like a standstill. */
const SIGN_OF_LIFE_MS = 500;

/** One message now and then until the work ends, well or not; who asked awaits it then. */
export async function* signsOf(work: Promise<unknown>, clock: Pick<Clock, 'setTimer'>): AsyncGenerator<void> {
  const ended = work.then(
    () => true,
    () => true,
  );
  for (;;) {
    let disarm = (): void => undefined;
    const tick = new Promise<boolean>((resolve) => {
      disarm = clock.setTimer(SIGN_OF_LIFE_MS, () => resolve(false));
    });
    const isOver = await Promise.race([ended, tick]);
    disarm();
    if (isOver) return;
    yield;
  }
}
