import { closeSync, existsSync, linkSync, mkdirSync, openSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server, Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createHttpServer } from '../../adapters/http/server.ts';
import { VirtualClock } from '../../adapters/memory/virtual-clock.ts';
import { isUserError } from '../../services/errors.ts';
import { Doorman } from '../access/kit.ts';
import { ScriptedAppliance } from '../cli/scripted-appliance.ts';
import { Desk, parseProblem } from './kit.ts';

let desk: Desk;
const sockets = new Set<Socket>();
const other = () =>
  createHttpServer({
    appliance: new ScriptedAppliance(),
    access: new Doorman().access,
    version: '9.9.9',
    clock: new VirtualClock(),
  });

beforeEach(() => {
  desk = new Desk(new ScriptedAppliance());
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  await desk.clear();
});

/** The exit code with which something is refused. */
async function refusal(act: Promise<unknown>): Promise<number> {
  const error = await act.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!isUserError(error)) throw new Error(`not refused: ${String(error)}`);
  expect(error.hint).not.toBe('');
  return error.exitCode;
}

const listening = (server: Server, path: string) =>
  new Promise<void>((resolve) => server.listen(path, () => resolve()));
const closed = (server: Server) => new Promise<void>((resolve) => server.close(() => resolve()));

describe('the socket', () => {
  test('may be used by owner and group only, whatever the umask, which stays as it was', async () => {
    const before = process.umask(0o022);
    try {
      await desk.listen();
      expect(process.umask()).toBe(0o022);
    } finally {
      process.umask(before);
    }
    expect(statSync(desk.socketPath).mode & 0o777).toBe(0o660);
    expect(statSync(desk.socketPath).isSocket()).toBe(true);
  });

  test('of a dead daemon is no obstacle', async () => {
    const dead = createServer();
    const path = join(desk.folder, 'dead.sock');
    await listening(dead, path);
    // A closing server removes its own name only.
    linkSync(path, desk.socketPath);
    await closed(dead);
    expect(existsSync(desk.socketPath)).toBe(true);
    await desk.listen();
    expect((await desk.get('status')).status).toBe(200);
  });

  test('of a living one is left alone: 75', async () => {
    await desk.listen();
    const second = other();
    expect(await refusal(second.listenSocket(desk.socketPath))).toBe(75);
    await second.close();
    expect((await desk.ask('/healthz')).text).toContain('1.2.3');
  });

  test('is no file and no folder of somebody else: 73, and that stays', async () => {
    writeFileSync(desk.socketPath, 'mine');
    expect(await refusal(desk.listen())).toBe(73);
    expect(statSync(desk.socketPath).isFile()).toBe(true);
    const folder = join(desk.folder, 'folder');
    mkdirSync(folder);
    expect(await refusal(desk.server.listenSocket(folder))).toBe(73);
  });

  test('in a folder that is not there: 73', async () => {
    expect(await refusal(desk.server.listenSocket(join(desk.folder, 'none', 'x.sock')))).toBe(73);
  });

  test('is gone after close, which may be called twice and before listening', async () => {
    await other().close();
    await desk.listen();
    await desk.server.close();
    expect(existsSync(desk.socketPath)).toBe(false);
    await desk.server.close();
  });

  test('that should have been inherited and was not: 73', async () => {
    // A file is no socket; a number that nobody opened would be somebody else's soon.
    const fd = openSync('/dev/null', 'r');
    expect(await refusal(desk.server.listenInherited(fd))).toBe(73);
    closeSync(fd);
  });

  test('takes 128 connections and drops more', async () => {
    await desk.listen();
    const dropped = new Promise<void>((resolve) => {
      for (let count = 0; count < 129; count++) {
        const socket = new Socket().on('error', () => undefined).once('close', () => resolve());
        sockets.add(socket.connect(desk.socketPath));
      }
    });
    await dropped;
    const open = [...sockets].filter((socket) => !socket.destroyed);
    expect(open).toHaveLength(128);
  });
});

