import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { hostsForUrls } from '../../adapters/http/hosts.ts';
import { Desk, lineReader, parseProblem, until } from './kit.ts';
import { appliance, ask, desk, paired, port, sameOrigin, serveTheNetworkEachTest } from './network.ts';

serveTheNetworkEachTest();

const PAIR = '/api/v1/pair';
/** As `imagetank pair` asks for it; gives the code and the next message. */
async function invite(body: object = {}) {
  const response = await desk.open('/api/v1/pairing', { body });
  const next = lineReader(response);
  const message = async () => JSON.parse((await next()) ?? 'null') as Record<string, unknown> | null;
  const { open } = (await message()) as { open: Record<string, unknown> & { code: string } };
  return { open, message, response };
}

describe('a phone with the code', () => {
  test('gets a cookie that no script can read and no other site’s request carries, and no token in the text', async () => {
    const { open, message } = await invite({ role: 'viewer' });
    const answer = await ask(PAIR, { body: { code: open.code, name: '  my phone ' }, headers: sameOrigin() });
    expect(answer.status).toBe(201);
    const [cookie = '', ...others] = answer.headers['set-cookie'] ?? [];
    const [pair = '', ...flags] = cookie.split('; ');
    const token = pair.replace('imagetank=', '');
    expect(others).toEqual([]);
    expect(flags.sort()).toEqual(['HttpOnly', 'Max-Age=34560000', 'Path=/', 'SameSite=Strict']);
    expect(answer.text).not.toContain(token);
    const device = { id: 'id-1', name: 'my phone', role: 'viewer', pairedAt: '2026-11-21T00:00:00.000Z' };
    expect(JSON.parse(answer.text)).toEqual({ device });
    expect(await message()).toEqual({ paired: device });
    expect(await message()).toBeNull();
    expect((await ask('/api/v1/status', { headers: { cookie: pair } })).status).toBe(200);
    expect(JSON.stringify([desk.door.facts, appliance.asked])).not.toContain(token);
  });

  test('that is wrong is 403, and comes in nowhere', async () => {
    await invite();
    const answer = await ask(PAIR, { body: { code: '999999' } });
    expect(parseProblem(answer)).toMatchObject({ status: 403, code: 'wrong-code' });
    expect([answer.headers['set-cookie'], desk.door.facts]).toEqual([undefined, []]);
  });

  test('after three wrong ones is 429, with the seconds to wait', async () => {
    const { open } = await invite();
    for (let guess = 0; guess < 3; guess++) await ask(PAIR, { body: { code: '999999' } });
    const answer = await ask(PAIR, { body: { code: open.code } });
    expect(parseProblem(answer)).toMatchObject({ status: 429, code: 'too-many-guesses' });
    expect(answer.headers['retry-after']).toBe('60');
    desk.door.clock.advance(59_500);
    expect((await ask(PAIR, { body: { code: open.code } })).headers['retry-after']).toBe('1');
    desk.door.clock.advance(60_000);
    expect((await ask(PAIR, { body: { code: open.code } })).status).toBe(201);
  });

  test('when nothing is open is 409', async () => {
    const problem = parseProblem(await ask(PAIR, { body: { code: '000001' } }));
    expect(problem).toMatchObject({ status: 409, code: 'no-pairing' });
  });

  test.each([
    { code: '12345' },
    { code: 123456 },
    { code: '1234567' },
    { code: '123456', role: 'owner' },
    { code: '123456', name: '' },
    { code: '123456', name: ' ' },
    { code: '123456', name: 'x'.repeat(65) },
    { code: '123456', name: 'a\u001b[2J' },
    { code: '123456', name: 'a\u202eb' },
    { code: '123456', name: 'a\nb' },
    [],
    null,
  ])('and %j is 400, and no guess', async (body) => {
    const { open } = await invite();
    for (let time = 0; time < 4; time++) {
      expect(parseProblem(await ask(PAIR, { body }))).toMatchObject({ status: 400, code: 'bad-request' });
    }
    expect((await ask(PAIR, { body: { code: open.code } })).status).toBe(201);
  });
});

test('after three presses of the button the first device that asks without a code comes in', async () => {
  desk.door.access.openByButton();
  expect((await ask(PAIR, { body: { name: 'phone' } })).status).toBe(201);
  expect((await ask(PAIR, { body: { name: 'other' } })).status).toBe(409);
});

