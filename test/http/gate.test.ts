import { describe, expect, test } from 'vitest';
import { parseProblem } from './kit.ts';
import { appliance, ask, paired, port, sameOrigin, serveTheNetworkEachTest } from './network.ts';

serveTheNetworkEachTest();

const STATUS = '/api/v1/status';
const ACK = '/api/v1/ack';
const order = async (headers: Record<string, string>, question = {}) =>
  ask(ACK, { method: 'POST', raw: '{}', headers, ...question });

describe('a token', () => {
  test.each([
    ['as a bearer', (token: string) => ({ authorization: `Bearer ${token}` })],
    ['as a bearer in any case', (token: string) => ({ authorization: `BEARER  ${token}` })],
    ['as a cookie', (token: string) => ({ cookie: `imagetank=${token}` })],
    ['as a cookie among others', (token: string) => ({ cookie: `a=1; imagetank=${token}; b="2"` })],
    [
      'as a cookie beside that of TLS',
      (token: string) => ({ cookie: `__Host-imagetank=x; imagetank=${token}` }),
    ],
  ])('%s lets in', async (_how, headers) => {
    const { token } = await paired('viewer');
    expect((await ask(STATUS, { headers: headers(token) })).status).toBe(200);
  });

  test.each([
    ['of nobody', () => ({ authorization: `Bearer ${'x'.repeat(43)}` })],
    ['as Basic', (token: string) => ({ authorization: `Basic ${token}` })],
    ['without a scheme', (token: string) => ({ authorization: token })],
    ['and another', (token: string) => ({ authorization: `Bearer ${token} ${token}` })],
    ['in the cookie of TLS without TLS', (token: string) => ({ cookie: `__Host-imagetank=${token}` })],
    ['in a cookie of another name', (token: string) => ({ cookie: `imagetank2=${token}` })],
    [
      'in a cookie beside a wrong bearer',
      (token: string) => ({ authorization: 'Bearer x', cookie: `imagetank=${token}` }),
    ],
    [
      'in a cookie beside Basic',
      (token: string) => ({ authorization: 'Basic eDp4', cookie: `imagetank=${token}` }),
    ],
    ['in 9 KB of cookies', (token: string) => ({ cookie: `a=${'x'.repeat(8192)}; imagetank=${token}` })],
  ])('%s does not', async (_how, headers) => {
    const { token } = await paired();
    const answer = await ask(STATUS, { headers: headers(token) });
    expect(parseProblem(answer)).toMatchObject({ status: 401, code: 'not-paired' });
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="imagetank"');
  });

  test('in the address does not', async () => {
    const { token } = await paired();
    expect((await ask(`${STATUS}?token=${token}`)).status).toBe(401);
  });

  test('does not help under another name of ours: DNS rebinding', async () => {
    const { cookie, bearer } = await paired();
    for (const headers of [cookie, bearer]) {
      const answer = await ask(STATUS, { headers: { ...headers, host: `evil.example:${port}` } });
      expect(parseProblem(answer)).toMatchObject({ status: 421 });
    }
  });
});

/** As a browser on the same machine or network says it for a page of somebody else (CSRF). */
const FOREIGN: readonly (readonly [string, Record<string, string>])[] = [
  ['of another site', { origin: 'http://evil.example' }],
  ['of another site, said by Sec-Fetch-Site alone', { 'sec-fetch-site': 'cross-site' }],
  ['of another port of this host', { origin: 'http://127.0.0.1:1', 'sec-fetch-site': 'same-site' }],
  ['of this host over TLS', { origin: 'https://127.0.0.1' }],
  ['of a sandboxed frame or a file', { origin: 'null' }],
  ['whose words do not agree', { origin: 'http://evil.example', 'sec-fetch-site': 'same-origin' }],
];

describe('an order by a page', () => {
  test.each(FOREIGN)('%s is 403, with cookie, with bearer, and also the way in', async (_whose, headers) => {
    const { cookie, bearer } = await paired();
    for (const credential of [cookie, bearer]) {
      const problem = parseProblem(await order({ ...credential, ...headers }));
      expect(problem).toMatchObject({ status: 403, code: 'cross-site' });
    }
    const pairing = await ask('/api/v1/pair', { body: { code: '000001' }, headers });
    expect(parseProblem(pairing)).toMatchObject({ status: 403, code: 'cross-site' });
    const remove = await ask('/api/v1/devices/id-1', {
      method: 'DELETE',
      headers: { ...cookie, ...headers },
    });
    expect(remove.status).toBe(403);
    expect([appliance.asked, (await ask(STATUS, { headers: cookie })).status]).toEqual([[], 200]);
  });

  test.each([
    ['of ours', () => sameOrigin()],
    ['of ours, said by Origin alone', () => ({ origin: sameOrigin().origin })],
    ['of ours under its name', () => ({ host: `LOCALHOST:${port}`, origin: `http://localhost:${port}` })],
    ['of ours, said by Sec-Fetch-Site alone', () => ({ 'sec-fetch-site': 'same-origin' })],
  ])('%s is done', async (_whose, headers) => {
    const { cookie } = await paired();
    expect((await order({ ...cookie, ...headers() })).status).toBe(200);
    expect(appliance.asked).toEqual([['acknowledge']]);
  });

  test('that does not say whose is refused with a cookie, and done with a bearer token', async () => {
    const { cookie, bearer } = await paired();
    expect(parseProblem(await order(cookie))).toMatchObject({ status: 403, code: 'cross-site' });
    expect((await order(bearer)).status).toBe(200);
    expect(appliance.asked).toHaveLength(1);
  });
});

