import type { Clock } from './ports.ts';

/**
 * What a piece of work gives, or an error that says that it does not answer. The work itself goes on: nothing can call
 * a thread back that waits in the kernel, but nobody need wait with it.
 */
export function withDeadline<T>(
  work: Promise<T>,
  deadlineMs: number,
  clock: Pick<Clock, 'setTimer'>,
  what: string,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const disarm = clock.setTimer(deadlineMs, () =>
      reject(new Error(`${what} does not answer for ${deadlineMs / 1000} s`)),
    );
    work.then(resolve, reject).finally(disarm);
  });
}
