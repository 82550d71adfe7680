import { expect, test } from 'vitest';
import { VirtualClock } from '../../adapters/memory/virtual-clock.ts';
import { noAnswer, withDeadline } from '../../services/deadline.ts';
import { flush } from '../runtime/kit.ts';

test('work that answers in time gives what it gives, and leaves no timer', async () => {
  const clock = new VirtualClock();
  expect(await withDeadline(Promise.resolve(7), 1000, clock, noAnswer('D', 1000))).toBe(7);
  await expect(
    withDeadline(Promise.reject(new Error('EIO')), 1000, clock, noAnswer('D', 1000)),
  ).rejects.toThrow('EIO');
  await flush();
  expect(clock.armed).toBe(0);
});

test('work that does not is an error with its name at the deadline; what it does later is nobody’s', async () => {
  const clock = new VirtualClock();
  let fail: (error: Error) => void = () => undefined;
  const work = new Promise<never>((_, reject) => {
    fail = reject;
  });
  let ended = false;
  const waiting = withDeadline(work, 2000, clock, noAnswer('D', 2000)).finally(() => {
    ended = true;
  });
  const refused = expect(waiting).rejects.toThrow('D does not answer for 2 s');
  clock.advance(1999);
  await flush();
  expect(ended).toBe(false);
  clock.advance(1);
  await refused;
  fail(new Error('EIO'));
  await flush();
});
