import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Streams } from './streams.ts';

/** Answers a request that has been checked line by line; throws what the first line throws. */
export type SendLines = (
  asked: { readonly request: FastifyRequest; readonly reply: FastifyReply },
  begin: () => AsyncIterable<unknown>,
) => Promise<void>;

export const linesBy =
  (streams: Streams): SendLines =>
  ({ request, reply }, begin) =>
    streams.send(request, reply, begin);

/** What has no answer of its own answers `{ok: true}`: an empty body is easily taken for a broken one. */
export async function done(work: Promise<void>): Promise<{ readonly ok: true }> {
  await work;
  return { ok: true };
}

export async function* each<Value>(values: Iterable<Value>): AsyncGenerator<Value> {
  yield* values;
}
