import type { Clock } from './ports.ts';

/**
 * What a piece of work gives, or the error that `late` makes when it does not answer in time. The work itself goes on:
 * nothing can call a thread back that waits in the kernel, but nobody need wait with it.
 */
export function withDeadline<T>(
  work: Promise<T>,
  deadlineMs: number,
  clock: Pick<Clock, 'setTimer'>,
  late: () => Error,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const disarm = clock.setTimer(deadlineMs, () => reject(late()));
    work.then(resolve, reject).finally(disarm);
  });
}

export const noAnswer = (what: string, deadlineMs: number) => (): Error =>
  new Error(`${what} does not answer for ${deadlineMs / 1000} s`);
