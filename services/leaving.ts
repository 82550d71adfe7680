import { UserError } from './errors.ts';

const nobody = () => new UserError('left', 75, 'nobody listens any more', 'ask again');

/**
 * Work that hears at once when nobody listens any more. A generator that is left hears of it at its next message only,
 * which may be a long file away; `left` aborts without waiting for that. What it throws then is the end.
 */
export function leavable<Message>(
  begin: (left: AbortSignal) => AsyncIterable<Message>,
): AsyncIterableIterator<Message> {
  const left = new AbortController();
  const work = begin(left.signal)[Symbol.asyncIterator]();
  const over = { done: true, value: undefined } as const;
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      try {
        return await work.next();
      } catch (error) {
        if (left.signal.aborted && error === left.signal.reason) return over;
        throw error;
      }
    },
    async return() {
      left.abort(nobody());
      await work.return?.();
      return over;
    },
  };
}
