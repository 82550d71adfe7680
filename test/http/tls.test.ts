import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { connect as secureConnect, type TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readCertificate } from '../../adapters/openssl/certificate.ts';
import type { Certificate } from '../../services/network/ports.ts';
import { ScriptedAppliance } from '../cli/scripted-appliance.ts';
import { makeCertificate } from '../network/certificate-maker.ts';
import { Desk, parseProblem } from './kit.ts';

const FAR_MS = Date.parse('2040-01-01T00:00:00Z');
function made(): Certificate {
  const { cert, key } = makeCertificate(FAR_MS, ['localhost']);
  const read = readCertificate(cert, key);
  if ('flaw' in read) throw new Error(read.flaw);
  return read;
}

let desk: Desk;
let port: number;
let certificate: Certificate;
beforeEach(async () => {
  certificate = made();
  desk = new Desk(new ScriptedAppliance());
  await desk.listen();
  port = await desk.server.listenPort(0, certificate);
});
afterEach(() => desk.clear());

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly cookie: string;
  readonly headers: Record<string, unknown>;
}

/** As a browser that was told to trust exactly this certificate. */
function ask(
  path: string,
  body?: object,
  headers: Record<string, string> = {},
  ca = certificate.cert,
): Promise<Answer> {
  const method = body === undefined ? 'GET' : 'POST';
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    const options = {
      host: 'localhost',
      servername: 'localhost',
      port,
      path,
      method,
      ca,
      agent: false,
      family: 4,
    } as const;
    httpsRequest({ ...options, headers: { ...type, ...headers } }, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      const cookie = response.headers['set-cookie']?.[0] ?? '';
      const text = Buffer.concat(chunks).toString();
      resolve({ status: response.statusCode ?? 0, text, cookie, headers: response.headers });
    })
      .on('error', reject)
      .end(body === undefined ? undefined : JSON.stringify(body));
  });
}

describe('with a certificate', () => {
  test('a phone comes in over TLS, with a cookie that goes over TLS only', async () => {
    const { code } = desk.door.invite();
    const origin = { origin: `https://localhost:${port}` };
    const { status, cookie } = await ask('/api/v1/pair', { code, name: 'phone' }, origin);
    expect(status).toBe(201);
    expect(cookie).toMatch(/^__Host-imagetank=.{43}; .*Secure/);
    const known = { cookie: cookie.split(';')[0] ?? '' };
    expect((await ask('/api/v1/status', undefined, known)).status).toBe(200);
    expect((await ask('/api/v1/ack', {}, { ...known, ...origin })).status).toBe(200);
    expect((await ask('/api/v1/ack', {}, { ...known, origin: `http://localhost:${port}` })).status).toBe(403);
  });

  test('a cookie that was set without TLS does not count, also beside the other one', async () => {
    const { token } = await desk.door.access.admit({ role: 'owner', name: 'phone' });
    const status = async (cookie: string) => (await ask('/api/v1/status', undefined, { cookie })).status;
    expect(await status(`imagetank=${token}`)).toBe(401);
    expect(await status(`__Host-imagetank=x; imagetank=${token}`)).toBe(401);
    expect(await status(`imagetank=x; __Host-imagetank=${token}`)).toBe(200);
  });

  test('the gate stands as before: 401 without a token, 421 for another name', async () => {
    expect((await ask('/api/v1/status')).status).toBe(401);
    expect((await ask('/healthz', undefined, { host: 'evil.example' })).status).toBe(421);
  });

  test('no browser is told to insist on TLS for good', async () => {
    expect((await ask('/')).headers).not.toHaveProperty('strict-transport-security');
  });

  test('what is told to those who pair says https and the fingerprint', async () => {
    const answer = await desk.post('tokens', { name: 'script' });
    expect(JSON.parse(answer.text)).toMatchObject({
      port,
      encrypted: true,
      fingerprint: certificate.fingerprint,
    });
  });

  test.each(['TLSv1', 'TLSv1.1'] as const)('%s is refused', async (version) => {
    const socket = secureConnect({
      port,
      host: '127.0.0.1',
      rejectUnauthorized: false,
      minVersion: version,
      maxVersion: version,
      ciphers: 'DEFAULT@SECLEVEL=0',
    });
    const code = await new Promise((resolve) =>
      socket
        .once('error', (error) => resolve((error as NodeJS.ErrnoException).code))
        .once('secureConnect', () => resolve('open')),
    );
    socket.destroy();
    expect(code).not.toBe('open');
  });
});

