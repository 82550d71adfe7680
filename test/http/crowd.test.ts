import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FIRST_TOKEN_MS } from '../../adapters/http/guests.ts';
import { ScriptedAppliance } from '../cli/scripted-appliance.ts';
import { Desk, turns, until } from './kit.ts';

/** Nobody is patient here but where a test says so. */
const PATIENCE = { headersMs: 30_000, requestMs: 60_000, pauseMs: 60_000, lookMs: 10 };
const LIMITS = { all: 40, strangers: 16, aPlace: 8 };

let desk: Desk;
let port: number;
const sockets: Socket[] = [];
const agents: Agent[] = [];
beforeEach(async () => {
  desk = new Desk(new ScriptedAppliance(), { patience: PATIENCE, limits: LIMITS });
  port = await desk.server.listenPort(0);
});
afterEach(async () => {
  for (const agent of agents.splice(0)) agent.destroy();
  for (const socket of sockets.splice(0)) socket.destroy();
  await desk.clear();
});

/** A machine of its own: Linux has all of 127/8. */
async function knock(localAddress: string, count: number): Promise<Socket[]> {
  const opened = Array.from({ length: count }, () =>
    connect({ port, host: '127.0.0.1', localAddress })
      .on('error', () => undefined)
      .resume(),
  );
  sockets.push(...opened);
  await Promise.all(opened.map((socket) => Promise.race([once(socket, 'connect'), once(socket, 'close')])));
  return opened;
}

/** How many stay when all had the time to show a token. */
function left(crowd: readonly Socket[]): number {
  desk.clock.advance(FIRST_TOKEN_MS);
  return crowd.filter(({ destroyed }) => !destroyed).length;
}

interface Visit {
  readonly status: number;
  readonly response: IncomingMessage;
}

function visit(path: string, token: string | null, agent?: Agent): Promise<Visit> {
  const headers = token === null ? {} : { authorization: `Bearer ${token}` };
  const options = { host: '127.0.0.1', localAddress: '127.0.0.9', port, path, headers };
  return new Promise((resolve, reject) => {
    request({ ...options, agent: agent ?? false }, (response) =>
      resolve({ status: response.statusCode ?? 0, response: response.on('error', () => undefined).resume() }),
    )
      .on('error', reject)
      .end();
  });
}

const token = async () => (await desk.door.access.admit({ role: 'owner', name: 'phone' })).token;

describe('a stranger with a thousand connections', () => {
  test('keeps eight, and the owner comes in from anywhere', async () => {
    const crowd = await knock('127.0.0.2', 1000);
    await until(() => left(crowd) === LIMITS.aPlace);
    expect(await visit('/api/v1/status', await token())).toMatchObject({ status: 200 });
    expect(crowd.filter(({ destroyed }) => !destroyed)).toHaveLength(LIMITS.aPlace);
  });

  test('from twenty addresses keeps sixteen, and the owner comes in', async () => {
    const crowds = await Promise.all(
      Array.from({ length: 20 }, (_, index) => knock(`127.0.1.${index + 1}`, 20)),
    );
    await until(() => left(crowds.flat()) === LIMITS.strangers);
    expect(await visit('/api/v1/status', await token())).toMatchObject({ status: 200 });
  });

  test('does not close what the owner has open: an idle connection, and a stream', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    agents.push(agent);
    const known = await token();
    const idle = await visit('/api/v1/status', known, agent);
    const stream = await visit('/api/v1/events', known);
    let ended = false;
    stream.response.once('close', () => {
      ended = true;
    });
    const crowd = await knock('127.0.0.9', 200);
    await until(() => left(crowd) === LIMITS.aPlace);
    const again = await visit('/api/v1/status', known, agent);
    expect([again.status, again.response.socket === idle.response.socket, ended]).toEqual([200, true, false]);
  });

  test('may be a script that shows its token on each when all of them stand: none is closed', async () => {
    const known = await token();
    const script = await knock('127.0.0.9', LIMITS.all);
    // Each is accepted before one of them has said a word.
    await turns(20);
    const answers = script.map((socket) =>
      once(socket, 'data').then(([bytes]) => String(bytes).slice(0, 12)),
    );
    for (const socket of script)
      socket.write(
        `GET /api/v1/status HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${known}\r\n\r\n`,
      );
    expect(await Promise.all(answers)).toEqual(Array(LIMITS.all).fill('HTTP/1.1 200'));
  });

  test('thirty screens of one house show the events', async () => {
    const known = await token();
    const screens = await Promise.all(Array.from({ length: 30 }, () => visit('/api/v1/events', known)));
    expect(new Set(screens.map(({ status }) => status))).toEqual(new Set([200]));
    expect(desk.server.openStreams()).toBe(30);
  });
});

describe('headers', () => {
  const headersOf = (lines: readonly string[], path = '/healthz') =>
    new Promise<string>((resolve) => {
      let text = '';
      const socket = connect(port, '127.0.0.1').on('error', () => undefined);
      sockets.push(socket);
      socket.on('data', (bytes: Buffer) => {
        text += bytes.toString();
      });
      socket.once('close', () => resolve(text.split('\r\n')[0] ?? ''));
      socket.write(
        [`GET ${path} HTTP/1.1`, 'Host: localhost', ...lines, 'Connection: close', '', ''].join('\r\n'),
      );
    });

  test('of 17 KB are refused', async () => {
    expect(await headersOf([`X: ${'x'.repeat(17 * 1024)}`])).toMatch(/^HTTP\/1\.1 431 /);
  });

  test('beyond the hundredth are not looked at, a token among them', async () => {
    const many = Array.from({ length: 110 }, (_, index) => `X-${index}: 1`);
    expect(await headersOf(many)).toMatch(/^HTTP\/1\.1 200 /);
    const known = `Authorization: Bearer ${await token()}`;
    expect(await headersOf([...many, known], '/api/v1/status')).toMatch(/^HTTP\/1\.1 401 /);
    expect(await headersOf([known, ...many], '/api/v1/status')).toMatch(/^HTTP\/1\.1 200 /);
  });
});
