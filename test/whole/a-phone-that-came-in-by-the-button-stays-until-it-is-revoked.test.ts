import { readdirSync, readFileSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createHttpServer, type HttpServer } from '../../adapters/http/server.ts';
import { VirtualClock } from '../../adapters/memory/virtual-clock.ts';
import type { Composition } from '../../bin/composition.ts';
import { pressed, until } from '../recordings/box.ts';
import { box, freshBoxEachTest } from '../recordings/fresh-box.ts';

freshBoxEachTest();

interface Answer {
  readonly status: number;
  readonly cookie: string;
}

function ask(port: number, path: string, headers: Record<string, string>, body?: object): Promise<Answer> {
  const json = body === undefined ? {} : { 'content-type': 'application/json' };
  const options = { host: '127.0.0.1', port, path, method: body === undefined ? 'GET' : 'POST' };
  return new Promise((resolve, reject) => {
    request({ ...options, headers: { ...json, ...headers }, agent: false }, (response) => {
      const cookie = response.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
      response.resume().once('end', () => resolve({ status: response.statusCode ?? 0, cookie }));
    })
      .on('error', reject)
      .end(body === undefined ? '' : JSON.stringify(body));
  });
}

/** Everything in the state folder, as bytes. */
const stateFiles = () => {
  const folder = join(box.root, 'state');
  const files = readdirSync(folder).filter((name) => statSync(join(folder, name)).isFile());
  return files.map((name) => readFileSync(join(folder, name)).toString('latin1')).join('\n');
};

async function served(running: Composition): Promise<{ server: HttpServer; port: number }> {
  const server = createHttpServer({
    appliance: running.control,
    access: running.access,
    version: '0.0.0',
    clock: new VirtualClock(),
  });
  return { server, port: await server.listenPort(0) };
}

test('three short presses while green let one phone in, over a restart, until it is revoked', async () => {
  const drive = box.drive('drive');
  const first = await box.start(drive);
  await until(first, 'ready');
  const { server, port } = await served(first);
  await pressed(first, box, 3);
  const { status, cookie } = await ask(port, '/api/v1/pair', {}, { name: 'phone' });
  expect(status).toBe(201);
  expect((await ask(port, '/api/v1/pair', {}, { name: 'stranger' })).status).toBe(409);
  await server.close();
  await box.stop();
  box.store?.log.close();
  expect(stateFiles()).toContain('DevicePaired');
  expect(stateFiles()).not.toContain(cookie.replace('imagetank=', ''));

  const second = await box.start(drive);
  const again = await served(second);
  const look = async (headers: Record<string, string>) =>
    (await ask(again.port, '/api/v1/status', headers)).status;
  expect([await look({}), await look({ cookie })]).toEqual([401, 200]);
  await second.access.unpair(second.access.devices[0]?.id ?? '');
  expect(await look({ cookie })).toBe(401);
  await again.server.close();
  await box.stop();
  box.store?.log.close();

  const third = await box.start(drive);
  expect(third.access.devices).toEqual([]);
});
