import { expect, test } from 'vitest';
import { MAX_INTERRUPTIONS, uninterrupted } from '../../services/interrupted.ts';

const failure = (code: string) => Object.assign(new Error(code), { code });

function failing(code: string, times: number) {
  let calls = 0;
  const read = async () => {
    calls += 1;
    if (calls <= times) throw failure(code);
    return calls;
  };
  return { read, calls: () => calls };
}

test('a read that a signal cut short is made again', async () => {
  expect(await uninterrupted(failing('EINTR', 3).read)).toBe(4);
});

test('a machine that interrupts for ever is an error', async () => {
  const { read, calls } = failing('EINTR', Number.POSITIVE_INFINITY);
  await expect(uninterrupted(read)).rejects.toThrow('EINTR');
  expect(calls()).toBe(MAX_INTERRUPTIONS + 1);
});

test('any other error is told at once', async () => {
  const { read, calls } = failing('EIO', 1);
  await expect(uninterrupted(read)).rejects.toThrow('EIO');
  expect(calls()).toBe(1);
});