test('who asked before the button was pressed does not come in by it, and hears what to do', async () => {
  expect((await ask(PAIR, { body: {} })).status).toBe(409);
  desk.door.access.openByButton();
  const problem = parseProblem(await ask(PAIR, { body: { name: 'phone' } }));
  expect(problem).toMatchObject({ status: 403, code: 'asked-too-early' });
  expect(problem.hint).toContain('imagetank pair');
});

describe('an invitation', () => {
  test('tells code, role, seconds, and where the network reaches the box', async () => {
    const { open } = await invite({ role: 'viewer', name: 'tablet' });
    expect(open).toMatchObject({ code: '000001', role: 'viewer', name: 'tablet', secondsLeft: 300, port });
    const addresses = hostsForUrls();
    // Nothing announces a name here.
    expect(open['hosts']).toEqual(addresses.length === 0 ? ['localhost'] : addresses);
    expect(open['encrypted']).toBe(false);
  });

  test('ends when whoever asked for it goes away', async () => {
    const { response } = await invite();
    response.destroy();
    await until(() => desk.server.openStreams() === 0);
    expect((await ask(PAIR, { body: { code: '000001' } })).status).toBe(409);
  });

  test('that is over says why', async () => {
    const { message } = await invite();
    desk.door.clock.advance(300_000);
    expect(await message()).toEqual({ closed: 'expired' });
  });

  test('is refused while nothing listens on the network: 78, with the fix', async () => {
    const local = new Desk(appliance);
    await local.listen();
    for (const path of ['pairing', 'tokens']) {
      const problem = parseProblem(await local.post(path, { name: 'x' }));
      expect(problem).toMatchObject({
        exitCode: 78,
        code: 'no-port',
        hint: expect.stringContaining('port = '),
      });
    }
    await local.clear();
  });

  test.each(['pairing', 'tokens'])('is not made over the network: /%s is 403 for an owner', async (path) => {
    const { bearer } = await paired('owner');
    const answer = await ask(`/api/v1/${path}`, { body: { name: 'x' }, headers: bearer });
    expect(parseProblem(answer)).toMatchObject({ status: 403, code: 'only-on-the-box' });
    expect(desk.door.facts).toHaveLength(1);
  });
});

describe('devices', () => {
  test('a token for a script is told once and lets it in', async () => {
    const answer = await desk.post('tokens', { name: 'script', role: 'viewer' });
    const { token, device, port: at } = JSON.parse(answer.text) as Record<string, unknown>;
    expect([answer.status, at]).toEqual([201, port]);
    expect(device).toMatchObject({ name: 'script', role: 'viewer' });
    expect((await ask('/api/v1/status', { headers: { authorization: `bearer ${token}` } })).status).toBe(200);
    expect((await desk.get('devices')).text).not.toContain(String(token));
  });

  test('are listed for owners and for the box, not for viewers', async () => {
    const [owner, viewer] = [await paired('owner'), await paired('viewer')];
    const list = [owner.device, viewer.device];
    expect(JSON.parse((await desk.get('devices')).text)).toMatchObject(list);
    expect(JSON.parse((await ask('/api/v1/devices', { headers: owner.bearer })).text)).toMatchObject(list);
    const refused = parseProblem(await ask('/api/v1/devices', { headers: viewer.bearer }));
    expect(refused).toMatchObject({ status: 403, code: 'viewer-only-reads' });
  });

  test('are revoked by owners and by the box, not by viewers', async () => {
    const [owner, viewer, other] = [await paired('owner'), await paired('viewer'), await paired('owner')];
    const path = `/api/v1/devices/${other.device.id}`;
    const remove = (headers: Record<string, string>) => ask(path, { method: 'DELETE', headers });
    expect((await remove(viewer.bearer)).status).toBe(403);
    expect((await ask('/api/v1/status', { headers: other.bearer })).status).toBe(200);
    expect((await remove(owner.bearer)).status).toBe(200);
    expect((await ask('/api/v1/status', { headers: other.bearer })).status).toBe(401);
    expect((await remove(owner.bearer)).status).toBe(404);
    const byTheBox = await desk.ask(`/api/v1/devices/${viewer.device.id}`, { method: 'DELETE' });
    expect(byTheBox.status).toBe(200);
    expect((await ask('/api/v1/status', { headers: viewer.bearer })).status).toBe(401);
  });

  test('leave by themselves, viewers too, and their cookie goes', async () => {
    const { cookie } = await paired('viewer');
    const answer = await ask('/api/v1/unpair', { body: {}, headers: { ...cookie, ...sameOrigin() } });
    expect(answer.status).toBe(200);
    expect(answer.headers['set-cookie']?.[0]).toMatch(/^imagetank=; Max-Age=0;/);
    expect((await ask('/api/v1/status', { headers: cookie })).status).toBe(401);
    expect(parseProblem(await desk.post('unpair', {}))).toMatchObject({ code: 'not-a-device' });
  });
});

