import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApp } from '../../adapters/http/app.ts';
import { isPlain, pathOf } from '../../adapters/http/target.ts';
import { ScriptedAppliance } from '../cli/scripted-appliance.ts';
import { Desk, deaf } from './kit.ts';

describe('a request target', () => {
  test.each([
    '/',
    '/healthz',
    '/sw.js?x=%61#'.slice(0, -1),
    '/api/v1/photos/2026%3A1%2F2/thumb',
    '/api/v1/photos?name=%61\\',
    '/api/v1/backups/K%C3%A4rt%20e',
    '//evil.example',
  ])('%s is read by the router as by the gate', (target) => {
    expect(isPlain(target)).toBe(true);
  });

  test.each([
    '',
    '*',
    'x',
    'http://localhost/healthz',
    'HTTPS://localhost',
    '?/',
    '/#',
    '/healthz?x#y',
    '/api\\v1/status',
    '/api/v1/photos/a\\b',
    '/%61pi/v1/status',
    '/%2Fhealthz',
    '/api/%3Av1/status',
    '/api/v1%2Fstatus',
    '/api/v1/%73tatus',
    '/api/v1/%53tatus',
    '/api/v1/status%2Etxt',
    '/api/v1/status%2dtxt',
    '/api/v1/%7Atatus%7e',
    '/api/v1/a%5fb',
    '/api/v1/%30',
    '/api/v1/photos/%',
    '/api/v1/photos/%4',
    '/api/v1/photos/%zz',
  ])('%j is not', (target) => {
    expect(isPlain(target)).toBe(false);
  });
});

/** The real router with the paths of the real one, which tells which of them it found. */
let server: Server;
let patterns: readonly string[];
beforeAll(async () => {
  const desk = new Desk(new ScriptedAppliance());
  await desk.listen();
  const { paths } = JSON.parse((await desk.get('openapi.json')).text) as { paths: object };
  await desk.clear();
  patterns = [...Object.keys(paths), '/api/v1/photos/{id}/original', '/api/v1/uploads/{id}'];
  const app = createApp(deaf);
  for (const pattern of patterns) {
    app.get(pattern.replaceAll(/\{(\w+)\}/g, ':$1'), (_request, reply) =>
      reply.header('x-found', pattern).send(),
    );
  }
  await app.ready();
  server = createServer((request, response) => {
    response.setHeader('x-path', encodeURIComponent(pathOf(request)));
    if (isPlain(request.url ?? '')) app.routing(request, response);
    else response.writeHead(400, { 'x-odd': 'yes' }).end();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
});
afterAll(() => server.close());

/** Head of the answer. */
const asked = (target: string): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    let text = '';
    socket.on('data', (bytes) => {
      text += String(bytes);
    });
    socket.on('error', () => undefined);
    socket.once('close', () => resolve(text));
    socket.end(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  });

/** Letter by letter, but for what a pattern leaves open. */
const isLiterally = (pattern: string, path: string): boolean => {
  const [wanted, given] = [pattern.split('/'), path.split('/')];
  return (
    wanted.length === given.length && wanted.every((part, at) => part.startsWith('{') || part === given[at])
  );
};

const LETTERS = [...'/%#?\\;:.*@&=+$,~-_ aApPiIvV1sSxX0'].filter((letter) => letter !== ' ');
const encoded = (letter: string): string => `%${letter.charCodeAt(0).toString(16).padStart(2, '0')}`;
const odd = fc.oneof(
  fc.constantFrom(...LETTERS),
  fc.constantFrom(...LETTERS).map(encoded),
  fc.constantFrom(
    '%25',
    '%2561',
    '%C3%A9',
    '%c1%a1',
    '%00',
    '%',
    '%4',
    '#',
    '#x',
    '/./',
    '/../',
    '//',
    'http://x',
  ),
);

test('is found by the router where the gate sees it, letter by letter, or refused', async () => {
  let [found, refused] = [0, 0];
  const near = fc
    .constantFrom(...patterns.map((pattern) => pattern.replaceAll(/\{\w+\}/g, 'x1')))
    .chain((path) =>
      fc.record({
        path: fc.constant(path),
        at: fc.oneof(fc.nat({ max: path.length }), fc.constant(path.length)),
        cut: fc.constantFrom(0, 0, 1, 1, 2),
        put: fc.oneof(fc.constant(null), odd, fc.constant('')),
      }),
    )
    // Null encodes the letter that stands there: the router may read it as the same.
    .map(({ path, at, cut, put }) =>
      put === null && at < path.length
        ? `${path.slice(0, at)}${encoded(path[at] ?? '/')}${path.slice(at + 1)}`
        : `${path.slice(0, at)}${put ?? ''}${path.slice(at + cut)}`,
    );
  const free = fc.array(odd, { minLength: 1, maxLength: 12 }).map((parts) => parts.join(''));
  await fc.assert(
    fc.asyncProperty(fc.oneof({ weight: 4, arbitrary: near }, free), async (target) => {
      const head = await asked(target || '/');
      if (/x-odd: yes/.test(head)) {
        refused += 1;
        return;
      }
      const path = decodeURIComponent(/x-path: (.*)\r/.exec(head)?.[1] ?? '');
      const pattern = /x-found: (.*)\r/.exec(head)?.[1];
      if (pattern !== undefined) {
        found += 1;
        expect([pattern, path]).toSatisfy(() => isLiterally(pattern, path));
      }
    }),
    { numRuns: 3000 },
  );
  expect(Math.min(found, refused)).toBeGreaterThan(100);
}, 60_000);
