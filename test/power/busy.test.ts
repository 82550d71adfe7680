import { expect, test } from 'vitest';
import { Busy } from '../../services/busy.ts';

async function* work() {
  yield 1;
  yield 2;
}

test('work counts from its first message to its last', async () => {
  const busy = new Busy();
  const one = busy.during(work());
  expect(busy.now).toBe(false);
  await one.next();
  expect(busy.now).toBe(true);
  const rest: number[] = [];
  for await (const message of one) rest.push(message);
  expect(rest).toEqual([2]);
  expect(busy.now).toBe(false);
});

test('work that nobody listens to any more counts no longer, nor does work that fails', async () => {
  const busy = new Busy();
  for await (const _ of busy.during(work())) break;
  expect(busy.now).toBe(false);
  const failing = busy.during(
    (async function* () {
      yield 1;
      throw new Error('gone');
    })(),
  );
  await failing.next();
  await expect(failing.next()).rejects.toThrow('gone');
  expect(busy.now).toBe(false);
});

test('two at once count until both have ended', async () => {
  const busy = new Busy();
  const [one, other] = [busy.during(work()), busy.during(work())];
  await one.next();
  await other.next();
  await one.return(undefined);
  expect(busy.now).toBe(true);
  await other.return(undefined);
  expect(busy.now).toBe(false);
});
