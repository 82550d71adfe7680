import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setImmediate as breathe } from 'node:timers/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { UserError } from '../../services/errors.ts';
import { deviceOf } from './callers.ts';
import type { Failures } from './failures.ts';
import { Frame } from './live.ts';

/** Each open stream holds a subscription and a socket. Whatever the network does, the box has its own. */
export const MAX_STREAMS = { box: 32, network: 64 } as const;

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
  /** How each is closed, and the device that reads it; null on the box. */
  readonly #open = new Map<() => void, string | null>();
  readonly #failures: Pick<Failures, 'problemOf'>;

  constructor(failures: Pick<Failures, 'problemOf'>) {
    this.#failures = failures;
  }

  get count(): number {
    return this.#open.size;
  }

  /** Devices that read one. */
  get readers(): ReadonlySet<string> {
    return new Set([...this.#open.values()].filter((device) => device !== null));
  }

  /** One turn later, so that a line that was pushed just before (the lights going off) is written first. */
  async closeAll(): Promise<void> {
    await breathe();
    for (const close of [...this.#open.keys()]) close();
  }

  /** This device may no longer come in. */
  closeOf(device: string): void {
    for (const [close, reader] of [...this.#open]) if (reader === device) close();
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
    if (request.method === 'HEAD') {
      reply.hijack();
      writeHead(request, reply.raw);
      reply.raw.end();
      return;
    }
    const reader = deviceOf(request.raw)?.id ?? null;
    this.#makeRoom(reader);
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
    this.#open.set(close, reader);
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
      if (!gone) response.end(frame({ error: this.#failures.problemOf(request, error) }));
    } finally {
      response.off('close', leave);
      // Also here: a client that had gone before anything was listened for never says so.
      leave();
      this.#open.delete(close);
    }
  }

  /**
   * Of the network each device has its share, not a number: fifty pages may have one token, as long as nobody else waits.
   * Where all places are taken the newest stream of whoever has most makes room for who has at least two less.
   */
  #makeRoom(reader: string | null): void {
    const counts = new Map<string | null, number>();
    const isHere = (other: string | null) => (other === null) === (reader === null);
    const here = [...this.#open].filter(([, other]) => isHere(other));
    for (const [, other] of here) counts.set(other, (counts.get(other) ?? 0) + 1);
    const most = MAX_STREAMS[reader === null ? 'box' : 'network'];
    if (here.length < most) return;
    const [greedy, count] = [...counts].reduce((one, other) => (other[1] > one[1] ? other : one));
    const newest = here.findLast(([, other]) => other === greedy);
    if (newest === undefined || count < (counts.get(reader) ?? 0) + 2) {
      throw new UserError('too-many-streams', 75, `${most} streams are open`, 'close one and try again');
    }
    const [close] = newest;
    this.#open.delete(close);
    close();
  }
}

/** Server-sent events rather than JSON Lines. */
export const wantsEvents = ({ headers }: Pick<FastifyRequest, 'headers'>): boolean =>
  (headers.accept ?? '').includes(SSE);

function writeHead(request: FastifyRequest, response: ServerResponse): (value: unknown) => string {
  const events = wantsEvents(request);
  response.writeHead(200, {
    'content-type': events ? SSE : NDJSON,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  // Without this a client that waits for the first light would not even see that it is connected.
  response.flushHeaders();
  return (value) => {
    if (value instanceof Frame) return value.text;
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
