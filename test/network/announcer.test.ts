import { describe, expect, test } from 'vitest';
import { EMPTY } from '../../services/network/dns.ts';
import { addressRecord, HOUR_MS, INSTANCE, Network } from './wire.ts';

const BOX = '192.168.1.7';
const error = (code: string) => Object.assign(new Error(`send ${code} 224.0.0.251:5353`), { code });
const GOODBYE = `response A=${BOX}! SRV=imagetank.local:8080! TXT! PTR=${INSTANCE}!`;

describe('the end', () => {
  test('is said, and nothing is heard or answered any more', async () => {
    const network = new Network();
    const { announcer, names } = await network.settled();
    await announcer.stop();
    expect(network.heard(BOX)).toEqual([GOODBYE]);
    expect(names).toEqual(['imagetank.local', null]);
    network.ask([{}]);
    await network.pass(60_000);
    expect(network.heard(BOX)).toEqual([]);
    expect(network.clock.armed).toBe(0);
  });

  test('is safe before the beginning, twice, and while it probes: then there is nothing to take back', async () => {
    const network = new Network();
    const box = network.box(BOX);
    await box.announcer.stop();
    await box.announcer.stop();
    box.announcer.start();
    await network.pass(3000);
    expect([network.heard(BOX), box.names]).toEqual([[], []]);
    const other = network.box(BOX);
    other.announcer.start();
    await network.pass(300);
    network.heard(BOX);
    await other.announcer.stop();
    await network.pass(3000);
    expect([network.heard(BOX), other.names, network.clock.armed]).toEqual([[], [], 0]);
  });

  test('waits for an opening that takes its time, and closes what it opened', async () => {
    const network = new Network();
    const { announcer, multicast } = network.box(BOX);
    const open = multicast.open.bind(multicast);
    let release: () => void = () => undefined;
    multicast.open = async (links, listener) => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      await open(links, listener);
    };
    announcer.start();
    await network.pass(50);
    const stopped = announcer.stop();
    await network.pass(50);
    release();
    await stopped;
    await network.pass(3000);
    multicast.send({ ...EMPTY, kind: 'query' }, { link: 'wire' });
    expect([network.heard(BOX), network.clock.armed]).toEqual([[], 0]);
  });

  test('in the middle of opening leaves nothing open', async () => {
    const network = new Network();
    const { announcer, multicast } = network.box(BOX);
    announcer.start();
    await announcer.stop();
    await network.pass(3000);
    network.ask([{}]);
    await network.pass(100);
    expect([network.heard(BOX), multicast.opened, network.clock.armed]).toEqual([[], 1, 0]);
  });
});

describe('networks come and go', () => {
  test('a cable that is plugged in after the start gives a name within ten seconds', async () => {
    const network = new Network();
    const { announcer, multicast, names, said } = network.box(null);
    announcer.start();
    await network.pass(60_000);
    expect([names, said, multicast.opened]).toEqual([[], [], 0]);
    multicast.address = BOX;
    await network.pass(11_000);
    expect(names).toEqual(['imagetank.local']);
  });

  test('one that is pulled takes the name with it, silently, and brings it again', async () => {
    const network = new Network();
    const { multicast, names, said } = await network.settled();
    multicast.address = null;
    await network.pass(10_000);
    expect(names).toEqual(['imagetank.local', null]);
    multicast.address = BOX;
    await network.pass(11_000);
    expect([names.at(-1), said]).toEqual(['imagetank.local', []]);
  });

  test('another address is announced in place of the old one, and the name stays meanwhile', async () => {
    const network = new Network();
    const { multicast, names } = await network.settled();
    multicast.address = '192.168.1.70';
    await network.pass(11_000);
    const heard = network.heard('192.168.1.70');
    expect(heard.filter((words) => words.startsWith('response A=192.168.1.70 SRV'))).toHaveLength(2);
    expect(names).toEqual(['imagetank.local']);
    network.ask([{}]);
    await network.pass(10);
    expect(network.heard('192.168.1.70')).toEqual(['response A=192.168.1.70 +NSEC']);
  });

  test('who was probing with the old address does not go on with it', async () => {
    const network = new Network();
    const { multicast } = await network.settled();
    await network.pass(6900);
    network.say({ answers: [addressRecord('192.168.1.66')] });
    await network.pass(50);
    multicast.address = '192.168.1.70';
    await network.pass(3000);
    const heard = network.heard('192.168.1.70');
    expect(heard.length).toBeGreaterThan(0);
    expect(heard.filter((words) => words.includes('192.168.1.7 '))).toEqual([]);
  });

  test('as long as nothing changes nothing is opened or said again', async () => {
    const network = new Network();
    const { multicast } = await network.settled();
    await network.pass(HOUR_MS);
    expect([multicast.opened, network.heard(BOX)]).toEqual([1, []]);
  });

  test('a box that became imagetank-2 stays it when its address changes', async () => {
    const network = new Network();
    await network.settled('192.168.1.6');
    const { multicast, names } = await network.settled('192.168.1.8');
    multicast.address = '192.168.1.9';
    await network.pass(15_000);
    expect(names).toEqual(['imagetank-2.local']);
    expect(network.heard('192.168.1.9')[0]).toContain('imagetank-2.local?ANY');
  });
});

