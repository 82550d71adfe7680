import { describe, expect, it } from 'vitest';
import { leavable } from '../../services/leaving.ts';

describe('work that somebody leaves', () => {
  it('hears of it in the middle of a message, and the message is the end', async () => {
    const heard: unknown[] = [];
    const work = leavable(async function* (left: AbortSignal) {
      try {
        yield 1;
        await new Promise((_resolve, reject) =>
          left.addEventListener('abort', () => reject(left.reason as Error)),
        );
        yield 2;
      } finally {
        heard.push('ended');
      }
    });
    expect(await work.next()).toEqual({ done: false, value: 1 });
    const pending = work.next();
    expect(await work.return?.()).toEqual({ done: true, value: undefined });
    expect(await pending).toEqual({ done: true, value: undefined });
    expect(heard).toEqual(['ended']);
  });

  it('between two messages ends there', async () => {
    const work = leavable(async function* () {
      yield 1;
      yield 2;
    });
    for await (const value of work) {
      expect(value).toBe(1);
      break;
    }
    expect(await work.next()).toEqual({ done: true, value: undefined });
  });

  it('that nobody leaves comes to its end', async () => {
    const values: number[] = [];
    for await (const value of leavable(async function* () {
      yield* [1, 2, 3];
    }))
      values.push(value);
    expect(values).toEqual([1, 2, 3]);
  });

  it.each([false, true])('that fails by itself says so, left: %s', async (isLeft) => {
    const failure = new Error('EIO');
    let fail = (_error: Error): void => undefined;
    const work = leavable(async function* (): AsyncGenerator<number> {
      await new Promise((_resolve, reject) => {
        fail = reject;
      });
    });
    const pending = work.next().catch((error: unknown) => error);
    const returned = isLeft ? work.return?.() : null;
    fail(failure);
    expect(await pending).toBe(failure);
    await returned;
  });
});
