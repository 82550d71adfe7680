import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PLAIN_PAGE } from '../../adapters/http/page.ts';
import { loadPage } from '../../adapters/http/page-folder.ts';
import { ScriptedAppliance } from '../cli/scripted-appliance.ts';
import { Desk, parseProblem } from './kit.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'imagetank-page-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function put(path: string, body: string | Buffer = path): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), body);
}

const SCRIPT = 'assets/main-Bx3k9_aQ.js';
const SCRIPT_TEXT = 'let a = 1;\n'.repeat(100);

function build(): void {
  put('index.html', '<!doctype html>');
  put('sw.js', 'self');
  put('icons/icon-512.png');
  put('imagetank.webmanifest', '{}');
  put('assets/main-DkRf4PqA.css', 'a{}');
  put('assets/logo.svg', '<svg/>');
  put('assets/font-a1b2c3d4.woff2');
  put(SCRIPT, SCRIPT_TEXT);
  put(`${SCRIPT}.br`, brotliCompressSync(SCRIPT_TEXT));
  put(`${SCRIPT}.gz`, gzipSync(SCRIPT_TEXT));
  put('assets/main-DkRf4PqA.css.gz', gzipSync('a{}'));
}

describe('the folder', () => {
  test('gives each file its path, its type and how long it lasts', () => {
    build();
    const page = loadPage(folder);
    const told = [...page].map(([path, { type, isForEver }]) => [path, type.split(';')[0], isForEver]);
    expect(told.sort()).toEqual([
      ['/', 'text/html', false],
      ['/assets/font-a1b2c3d4.woff2', 'font/woff2', true],
      ['/assets/logo.svg', 'image/svg+xml', false],
      ['/assets/main-Bx3k9_aQ.js', 'text/javascript', true],
      ['/assets/main-DkRf4PqA.css', 'text/css', true],
      ['/icons/icon-512.png', 'image/png', false],
      ['/imagetank.webmanifest', 'application/manifest+json', false],
      ['/sw.js', 'text/javascript', false],
    ]);
    expect(new Set([...page.values()].map(({ tag }) => tag)).size).toBe(8);
  });

  test('gives nothing that is not of a page: maps, other files, hidden ones, links', () => {
    build();
    const before = [...loadPage(folder).keys()];
    for (const path of [`${SCRIPT}.map`, 'notes.txt', '.env.js', '.hidden/x.js', 'a b.js', 'ä.js', 'README'])
      put(path);
    symlinkSync('sw.js', join(folder, 'link.js'));
    symlinkSync('assets', join(folder, 'more'));
    expect([...loadPage(folder).keys()]).toEqual(before);
  });

  test('that is missing, or has no page in it, is the plain page', () => {
    expect(loadPage(join(folder, 'none'))).toBe(PLAIN_PAGE);
    put('sw.js');
    expect(loadPage(folder)).toBe(PLAIN_PAGE);
  });

  test('of more than 500 files, or 16 MB, is none of ours', () => {
    put('index.html');
    for (let count = 1; count < 500; count++) put(`assets/${count}.js`, '');
    expect(loadPage(folder).size).toBe(500);
    put('assets/more.js', '');
    expect(() => loadPage(folder)).toThrow(RangeError);
    rmSync(join(folder, 'assets'), { recursive: true });
    put('big.png');
    truncateSync(join(folder, 'big.png'), 16e6);
    expect(() => loadPage(folder)).toThrow(/16000010 bytes/);
  });
});

