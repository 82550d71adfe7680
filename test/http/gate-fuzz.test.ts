import { connect } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { appliance, desk, paired, port, serveTheNetworkEachTest } from './network.ts';

serveTheNetworkEachTest();

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND'];
const PIECES = [
  ...['/', '//', '/./', '/../', '\\', '%2e%2e', '%2f', '%00', ';', '?', '#', '@', ':', '*', '%', '%zz'],
  ...[
    'api',
    'API',
    '%61pi',
    'v1',
    'status',
    'events',
    'pair',
    'pairing',
    'tokens',
    'devices',
    'healthz',
    'Healthz',
  ],
  ...['http://localhost', 'http://evil.example', 'x', '0', '~', '%C3%A9'],
];
/** What a request line may hold without being another one. */
const anyPath = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.array(fc.constantFrom(...PIECES), { maxLength: 8 }).map((parts) => parts.join('')),
  },
  { weight: 1, arbitrary: fc.stringMatching(/^\/[!-~]{0,40}$/) },
);
const known = fc.constantFrom('/', '/healthz', '/api/v1/pair', '/api/v1/status', '/api/v1/power');
const path = fc.oneof(
  anyPath,
  known,
  fc.tuple(known, anyPath).map((parts) => parts.join('')),
);
const header = fc.constantFrom(
  'Authorization: Bearer x',
  `Authorization: Bearer ${'x'.repeat(43)}`,
  'Authorization: Basic eDp4',
  `Cookie: imagetank=${'x'.repeat(43)}`,
  'Cookie: imagetank=',
  'Cookie: __Host-imagetank=%00',
  'Cookie: =;;=;imagetank',
  'X-Forwarded-For: 127.0.0.1',
  'X-Forwarded-Host: localhost',
  'X-HTTP-Method-Override: GET',
  'X-Original-URL: /healthz',
  'Content-Type: application/json',
  'Origin: null',
  'Sec-Fetch-Site: none',
  'Upgrade: websocket',
  'Expect: 100-continue',
);
const host = fc.constantFrom(
  'localhost',
  '127.0.0.1',
  'LOCALHOST:80',
  'evil.example',
  '',
  'localhost@evil.example',
  '[::1]',
);

/** The status of the one answer; 0 when the connection was closed without one. */
function status(request: string): Promise<number> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    socket.on('data', (bytes) => {
      text += String(bytes);
    });
    socket.on('error', () => undefined);
    socket.once('close', () => {
      const final = text.replace(/^HTTP\/1.1 100 .*?\r\n\r\n/s, '');
      resolve(Number(/^HTTP\/1\.1 (\d{3})/.exec(final)?.[1] ?? 0));
    });
    socket.end(request);
  });
}

/** 408: the patience of this server is shorter than a busy machine may take. */
const WITHOUT_A_TOKEN = [400, 401, 408, 421];
const isNamed = (method: string, asked: string): boolean => {
  const name = asked.split('?')[0];
  if (method === 'POST') return name === '/api/v1/pair';
  return (method === 'GET' || method === 'HEAD') && (name === '/' || name === '/healthz');
};

test('nothing but the named paths answers other than 400, 401, 403 or 421 without a token', async () => {
  await paired();
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...METHODS),
      path,
      host,
      fc.uniqueArray(header, { maxLength: 4 }),
      async (method, asked, name, headers) => {
        const head = [`${method} ${asked || '/'} HTTP/1.1`, `Host: ${name}`, ...headers, 'Connection: close'];
        const code = await status(`${head.join('\r\n')}\r\n\r\n`);
        const isForeign = headers.includes('Origin: null');
        const allowed = [...WITHOUT_A_TOKEN, ...(isForeign ? [403] : [])];
        if (!isNamed(method, asked || '/')) expect(allowed).toContain(code);
        else expect([200, 403, 409, 415, 429, ...WITHOUT_A_TOKEN]).toContain(code);
      },
    ),
    { numRuns: 2000 },
  );
  expect(appliance.asked).toEqual([]);
  expect(desk.door.facts).toHaveLength(1);
  expect(desk.server.openStreams()).toBe(0);
}, 60_000);