describe('reading', () => {
  test.each(FOREIGN)('the API for a page %s is 403', async (_whose, headers) => {
    const { cookie } = await paired();
    expect((await ask(STATUS, { headers: { ...cookie, ...headers } })).status).toBe(403);
  });

  test.each([
    '/metrics',
    '/nothing',
    '/index.html',
  ])('%s, as all that is no file of the page, is 403 for another site', async (path) => {
    const { cookie } = await paired();
    const headers = { ...cookie, 'sec-fetch-site': 'same-site', origin: 'http://127.0.0.1:9999' };
    expect(parseProblem(await ask(path, { headers }))).toMatchObject({ status: 403, code: 'cross-site' });
  });

  test('the page is open to a link from anywhere', async () => {
    for (const path of ['/', '/healthz']) {
      expect((await ask(path, { headers: { 'sec-fetch-site': 'cross-site' } })).status).toBe(200);
    }
  });
});

describe('a body', () => {
  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonp',
    'text/json',
    '',
  ])('of type %j is 415, before anything is done', async (type) => {
    const { bearer } = await paired();
    for (const path of [ACK, '/api/v1/pair']) {
      const headers = { ...bearer, 'content-type': type };
      const answer = await ask(path, { method: 'POST', raw: '{}', headers });
      expect(parseProblem(answer)).toMatchObject({ status: 415, code: 'not-json', exitCode: 64 });
    }
    expect(appliance.asked).toEqual([]);
  });

  test('of no type is 415, though there is none', async () => {
    const { bearer } = await paired();
    expect((await ask(ACK, { method: 'POST', headers: bearer })).status).toBe(415);
    expect(appliance.asked).toEqual([]);
  });

  test.each([
    'application/json',
    'Application/JSON; charset=utf-8',
    'application/json ;x',
  ])('of type %s is read', async (type) => {
    const { bearer } = await paired();
    expect((await order({ ...bearer, 'content-type': type })).status).toBe(200);
  });
});

describe('nothing changes by reading', () => {
  test.each([
    '/api/v1/ack',
    '/api/v1/power?action=poweroff&confirm=true',
    '/api/v1/pair?code=000001',
    '/api/v1/unpair',
    '/api/v1/drives/eject?target=X',
    '/api/v1/sim/press',
  ])('GET and HEAD %s are 404', async (path) => {
    const { bearer } = await paired();
    for (const method of ['GET', 'HEAD']) {
      expect((await ask(path, { method, headers: bearer })).status).toBe(404);
    }
    expect(appliance.asked).toEqual([]);
    expect((await ask(STATUS, { headers: bearer })).status).toBe(200);
  });
});

describe('every answer says to browsers what may be done with it:', () => {
  const COMMON = {
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
  };

  test.each([
    ['an answer', STATUS, true],
    ['a refusal', STATUS, false],
    ['a stream', '/api/v1/events', true],
    ['what is not there', '/api/v1/nothing', true],
    ['a path of no page', '/nothing', true],
    ['a target that is refused', '/%61pi/v1/status', true],
    ['the measures', '/metrics', true],
  ])('%s of the API', async (_what, path, known) => {
    const { bearer } = await paired();
    appliance.lights.complete();
    const { headers } = await ask(path, known ? { headers: bearer } : {});
    expect(headers).toMatchObject({ ...COMMON, 'cache-control': 'no-store' });
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none';.*frame-ancestors 'none'; sandbox$/,
    );
    expect(headers['access-control-allow-origin']).toBeUndefined();
  });

  test('the page, which loads nothing from elsewhere and has no script in it', async () => {
    const { headers, text, status } = await ask('/');
    expect(status).toBe(200);
    expect(headers).toMatchObject({ ...COMMON, 'content-type': 'text/html; charset=utf-8' });
    const policy = headers['content-security-policy'] ?? '';
    expect(policy).toMatch(/^default-src 'none'; script-src 'self';/);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|http|\*/);
    expect(text).not.toMatch(/<script|style=|\son\w+=|src=|<link/);
  });

  test('a name that is not ours', async () => {
    const { headers } = await ask('/', { headers: { host: 'evil.example' } });
    expect(headers).toMatchObject(COMMON);
  });
});
