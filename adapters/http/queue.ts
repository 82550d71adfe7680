import type { Observable, Subscription } from 'rxjs';
import { UserError } from '../../services/errors.ts';

/** Lines that wait for a client that reads slower than they come. Lights change a few times a second at most. */
const MAX_QUEUED = 1000;

export interface QueueOptions<Value> {
  /** The last waiting value may be replaced by the next one: progress that nobody has seen yet. */
  readonly replaces?: (waiting: Value, next: Value) => boolean;
  /** Of all that wait, the newest of which this is true goes when the next one comes. */
  readonly outdates?: (waiting: Value, next: Value) => boolean;
}

/**
 * A bounded queue between a stream that pushes and a client that pulls. Subscribes at once; ends its subscription
 * when the iteration is left, also while it waits for the next value. Throws what the stream throws, and
 * `UserError` 75 when the client is too slow.
 */
export function queueOf<Value>(
  source: Observable<Value>,
  { replaces, outdates }: QueueOptions<Value> = {},
): AsyncIterableIterator<Value> {
  const waiting: Value[] = [];
  let ended = false;
  let failure: { readonly error: unknown } | null = null;
  let wake: () => void = () => undefined;
  let subscription: Subscription | null = null;

  const end = (error?: { readonly error: unknown }) => {
    ended = true;
    failure ??= error ?? null;
    subscription?.unsubscribe();
    wake();
  };
  const take = (value: Value) => {
    const last = waiting.at(-1);
    if (last !== undefined && replaces?.(last, value) === true) waiting.pop();
    const old = outdates === undefined ? -1 : waiting.findLastIndex((one) => outdates(one, value));
    if (old !== -1) waiting.splice(old, 1);
    if (waiting.length >= MAX_QUEUED) end({ error: tooSlow() });
    else waiting.push(value);
    wake();
  };
  subscription = source.subscribe({
    next: take,
    error: (error: unknown) => end({ error }),
    complete: () => end(),
  });
  // A source that ends while it is being subscribed does so before there is a subscription to keep.
  if (ended) subscription.unsubscribe();

  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      while (waiting.length === 0 && !ended) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const value = waiting.shift();
      if (value !== undefined) return { done: false, value };
      if (failure !== null) throw failure.error;
      return { done: true, value: undefined };
    },
    async return() {
      waiting.length = 0;
      end();
      return { done: true, value: undefined };
    },
  };
}

const tooSlow = () =>
  new UserError('too-slow', 75, `more than ${MAX_QUEUED} lines wait to be read`, 'read faster or ask again');