describe('on the network', () => {
  let desk: Desk;
  let port: number;
  beforeEach(async () => {
    build();
    desk = new Desk(new ScriptedAppliance(), { page: () => loadPage(folder) });
    await desk.listen();
    port = await desk.server.listenPort(0);
  });
  afterEach(() => desk.clear());
  const ask = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    desk.ask(path, { port, headers, method });

  test('everybody may read it, with the policy of the page', async () => {
    const answer = await ask('/');
    expect(answer).toMatchObject({ status: 200, type: 'text/html; charset=utf-8', text: '<!doctype html>' });
    expect(answer.headers).toMatchObject({
      'cache-control': 'no-cache',
      'content-length': '15',
      'content-security-policy': expect.stringContaining("script-src 'self'"),
      'x-content-type-options': 'nosniff',
    });
    expect(answer.headers).not.toHaveProperty('vary');
    expect((await ask('/?lang=de')).text).toBe('<!doctype html>');
  });

  test.each([
    ['/sw.js', 'no-cache'],
    ['/assets/logo.svg', 'no-cache'],
    [`/${SCRIPT}`, 'public, max-age=31536000, immutable'],
  ])('%s is kept as %s', async (path, caching) => {
    expect((await ask(path)).headers['cache-control']).toBe(caching);
  });

  test.each([
    ['br', 'br'],
    ['gzip, deflate, br', 'br'],
    ['GZIP', 'gzip'],
    ['br;q=0, gzip;q=0.5', 'gzip'],
    ['br; q=0.000, gzip; q=0', undefined],
    ['brotli, x-gzip', undefined],
    ['', undefined],
  ])('accept-encoding %j gets %s', async (accepted, encoding) => {
    const { headers } = await ask(`/${SCRIPT}`, { 'accept-encoding': accepted });
    expect(headers['content-encoding']).toBe(encoding);
    expect(headers.vary).toBe('accept-encoding');
  });

  test('each form is whole, and has a tag of its own', async () => {
    const tags: unknown[] = [];
    for (const encoding of ['br', 'gzip', 'identity']) {
      const response = await desk.open(`/${SCRIPT}`, { port, headers: { 'accept-encoding': encoding } });
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks);
      if (encoding === 'br') expect(brotliDecompressSync(body).toString()).toBe(SCRIPT_TEXT);
      if (encoding === 'gzip') expect(body.subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]));
      if (encoding === 'identity') expect(body.toString()).toBe(SCRIPT_TEXT);
      tags.push(response.headers.etag);
    }
    expect(new Set(tags).size).toBe(3);
  });

  test('what a browser has already is not sent again', async () => {
    const { headers } = await ask('/');
    const tag = headers.etag ?? '';
    for (const known of [tag, `W/${tag}`, `"x", ${tag}`, '*']) {
      const again = await ask('/', { 'if-none-match': known });
      expect([again.status, again.text, again.headers.etag]).toEqual([304, '', tag]);
    }
    expect((await ask('/', { 'if-none-match': '"x"' })).status).toBe(200);
  });

  test('HEAD tells what GET would send', async () => {
    const [head, get] = [await ask('/sw.js', {}, 'HEAD'), await ask('/sw.js')];
    expect([head.text, head.headers['content-length']]).toEqual(['', get.headers['content-length']]);
  });

  test.each([
    '/index.html',
    '/assets',
    '/assets/',
    '/assets/../sw.js',
    '/./sw.js',
    '//sw.js',
    '/sw.js/',
    `/${SCRIPT}.br`,
    '/etc/passwd',
    '/../../etc/passwd',
  ])('%s is no path of the page: 401', async (path) => {
    expect((await ask(path)).status).toBe(401);
  });

  test('/%73w.js is no path at all: 400', async () => {
    expect((await ask('/%73w.js')).status).toBe(400);
  });

  test('nothing is written to it: POST is 401', async () => {
    expect((await ask('/sw.js', {}, 'POST')).status).toBe(401);
  });

  test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('%s by a device is 405', async (method) => {
    const { token } = await desk.door.access.admit({ role: 'owner', name: 'script' });
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const answer = await ask('/sw.js', headers, method);
    expect(parseProblem(answer)).toMatchObject({ status: 405, code: 'page-only-read' });
    expect(answer.headers).toMatchObject({ allow: 'GET, HEAD' });
    expect(answer.headers).not.toHaveProperty('etag');
  });

  test('is asked for by port only', () => {
    let asked = 0;
    const closed = new Desk(new ScriptedAppliance(), {
      page: () => {
        asked++;
        return PLAIN_PAGE;
      },
    });
    return closed.listen().then(async () => {
      expect(asked).toBe(0);
      await closed.clear();
    });
  });
});
