import { expect, test } from 'vitest';
import { ListedDeviceShape } from '../../services/access/shapes.ts';
import { parse, until } from './kit.ts';
import { ask, desk, paired, port, serveTheNetworkEachTest } from './network.ts';

serveTheNetworkEachTest();

const seen = async () => {
  const devices = parse(ListedDeviceShape.array(), await desk.get('devices'));
  return devices.map(({ name, lastSeenAt, lastSeenOver }) => [name, lastSeenAt, lastSeenOver]);
};

test('whoever showed a token was there last then; whoever only paired was not', async () => {
  const phone = await paired('owner', 'phone');
  await paired('viewer', 'tablet');
  expect(await seen()).toEqual([
    ['phone', null, null],
    ['tablet', null, null],
  ]);
  desk.door.clock.advance(600_000);
  await ask('/api/v1/status', { headers: phone.bearer });
  desk.door.clock.advance(600_000);
  await ask('/api/v1/status');
  await ask('/api/v1/status', { headers: { ...phone.bearer, host: 'evil.example' } });
  expect(await seen()).toEqual([
    ['phone', '2026-11-21T00:10:00.000Z', 'IPv4'],
    ['tablet', null, null],
  ]);
});

test('whoever has a stream open is there now', async () => {
  const phone = await paired();
  const stream = await desk.open('/api/v1/events', { port, headers: phone.bearer });
  desk.door.clock.advance(7_200_000);
  expect(await seen()).toEqual([['phone', '2026-11-21T02:00:00.000Z', 'IPv4']]);
  stream.destroy();
  await until(() => desk.server.openStreams() === 0);
  desk.door.clock.advance(3_600_000);
  expect(await seen()).toEqual([['phone', '2026-11-21T02:00:00.000Z', 'IPv4']]);
});
