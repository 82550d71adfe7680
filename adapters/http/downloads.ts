import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { UserError } from '../../services/errors.ts';
import { deviceOf } from './callers.ts';
import type { Failures } from './failures.ts';

/** Each holds a file open and some blocks of it. The box has as many of its own as all devices together. */
export const MAX_DOWNLOADS = 16;
/** A page has one archive or film under way, and a film that is wound to and fro another for a moment. */
export const MAX_DOWNLOADS_A_DEVICE = 4;
/** A phone that went out of reach says nothing more; Linux would find that out after hours. */
const SILENCE_MS = 60_000;

export interface Head {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number>>;
}

/** Bytes on their way to clients: bounded in number, at the client's pace, and ended when whoever reads them has to go. */
export class Downloads {
  /** How each is broken off, and the device that reads it; null on the box. */
  readonly #open = new Map<() => void, string | null>();
  readonly #failures: Pick<Failures, 'brokeOff'>;

  constructor(failures: Pick<Failures, 'brokeOff'>) {
    this.#failures = failures;
  }

  get count(): number {
    return this.#open.size;
  }

  closeAll(): void {
    for (const close of [...this.#open.keys()]) close();
  }

  /** This device may no longer come in. */
  closeOf(device: string): void {
    for (const [close, reader] of [...this.#open]) if (reader === device) close();
  }

  /**
   * Runs with a place of its own, as long as that lasts; throws `UserError` 75 when there is none. `closed` is aborted when
   * the client went away or has to.
   */
  async during(
    { raw: request }: FastifyRequest,
    { raw: response }: FastifyReply,
    run: (closed: AbortSignal) => Promise<void>,
  ): Promise<void> {
    const reader = deviceOf(request)?.id ?? null;
    this.#refuseTooMany(reader);
    const ending = new AbortController();
    const close = () => {
      ending.abort();
      response.destroy();
    };
    this.#open.set(close, reader);
    response.once('close', close);
    response.setTimeout(SILENCE_MS, close);
    try {
      await run(ending.signal);
    } finally {
      response.off('close', close);
      this.#open.delete(close);
    }
  }

  /** Whatever breaks in the middle breaks the connection: a short answer must not look like a whole one. */
  async send(
    request: FastifyRequest,
    reply: FastifyReply,
    { status, headers }: Head,
    bytes: AsyncIterable<Uint8Array> | null,
  ): Promise<void> {
    reply.hijack();
    reply.raw.writeHead(status, headers);
    if (bytes === null) {
      reply.raw.end();
      return;
    }
    const read = told(bytes, (error) => {
      // A client that went away is no failure.
      if (!reply.raw.destroyed) this.#failures.brokeOff(request, error);
    });
    // Pieces as they are, one ahead of the client.
    const source = Readable.from(read, { objectMode: true, highWaterMark: 1 });
    await pipeline(source, reply.raw).catch(() => reply.raw.destroy());
  }

  #refuseTooMany(reader: string | null): void {
    const readers = [...this.#open.values()];
    const own = readers.filter((other) => other === reader).length;
    if (reader !== null && own >= MAX_DOWNLOADS_A_DEVICE) throw tooMany(own, ' of this device');
    const here = readers.filter((other) => (other === null) === (reader === null)).length;
    if (here >= MAX_DOWNLOADS) throw tooMany(here, '');
  }
}

async function* told<T>(pieces: AsyncIterable<T>, tell: (error: unknown) => void): AsyncIterable<T> {
  try {
    yield* pieces;
  } catch (error) {
    tell(error);
    throw error;
  }
}

const tooMany = (count: number, whose: string): UserError =>
  new UserError(
    'too-many-downloads',
    75,
    `${count} downloads${whose} are under way`,
    'wait until one of them has ended',
  );
