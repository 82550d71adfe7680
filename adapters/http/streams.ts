import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setImmediate as breathe } from 'node:timers/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { UserError } from '../../services/errors.ts';
import { problemOf } from './problems.ts';

/** Each open stream holds a subscription and a socket. */
export const MAX_STREAMS = 32;

const NDJSON = 'application/x-ndjson; charset=utf-8';
const SSE = 'text/event-stream';

/** A line that is JSON already (a stored record of the journal) goes out byte for byte. */
export class RawLine {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** Counts open streams and ends them all when the server closes. */
export class Streams {
  readonly #open = new Set<() => void>();

  get count(): number {
    return this.#open.size;
  }

  /** One turn later, so that a line that was pushed just before (the lights going off) is written first. */
  async closeAll(): Promise<void> {
    await breathe();
    for (const close of [...this.#open]) close();
  }

  /**
   * Sends every value as a line (JSON Lines, or server-sent events where the client asks for them) at the pace of
   * the client, and leaves the iteration when the client goes away. The first value is waited for before anything is
   * sent, so that a refusal still gets its own status; a later error is the last line, `{"error": problem}`.
   * `begin` is called only when there is room: a queue subscribes as soon as it is made.
   */
  async send(
    request: FastifyRequest,
    reply: FastifyReply,
    begin: () => AsyncIterable<unknown>,
  ): Promise<void> {
    if (this.#open.size >= MAX_STREAMS) {
      throw new UserError(
        'too-many-streams',
        75,
        `${MAX_STREAMS} streams are open`,
        'close one and try again',
      );
    }
    const iterator = begin()[Symbol.asyncIterator]();
    const response = reply.raw;
    let gone = response.destroyed;
    const leave = () => {
      gone = true;
      // A generator that is busy answers `return` at its next yield; a queue at once.
      void Promise.resolve(iterator.return?.()).catch(() => undefined);
    };
    const close = () => {
      leave();
      // Not destroyed: the last line (the lights going off) is still on its way.
      response.end();
    };
    this.#open.add(close);
    response.once('close', leave);
    let frame = (value: unknown) => JSON.stringify(value);
    try {
      const first = await iterator.next();
      reply.hijack();
      if (gone) return;
      frame = writeHead(request, response);
      for (let step = first; step.done !== true && !gone; step = await iterator.next()) {
        await write(response, frame(step.value));
      }
      response.end();
    } catch (error) {
      if (!response.headersSent) throw error;
      if (!gone) response.end(frame({ error: problemOf(error) }));
    } finally {
      response.off('close', leave);
      // Also here: a client that had gone before anything was listened for never says so.
      leave();
      this.#open.delete(close);
    }
  }
}

function writeHead(request: FastifyRequest, response: ServerResponse): (value: unknown) => string {
  const events = (request.headers.accept ?? '').includes(SSE);
  response.writeHead(200, {
    'content-type': events ? SSE : NDJSON,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  // Without this a client that waits for the first light would not even see that it is connected.
  response.flushHeaders();
  return (value) => {
    const line = value instanceof RawLine ? value.text : JSON.stringify(value);
    return events ? `data: ${line}\n\n` : `${line}\n`;
  };
}

async function write(response: ServerResponse, text: string): Promise<void> {
  if (response.write(text) || response.destroyed) return;
  const aborted = new AbortController();
  const stop = () => aborted.abort();
  response.once('close', stop);
  await once(response, 'drain', { signal: aborted.signal }).catch(() => undefined);
  response.off('close', stop);
}