describe('what fails', () => {
  test('is said once, and tried again less and less often', async () => {
    const network = new Network();
    const { announcer, multicast, names, said } = network.box(BOX);
    const tries: number[] = [];
    const open = multicast.open.bind(multicast);
    multicast.open = (links, listener) => {
      tries.push(Math.round(network.clock.monoMs() / 1000));
      return open(links, listener);
    };
    multicast.trouble = { opening: error('EADDRINUSE') };
    announcer.start();
    await network.pass(HOUR_MS / 4);
    expect(said).toEqual([
      'multicast DNS: send EADDRINUSE 224.0.0.251:5353; the box may not be found as imagetank.local',
    ]);
    expect(tries.map((second) => second - (tries[0] ?? 0))).toEqual([0, 10, 30, 70, 150, 310, 630]);
    multicast.trouble = null;
    await network.pass(330_000);
    expect([names, said.length]).toEqual([['imagetank.local'], 1]);
  });

  test('is said again after it was well, and then begins with ten seconds again', async () => {
    const network = new Network();
    const { multicast, said } = await network.settled();
    for (let times = 1; times <= 3; times++) {
      multicast.trouble = { sending: error('ENETUNREACH') };
      network.ask([{}]);
      await network.pass(5000);
      expect(said).toHaveLength(times);
      multicast.trouble = null;
      await network.pass(25_000);
      expect(multicast.opened).toBe(times + 1);
    }
  });

  test('several things that fail together are one failure', async () => {
    const network = new Network();
    const { multicast } = await network.settled();
    multicast.trouble = { sending: error('ENETDOWN') };
    for (let times = 0; times < 5; times++) network.ask([{}, { name: INSTANCE, type: 'TXT' }]);
    for (let times = 0; times < 5; times++) network.ask([{}], { authorities: [addressRecord(BOX)] });
    await network.pass(1100);
    for (const type of ['A', 'AAAA']) network.ask([{ type }]);
    await network.pass(1100);
    multicast.trouble = null;
    await network.pass(18_000);
    expect(multicast.opened).toBe(2);
  });

  test('sending that fails keeps the name, and opens anew', async () => {
    const network = new Network();
    const { multicast, names, said } = await network.settled();
    multicast.trouble = { sending: error('ENETDOWN') };
    network.ask([{}]);
    await network.pass(60_000);
    expect(said).toHaveLength(1);
    multicast.trouble = null;
    await network.pass(330_000);
    network.heard(BOX);
    network.ask([{}]);
    await network.pass(10);
    expect(network.heard(BOX)).toEqual([`response A=${BOX} +NSEC`]);
    expect(names).toEqual(['imagetank.local']);
  });

  test('a socket that cannot be opened anew takes the name', async () => {
    const network = new Network();
    const { multicast, names } = await network.settled();
    multicast.trouble = { opening: error('EACCES') };
    multicast.address = '192.168.1.70';
    await network.pass(10_000);
    expect(names).toEqual(['imagetank.local', null]);
  });

  test('interfaces that cannot be listed are no end', async () => {
    const network = new Network();
    const { announcer, around, names, said } = network.box(BOX);
    around.listing = error('EAFNOSUPPORT');
    announcer.start();
    await network.pass(60_000);
    expect([names, said.length]).toEqual([[], 1]);
    around.listing = null;
    await network.pass(11_000);
    expect(names).toEqual(['imagetank.local']);
  });

  test('trouble after the end is nobody’s', async () => {
    const network = new Network();
    const { announcer, multicast, said } = await network.settled();
    multicast.trouble = { sending: error('ENETDOWN') };
    await announcer.stop();
    await network.pass(60_000);
    expect(said.length).toBeLessThanOrEqual(1);
    expect([multicast.opened, network.clock.armed]).toEqual([1, 0]);
  });
});

describe('where avahi tells the host', () => {
  test('only the service is ours: of the host nothing is probed, said or answered, and no name is told', async () => {
    const network = new Network();
    const { announcer, around, names } = network.box(BOX);
    around.avahi = true;
    announcer.start();
    await network.pass(3000);
    network.ask([{ type: 'ANY' }]);
    network.say({ answers: [addressRecord('192.168.1.66')] });
    await network.pass(3000);
    const probe = `query ${INSTANCE}?ANY claim:SRV=imagetank.local:8080 claim:TXT`;
    const announced = `response SRV=imagetank.local:8080 TXT PTR=${INSTANCE} PTR=_http._tcp.local`;
    expect(network.heard(BOX)).toEqual([probe, probe, probe, announced, announced]);
    expect(names).toEqual([]);
  });

  test('another service of that name is given way to, and the host stays as it is', async () => {
    const network = new Network();
    const { announcer, around } = network.box(BOX);
    const other = await network.settled('192.168.1.8', { port: 8081 });
    around.avahi = true;
    announcer.start();
    await network.pass(5000);
    expect(other.names).toEqual(['imagetank.local']);
    expect(network.heard(BOX).at(-1)).toBe(
      'response SRV=imagetank.local:8080 TXT PTR=imagetank-2._http._tcp.local PTR=_http._tcp.local',
    );
  });

  test('it may come later, and go', async () => {
    const network = new Network();
    const { around, names } = await network.settled();
    around.avahi = true;
    await network.pass(12_000);
    expect(names).toEqual(['imagetank.local', null]);
    around.avahi = false;
    await network.pass(12_000);
    expect(names).toEqual(['imagetank.local', null, 'imagetank.local']);
  });
});
