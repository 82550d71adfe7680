import { request } from 'node:http';
import { connect } from 'node:net';
import type { Chance } from './random.ts';

/** A route that hangs is as bad as one that falls. */
const DEADLINE_MS = 30_000;
/** Of an answer; streams never end. */
const MAX_READ_BYTES = 64 * 1024;
/** They would end the box, or this client's right to ask. */
const NOT_ASKED = ['/api/v1/power', '/api/v1/restart', '/api/v1/unpair'];

export interface Route {
  readonly method: string;
  readonly path: string;
  readonly query: readonly string[];
  readonly body: readonly string[];
}

export type Status = number | 'hangs' | null;

/** Requests as no client of ours would write them. */
export class Fuzz {
  readonly #port: number;
  readonly #tokens: { readonly owner: string; readonly viewer: string };
  readonly #chance: Chance;
  readonly #routes: readonly Route[];

  constructor(
    port: number,
    tokens: { readonly owner: string; readonly viewer: string },
    chance: Chance,
    routes: readonly Route[],
  ) {
    this.#port = port;
    this.#tokens = tokens;
    this.#chance = chance;
    this.#routes = routes.filter(({ path }) => !NOT_ASKED.includes(path));
  }

  status(): Promise<Status> {
    return this.#send('GET', '/api/v1/status', this.#headers('owner'), null);
  }

  async ask(): Promise<{ readonly question: string; readonly status: Status }> {
    const chance = this.#chance;
    if (chance.below(20) === 0) return this.#garbage();
    const route = chance.pick(this.#routes);
    const method = chance.below(10) === 0 ? chance.pick(METHODS) : route.method;
    const filled = route.path.replace(/\{\w+\}/g, () => encoded(chance, chance.pick(WORDS)));
    const query = route.query
      .filter(() => chance.below(2) === 0)
      .map((name) => `${name}=${encoded(chance, chance.pick(WORDS))}`);
    const path = query.length === 0 ? filled : `${filled}?${query.join('&')}`;
    const body = method === 'GET' || method === 'HEAD' ? null : this.#body(route);
    const who = chance.pick(['owner', 'owner', 'owner', 'viewer', 'nobody'] as const);
    const headers = { ...this.#headers(who), ...this.#oddHeader() };
    // Of what a device may not do with itself.
    const isOwn = method === 'DELETE' && route.path.includes('/devices/');
    if (isOwn) return { question: '', status: null };
    const status = await this.#send(method, path, headers, body);
    return { question: `${who} ${method} ${path} ${body ?? ''}`, status };
  }

  #headers(who: 'owner' | 'viewer' | 'nobody'): Record<string, string> {
    return who === 'nobody' ? {} : { authorization: `Bearer ${this.#tokens[who]}` };
  }

  #oddHeader(): Record<string, string> {
    const chance = this.#chance;
    return chance.below(4) === 0
      ? { [chance.pick(HEADERS)]: chance.pick(WORDS).replace(/[^\x20-\x7e]/g, '?') }
      : {};
  }

  #body({ body }: Route): string {
    const chance = this.#chance;
    if (chance.below(10) === 0) return chance.pick(BODIES);
    const entries = body.filter(() => chance.below(4) > 0).map((name) => [name, chance.pick(VALUES)]);
    return JSON.stringify(Object.fromEntries(entries));
  }

  async #garbage(): Promise<{ readonly question: string; readonly status: Status }> {
    const bytes = this.#chance.bytes(1 + this.#chance.below(300));
    const line = Buffer.from(`${this.#chance.pick(METHODS)} /api/v1/status HTTP/1.1\r\nhost: localhost\r\n`);
    const sent = this.#chance.below(2) === 0 ? bytes : Buffer.concat([line, bytes]);
    await new Promise<void>((resolve) => {
      const socket = connect(this.#port, '127.0.0.1', () => socket.end(sent));
      socket.setTimeout(DEADLINE_MS, () => socket.destroy());
      socket.resume();
      socket.on('error', () => undefined);
      socket.once('close', () => resolve());
    });
    return { question: 'garbage', status: null };
  }

  #send(method: string, path: string, headers: Record<string, string>, body: string | null): Promise<Status> {
    const type = body === null ? {} : { 'content-type': 'application/json' };
    return new Promise((resolve) => {
      const options = { host: '127.0.0.1', port: this.#port, method, path, agent: false };
      const sent = request({ ...options, headers: { ...type, ...headers } }, (response) => {
        const status = response.statusCode ?? null;
        let read = 0;
        const leave = () => {
          sent.destroy();
          resolve(status);
        };
        response.on('data', (chunk: Buffer) => {
          read += chunk.length;
          const isStream = /ndjson|event-stream/.test(response.headers['content-type'] ?? '');
          if (isStream || read > MAX_READ_BYTES) leave();
        });
        response.once('end', leave).once('error', leave);
      });
      sent.setTimeout(DEADLINE_MS, () => {
        resolve('hangs');
        sent.destroy();
      });
      sent.once('error', () => resolve(null));
      sent.end(body ?? undefined);
    });
  }
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'];
const HEADERS = [
  ...['accept', 'range', 'if-range', 'last-event-id', 'content-type', 'origin', 'sec-fetch-site', 'host'],
  ...['upload-length', 'upload-offset', 'upload-metadata', 'tus-resumable', 'expect', 'if-none-match'],
];
const WORDS = [
  ...['CARD', 'drive', 'day', 'camera', '2026-01-01', '0', '-1', '1', '999999999999999999999', 'NaN', 'true'],
  ...[
    '',
    ' ',
    // Not `/`: on the simulated board a folder is a card, and all of this machine is listed for minutes.
    '/nowhere',
    '/etc',
    '../../../etc/passwd',
    '.',
    '..',
    '%00',
    '\0',
    '\n',
    '\u202e',
    'ä',
    '📷',
    '\ud800',
  ],
  ...[
    '*',
    '?',
    '$(id)',
    "'; --",
    '<script>',
    '{{x}}',
    'bytes=0-',
    'bytes=5-1',
    'bytes=-0',
    'text/event-stream',
  ],
  ...[
    'x'.repeat(5000),
    `${'0'.repeat(16)}-1`,
    '__proto__',
    'constructor',
    'application/json; charset=utf-7',
    '1.0.0',
  ],
];
const VALUES: readonly unknown[] = [
  ...WORDS,
  ...[
    null,
    true,
    false,
    0,
    -1,
    1.5,
    1e308,
    2 ** 53,
    [],
    {},
    [['x']],
    { x: 1 },
    ['CARD'],
    { __proto__: null },
  ],
];
const BODIES = [
  ...['', '{', '[]', 'null', '0', '"x"', '{"a":', '\ufeff{}', '{"__proto__":{"x":1}}', '{"constructor":1}'],
  ...[
    '['.repeat(20_000),
    `{"card":"${'x'.repeat(70_000)}"}`,
    '{"card":"CARD","card":"x"}',
    '{"card":"\\ud800"}',
  ],
];

/** Mostly as a client would write it. */
function encoded(chance: Chance, word: string): string {
  const isPlain = chance.below(8) === 0;
  return isPlain ? word.replace(/[^\x21-\x7e]|#/g, '') : encodeURIComponent(Buffer.from(word).toString());
}