describe('on TCP', () => {
  let port: number;
  beforeEach(async () => {
    port = await desk.server.listenPort(0);
  });

  test.each(['GET', 'HEAD'])('%s /healthz answers without a token', async (method) => {
    const { status, text } = await desk.ask('/healthz?x=1', { port, method });
    expect(status).toBe(200);
    expect(text).toBe(method === 'HEAD' ? '' : '{"status":"ok"}');
  });

  test('/healthz tells who is paired which version it is', async () => {
    const { token } = await desk.door.access.admit({ role: 'viewer', name: 'probe' });
    const { text } = await desk.ask('/healthz', { port, headers: { authorization: `Bearer ${token}` } });
    expect(text).toBe('{"status":"ok","version":"1.2.3"}');
  });

  test.each([
    ['GET', '/index.html'],
    ['POST', '/'],
    ['GET', '/api/v1/pair'],
    ['PUT', '/api/v1/pair'],
    ['POST', '/api/v1/pair/'],
    ['POST', '/api/v1/pairing'],
    ['POST', '/api/v1/tokens'],
    ['GET', '/api/v1/devices'],
    ['GET', '/api/v1/status'],
    ['GET', '/api/v1/events'],
    ['POST', '/api/v1/power'],
    ['POST', '/healthz'],
    ['GET', '/healthz/'],
    ['GET', '//healthz'],
    ['GET', '/healthz/../api/v1/status'],
    ['GET', '/api/v1/status?/healthz'],
    ['GET', '/nothing'],
  ])('%s %s is 401', async (method, path) => {
    const problem = parseProblem(await desk.ask(path, { port, method }));
    expect(problem).toMatchObject({ status: 401, code: 'not-paired', exitCode: 77 });
  });

  test.each([
    ['GET', '/%61pi/v1/status'],
    ['GET', '/api/v1/%73tatus'],
    ['GET', '/healthz%3f'],
    ['GET', '/api/v1/photos/%zz'],
    ['GET', '/healthz#x'],
    ['GET', '/api\\v1\\status'],
    ['OPTIONS', '*'],
    ['GET', 'http://localhost/healthz'],
  ])('%s %s is 400: the router would read it differently', async (method, path) => {
    const problem = parseProblem(await desk.ask(path, { port, method }));
    expect(problem).toMatchObject({ status: 400, code: 'odd-target', exitCode: 64 });
  });

  test('an order is not carried out', async () => {
    const appliance = new ScriptedAppliance();
    const box = new Desk(appliance);
    const at = await box.server.listenPort(0);
    await box.ask('/api/v1/power', { port: at, body: { action: 'poweroff', confirm: true } });
    await box.clear();
    expect(appliance.asked).toEqual([]);
  });

  test.each([
    'evil.example',
    'evil.example:80',
    'localhost.evil.example',
    '10.255.255.1',
    '[::1]',
    ' ',
  ])('the Host %j is 421, also for /healthz', async (host) => {
    for (const path of ['/healthz', '/api/v1/status']) {
      const answer = await desk.ask(path, { port, headers: { host } });
      expect(parseProblem(answer)).toMatchObject({ status: 421, code: 'unknown-host' });
    }
  });

  test.each([
    'localhost',
    'LOCALHOST:8080',
    'imagetank.local',
    '127.0.0.1',
  ])('the Host %s is us', async (host) => {
    expect((await desk.ask('/healthz', { port, headers: { host } })).status).toBe(200);
  });

  test('the socket asks for neither Host nor token', async () => {
    await desk.listen();
    const headers = { host: 'evil.example' };
    expect((await desk.ask('/api/v1/status', { headers })).status).toBe(200);
  });

  test('a port that is taken is 75', async () => {
    const second = other();
    expect(await refusal(second.listenPort(port))).toBe(75);
    await second.close();
  });

  test('nothing answers any more after close', async () => {
    await desk.server.close();
    await expect(desk.ask('/healthz', { port })).rejects.toThrow('ECONNREFUSED');
  });
});