describe('without TLS on that port', () => {
  test.each([
    ['GET', '/'],
    ['HEAD', '/'],
    ['GET', '/photos?day=2026-11-21'],
    ['GET', '//evil.example/x'],
  ])('%s %s is led to https, not for good', async (method, path) => {
    const { status, headers } = await desk.ask(path, {
      port,
      method,
      headers: { host: `localhost:${port}` },
    });
    expect([status, headers.location]).toEqual([307, `https://localhost:${port}${path}`]);
    expect(headers['cache-control']).toBe('no-store');
  });

  test.each([
    ['GET', '/api/v1/status'],
    ['GET', '/metrics'],
    ['GET', '/metrics?x'],
    ['POST', '/api/v1/pair'],
    ['POST', '/'],
    ['GET', 'http://evil.example/'],
    ['OPTIONS', '*'],
  ])('%s %s is told to use TLS, whatever it shows', async (method, path) => {
    const { token } = await desk.door.access.admit({ role: 'owner', name: 'script' });
    const headers = { authorization: `Bearer ${token}` };
    const answer = await desk.ask(path, { port, method, headers });
    expect(parseProblem(answer)).toMatchObject({ status: 400, code: 'needs-tls' });
  });

  test('nobody is led to another host', async () => {
    const answer = await desk.ask('/', { port, headers: { host: 'evil.example' } });
    expect(parseProblem(answer)).toMatchObject({ status: 421, code: 'unknown-host' });
  });
});

describe('a connection that', () => {
  let hasty: Desk;
  beforeEach(async () => {
    hasty = new Desk(new ScriptedAppliance(), {
      patience: { headersMs: 200, requestMs: 400, pauseMs: 400, lookMs: 10 },
    });
    port = await hasty.server.listenPort(0, certificate);
  });
  afterEach(() => hasty.clear());
  /** A handshake may take longer than this server waits, where the machine has other things to do. */
  const status = async (): Promise<number> => {
    for (;;) {
      const answer = await ask('/healthz').catch(() => null);
      if (answer !== null) return answer.status;
    }
  };
  const closed = (text: string | Buffer) =>
    new Promise<void>((resolve) => {
      const socket = connect(port, '127.0.0.1').on('error', () => undefined);
      socket.once('close', () => resolve()).resume();
      if (text.length > 0) socket.write(text);
    });
  test.each<[what: string, bytes: string | Buffer]>([
    ['says nothing', ''],
    ['begins a handshake and goes no further', Buffer.from([0x16, 3, 1, 2, 0, 1])],
    ['begins a request and goes no further', 'GET / HT'],
    ['is neither', Buffer.from([0, 1, 2, 3])],
  ])('%s is closed', async (_what, bytes) => {
    await closed(bytes);
    expect(await status()).toBe(200);
  });
});

test('a connection that stands open does not keep the server from closing', async () => {
  const [plain, secure] = [
    connect(port, '127.0.0.1'),
    await new Promise<TLSSocket>((resolve) => {
      const socket = secureConnect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () =>
        resolve(socket),
      );
    }),
  ];
  for (const socket of [plain, secure]) socket.on('error', () => undefined);
  await desk.server.close();
  await expect(ask('/healthz')).rejects.toThrow('ECONNREFUSED');
});

describe('a certificate that was renewed', () => {
  test('is served to who comes from now on, and told', async () => {
    const other = made();
    desk.server.useCertificate(other);
    await expect(ask('/healthz')).rejects.toThrow();
    expect((await ask('/healthz', undefined, {}, other.cert)).status).toBe(200);
    const told = await desk.post('tokens', { name: 'script' });
    expect(JSON.parse(told.text)).toMatchObject({ fingerprint: other.fingerprint });
  });

  test('and is none leaves the one of before', async () => {
    const bad = { ...made(), cert: 'x' };
    expect(() => desk.server.useCertificate(bad)).toThrow(expect.objectContaining({ exitCode: 78 }));
    expect((await ask('/healthz')).status).toBe(200);
    const told = await desk.post('tokens', { name: 'script' });
    expect(JSON.parse(told.text)).toMatchObject({ fingerprint: certificate.fingerprint });
  });

  test('a server does not begin with one that is none: 78', async () => {
    const second = new Desk(new ScriptedAppliance());
    const listening = second.server.listenPort(0, { ...made(), key: 'x' });
    await expect(listening).rejects.toMatchObject({ code: 'bad-certificate', exitCode: 78 });
    await second.clear();
  });
});
