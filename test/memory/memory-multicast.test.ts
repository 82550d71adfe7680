import { expect, test } from 'vitest';
import { MemoryWire } from '../../adapters/memory/memory-multicast.ts';
import { VirtualClock } from '../../adapters/memory/virtual-clock.ts';
import { EMPTY } from '../../services/network/dns.ts';
import { multicastContract } from '../contracts/multicast.contract.ts';

multicastContract('in memory', async () => {
  const clock = new VirtualClock();
  const wire = new MemoryWire(clock);
  return {
    one: wire.plug('192.168.1.7', ['2001:db8::7']),
    other: wire.plug('192.168.1.8'),
    settle: async () => clock.advance(100),
    cleanUp: async () => expect(clock.armed).toBe(0),
  };
});

test('to one alone, and from a port that is not that of multicast DNS', async () => {
  const clock = new VirtualClock();
  const wire = new MemoryWire(clock);
  const heard: string[] = [];
  const [one, other] = [wire.plug('192.168.1.7'), wire.plug('192.168.1.8')];
  for (const box of [one, other]) {
    const hear = (
      _: object,
      { address, legacy, link }: { address: string; legacy: boolean; link: string | null },
    ) => heard.push(`${box.address} hears ${address} ${legacy} ${link}`);
    await box.open(box.links(), { hear, failed: (error) => heard.push(error.message) });
  }
  const message = { ...EMPTY, kind: 'query' as const };
  one.send(message, { address: '192.168.1.8', port: 5353 });
  one.send(message, { address: '192.168.1.8', port: 40_000 });
  clock.advance(1);
  expect(heard.splice(0)).toEqual(['192.168.1.8 hears 192.168.1.7 false wire']);
  wire.carry(message, '10.0.0.1', null, 40_000);
  clock.advance(1);
  expect(heard.splice(0)).toEqual([
    '192.168.1.7 hears 10.0.0.1 true null',
    '192.168.1.8 hears 10.0.0.1 true null',
  ]);
  one.trouble = { sending: new Error('down') };
  one.send(message, { link: 'wire' });
  expect(heard).toEqual(['down']);
  one.trouble = { opening: new Error('in use') };
  await expect(one.open(one.links(), { hear: () => undefined, failed: () => undefined })).rejects.toThrow(
    'in use',
  );
});
