import { mkdtempSync, rmSync } from 'node:fs';
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { z } from 'zod';
import { Failures } from '../../adapters/http/failures.ts';
import { createHttpServer, type HttpServer, type HttpServerOptions } from '../../adapters/http/server.ts';
import { VirtualClock } from '../../adapters/memory/virtual-clock.ts';
import type { Appliance } from '../../services/appliance.ts';
import { ProblemDetails } from '../../services/shapes.ts';
import { Doorman } from '../access/kit.ts';

/** An answer that has arrived as a whole. */
export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
  readonly headers: IncomingHttpHeaders;
}

export interface Question {
  readonly method?: string;
  readonly body?: unknown;
  /** Sent as it is, instead of `body`. */
  readonly raw?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** TCP instead of the socket. */
  readonly port?: number;
}

/** A server on a real socket in a folder of its own. */
export class Desk {
  readonly folder = mkdtempSync(join(tmpdir(), 'imagetank-http-'));
  readonly socketPath = join(this.folder, 'imagetank.sock');
  readonly door = new Doorman();
  readonly clock = new VirtualClock();
  readonly server: HttpServer;

  constructor(appliance: Appliance, options: Partial<HttpServerOptions> = {}) {
    const { door, clock } = this;
    // Tests ask faster than the network may.
    const pace = { perSecond: 1e6, burst: 1e6 };
    const own = { appliance, access: door.access, version: '1.2.3', clock, pace };
    this.server = createHttpServer({ ...own, ...options });
  }

  listen(): Promise<void> {
    return this.server.listenSocket(this.socketPath);
  }

  async clear(): Promise<void> {
    await this.server.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Resolves with the head of the answer. */
  open(path: string, question: Question = {}): Promise<IncomingMessage> {
    const { port, headers = {}, body } = question;
    const payload = question.raw ?? (body === undefined ? '' : JSON.stringify(body));
    const method = question.method ?? (payload === '' ? 'GET' : 'POST');
    const where = port === undefined ? { socketPath: this.socketPath } : { host: '127.0.0.1', port };
    const type = payload === '' ? {} : { 'content-type': 'application/json' };
    return new Promise((resolve, reject) => {
      const options = { ...where, path, method, headers: { ...type, ...headers }, agent: false };
      request(options, resolve).on('error', reject).end(payload);
    });
  }

  async ask(path: string, question: Question = {}): Promise<Answer> {
    const response = await this.open(path, question);
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const { headers, statusCode: status = 0 } = response;
    return { status, type: headers['content-type'] ?? '', text, headers };
  }

  get(path: string): Promise<Answer> {
    return this.ask(`/api/v1/${path}`);
  }

  post(path: string, body: unknown): Promise<Answer> {
    return this.ask(`/api/v1/${path}`, { method: 'POST', body });
  }
}

/** One JSON answer, as its shape says. */
export function parse<Schema extends z.ZodType>(schema: Schema, answer: Answer): z.infer<Schema> {
  expect(answer, answer.text).toMatchObject({ status: expect.toSatisfy((code: number) => code < 300) });
  expect(answer.type).toMatch(/^application\/json/);
  return schema.parse(JSON.parse(answer.text));
}

/** JSON Lines, each as its shape says. */
export function parseLines<Schema extends z.ZodType>(schema: Schema, answer: Answer): z.infer<Schema>[] {
  expect(answer).toMatchObject({ status: 200, type: 'application/x-ndjson; charset=utf-8' });
  expect(answer.text === '' || answer.text.endsWith('\n')).toBe(true);
  return answer.text
    .split('\n')
    .slice(0, -1)
    .map((line) => schema.parse(JSON.parse(line)));
}

/** A refusal as RFC 9457. */
export function parseProblem(answer: Answer): z.infer<typeof ProblemDetails> {
  expect(answer.type).toBe('application/problem+json; charset=utf-8');
  const problem = ProblemDetails.parse(JSON.parse(answer.text));
  expect(problem).toMatchObject({ status: answer.status, type: `urn:imagetank:problem:${problem.code}` });
  return problem;
}

/** The next line of an open stream. */
export function lineReader(response: IncomingMessage): () => Promise<string | null> {
  const chunks = response[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let rest = '';
  return async () => {
    while (!rest.includes('\n')) {
      const { done, value } = await chunks.next();
      if (done === true) return null;
      rest += value.toString();
    }
    const end = rest.indexOf('\n');
    const line = rest.slice(0, end);
    rest = rest.slice(end + 1);
    return line;
  };
}

/** So many turns of the event loop. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Resolves when a condition that another turn of the event loop brings about holds; the test's deadline ends it. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await turns(1);
}

/** For parts of a server that fail in no test; what they would tell nobody hears. */
export const deaf = new Failures({ clock: new VirtualClock(), warn: () => undefined });
