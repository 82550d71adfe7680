import { Observable, of, Subject, throwError } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { queueOf } from '../../adapters/http/queue.ts';

/** A source of which the subscriptions are counted. */
function counted() {
  const subject = new Subject<number>();
  const state = { open: 0 };
  const source = new Observable<number>((subscriber) => {
    state.open += 1;
    const subscription = subject.subscribe(subscriber);
    return () => {
      state.open -= 1;
      subscription.unsubscribe();
    };
  });
  return { subject, state, source };
}

async function all<Value>(queue: AsyncIterable<Value>): Promise<Value[]> {
  const values: Value[] = [];
  for await (const value of queue) values.push(value);
  return values;
}

describe('a queue', () => {
  test('subscribes at once: what comes before anybody asks is not lost', async () => {
    const { subject, state, source } = counted();
    const queue = queueOf(source);
    expect(state.open).toBe(1);
    subject.next(1);
    subject.next(2);
    subject.complete();
    expect(await all(queue)).toEqual([1, 2]);
    expect(state.open).toBe(0);
  });

  test('wakes who waits', async () => {
    const { subject, source } = counted();
    const queue = queueOf(source);
    const waiting = queue.next();
    subject.next(5);
    expect(await waiting).toEqual({ done: false, value: 5 });
    const end = queue.next();
    subject.complete();
    expect(await end).toEqual({ done: true, value: undefined });
  });

  test('takes a source that ends while it is subscribed', async () => {
    expect(await all(queueOf(of(1, 2, 3)))).toEqual([1, 2, 3]);
  });

  test('throws what the source throws, after what came before', async () => {
    const { subject, source } = counted();
    const queue = queueOf(source);
    subject.next(1);
    subject.error(new Error('broken'));
    expect(await queue.next()).toMatchObject({ value: 1 });
    await expect(queue.next()).rejects.toThrow('broken');
    await expect(all(queueOf(throwError(() => new Error('at once'))))).rejects.toThrow('at once');
  });

  test('return ends the subscription and who waits', async () => {
    const { state, source } = counted();
    const queue = queueOf(source);
    const waiting = queue.next();
    expect(await queue.return?.()).toMatchObject({ done: true });
    expect(await waiting).toMatchObject({ done: true });
    expect(state.open).toBe(0);
  });

  test('keeps a thousand values, then ends with 75', async () => {
    const { subject, state, source } = counted();
    const queue = queueOf(source);
    for (let count = 0; count < 1000; count++) subject.next(count);
    expect(state.open).toBe(1);
    subject.next(1000);
    expect(state.open).toBe(0);
    for (let count = 0; count < 1000; count++) expect(await queue.next()).toMatchObject({ value: count });
    await expect(queue.next()).rejects.toMatchObject({ exitCode: 75, code: 'too-slow' });
  });

  test('may replace what nobody has seen yet, and then never fills', async () => {
    const { subject, source } = counted();
    const queue = queueOf(source, { replaces: (waiting, next) => waiting % 2 === 0 && next % 2 === 0 });
    for (let count = 0; count < 5000; count += 2) subject.next(count);
    subject.next(1);
    subject.next(6);
    subject.complete();
    expect(await all(queue)).toEqual([4998, 1, 6]);
  });

  test('drops what the next one makes old, wherever it waits, and keeps the rest in order', async () => {
    const subject = new Subject<string>();
    const queue = queueOf(subject, { outdates: (waiting, next) => waiting[0] === 's' && next[0] === 's' });
    for (const value of ['s1', 'a', 's2', 'b', 's3', 'c']) subject.next(value);
    for (let count = 4; count < 5000; count++) subject.next(`s${count}`);
    subject.complete();
    expect(await all(queue)).toEqual(['a', 'b', 'c', 's4999']);
  });
});