describe('revoking a device', () => {
  const open = async (path: string, headers: Record<string, string>) => {
    const response = await desk.open(`/api/v1/${path}`, { port, headers });
    const next = lineReader(response);
    await next();
    return next;
  };

  test.each([
    'events',
    'journal?follow=true',
    'backups/20261121-57/events',
  ])('ends its stream of %s, and no other', async (path) => {
    appliance.outcome = null;
    const [phone, tablet] = [await paired(), await paired('owner', 'tablet')];
    const ended = await open(path, phone.bearer);
    await open(path, tablet.bearer);
    await desk.door.access.unpair(phone.device.id);
    for (let line = await ended(); line !== null; line = await ended()) JSON.parse(line);
    await until(() => desk.server.openStreams() === 1 && appliance.open === 1);
  });

  test('while it sends a body leaves its order undone', async () => {
    const { device, token } = await paired();
    const socket = connect(port, '127.0.0.1');
    const heard: string[] = [];
    socket.on('data', (bytes) => heard.push(String(bytes)));
    const body = '{"action":"poweroff","confirm":true}';
    const head = `POST /api/v1/power HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n`;
    socket.write(`${head}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n{`);
    // An answer to a second question says that the head of the first was taken.
    await ask('/healthz');
    await desk.door.access.unpair(device.id);
    socket.write(body.slice(1));
    await until(() => heard.length > 0);
    socket.destroy();
    expect(heard.join('')).toMatch(/^HTTP\/1.1 401 /);
    expect(appliance.asked).toEqual([]);
  });
});

describe('a client that is slow or large', () => {
  test.each([
    ['with its headers', 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n'],
    [
      'with its body',
      'POST /api/v1/pair HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
    ],
  ])('%s is cut off', async (_what, text) => {
    const socket = connect(port, '127.0.0.1');
    const heard: string[] = [];
    socket.on('data', (bytes) => heard.push(String(bytes))).on('error', () => undefined);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(text);
    await closed;
    expect(heard.join('')).toMatch(/^HTTP\/1.1 408 /);
  });

  test('with the body of a PATCH that is no upload is cut off, too', async () => {
    const { bearer } = await paired();
    const socket = connect(port, '127.0.0.1');
    const heard: string[] = [];
    socket.on('data', (bytes) => heard.push(String(bytes))).on('error', () => undefined);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    const lines = ['Host: localhost', `Authorization: ${bearer.authorization}`, 'Content-Length: 9'];
    socket.write(
      `PATCH /api/v1/settings HTTP/1.1\r\n${lines.join('\r\n')}\r\nContent-Type: application/json\r\n\r\n{`,
    );
    await closed;
    expect(heard.join('')).toMatch(/^HTTP\/1.1 408 /);
  });

  test('headers have a shorter time than the rest', async () => {
    const patient = new Desk(appliance, {
      patience: { headersMs: 50, requestMs: 600_000, pauseMs: 600_000, lookMs: 10 },
    });
    const socket = connect(await patient.server.listenPort(0), '127.0.0.1');
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined).resume();
    socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n');
    await closed;
    await patient.clear();
  });

  test.each([
    ['by its length', {}],
    ['in chunks', { 'transfer-encoding': 'chunked' }],
  ])('a body that is too large %s is 413', async (_what, headers: Record<string, string>) => {
    const raw = JSON.stringify({ code: '123456', name: 'x'.repeat(1_000_000) });
    const answer = await ask(PAIR, { method: 'POST', raw, headers }).catch((error: Error) => error);
    // The server may hang up before all of it was sent.
    if (answer instanceof Error) expect(answer.message).toMatch(/EPIPE|ECONNRESET/);
    else expect(answer.status).toBe(413);
    expect(desk.door.facts).toEqual([]);
  });
});
