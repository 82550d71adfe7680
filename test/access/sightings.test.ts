import { expect, test } from 'vitest';
import { VirtualClock } from '../../adapters/memory/virtual-clock.ts';
import { Sightings } from '../../services/access/sightings.ts';
import { Doorman } from './kit.ts';

test('a device is seen to the minute, last time and last family', () => {
  const clock = new VirtualClock();
  const sightings = new Sightings(clock);
  expect(sightings.of('a')).toBeNull();
  clock.advance(119_999);
  sightings.saw('a', '192.168.1.7');
  expect(sightings.of('a')).toEqual({ at: '2026-11-21T00:01:00.000Z', family: 'IPv4' });
  clock.advance(1);
  sightings.saw('a', '2001:db8::7');
  expect(sightings.of('a')).toEqual({ at: '2026-11-21T00:02:00.000Z', family: 'IPv6' });
  expect(sightings.of('b')).toBeNull();
});

test.each([
  ['192.168.1.7', 'IPv4'],
  ['::ffff:192.168.1.7', 'IPv4'],
  ['fe80::1', 'IPv6'],
  ['::1', 'IPv6'],
])('%s is of %s', (address, family) => {
  const sightings = new Sightings(new VirtualClock());
  sightings.saw('a', address);
  expect(sightings.of('a')).toMatchObject({ family });
});

test('one that is still there is there now, over what it came; one that never came is not', () => {
  const clock = new VirtualClock();
  const sightings = new Sightings(clock);
  sightings.saw('four', '10.0.0.1');
  sightings.saw('six', '::1');
  clock.advance(3_600_000);
  for (const device of ['four', 'six', 'none']) sightings.still(device);
  const at = '2026-11-21T01:00:00.000Z';
  expect(sightings.of('four')).toEqual({ at, family: 'IPv4' });
  expect(sightings.of('six')).toEqual({ at, family: 'IPv6' });
  expect(sightings.of('none')).toBeNull();
});

test('a device that was revoked was never seen', async () => {
  const { access } = new Doorman();
  const { device } = await access.admit({ role: 'owner', name: 'phone' });
  access.sightings.saw(device.id, '10.0.0.1');
  await access.unpair(device.id);
  expect(access.sightings.of(device.id)).toBeNull();
});
