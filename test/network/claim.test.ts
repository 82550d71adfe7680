import { describe, expect, test } from 'vitest';
import { addressRecord, Network, serviceRecord } from './wire.ts';

const PROBE =
  'query imagetank.local?ANY imagetank._http._tcp.local?ANY claim:A=192.168.1.7 claim:SRV=imagetank.local:8080 claim:TXT';
const ANNOUNCED =
  'response A=192.168.1.7 SRV=imagetank.local:8080 TXT PTR=imagetank._http._tcp.local PTR=_http._tcp.local';

describe('a box alone', () => {
  test('probes three times, a quarter of a second apart, then says its name twice', async () => {
    const network = new Network();
    const { announcer, names } = network.box('192.168.1.7');
    announcer.start();
    await network.pass(50);
    expect(network.heard('192.168.1.7')).toEqual([PROBE]);
    await network.pass(200);
    expect(network.heard('192.168.1.7')).toEqual([PROBE]);
    await network.pass(250);
    expect(network.heard('192.168.1.7')).toEqual([PROBE]);
    expect(names).toEqual([]);
    await network.pass(250);
    expect(network.heard('192.168.1.7')).toEqual([ANNOUNCED]);
    expect(names).toEqual(['imagetank.local']);
    await network.pass(950);
    expect(network.heard('192.168.1.7')).toEqual([]);
    await network.pass(100);
    expect(network.heard('192.168.1.7')).toEqual([ANNOUNCED]);
    await network.pass(60_000);
    expect(network.heard('192.168.1.7')).toEqual([]);
    expect(names).toEqual(['imagetank.local']);
  });

  test('waits a moment first, so that boxes that start together do not speak together', async () => {
    const network = new Network();
    network.box('192.168.1.7', { chance: 0.8 }).announcer.start();
    await network.pass(199);
    expect(network.heard('192.168.1.7')).toEqual([]);
    await network.pass(2);
    expect(network.heard('192.168.1.7')).toEqual([PROBE]);
  });

  test('answers nothing before it has won', async () => {
    const network = new Network();
    network.box('192.168.1.7').announcer.start();
    await network.pass(50);
    network.heard('192.168.1.7');
    network.ask([{}]);
    await network.pass(100);
    expect(network.heard('192.168.1.7')).toEqual([]);
  });
});

describe('a name that somebody has', () => {
  test('is left to them: the second box is imagetank-2, and nobody says anything more', async () => {
    const network = new Network();
    const first = await network.settled('192.168.1.7');
    const second = network.box('192.168.1.8');
    second.announcer.start();
    await network.pass(5000);
    expect(second.names).toEqual(['imagetank-2.local']);
    expect(first.names).toEqual(['imagetank.local']);
    expect(network.heard('192.168.1.7').filter((words) => words.startsWith('query'))).toEqual([]);
    await network.pass(300_000);
    expect(network.wire.said).toEqual([]);
    expect([first.said, second.said]).toEqual([[], []]);
  });

  test('is given up by the third and the fourth, too', async () => {
    const network = new Network();
    const boxes = [];
    for (const last of [7, 8, 9, 10]) boxes.push(await network.settled(`192.168.1.${last}`));
    expect(boxes.map(({ names }) => names)).toEqual([
      ['imagetank.local'],
      ['imagetank-2.local'],
      ['imagetank-3.local'],
      ['imagetank-4.local'],
    ]);
  });

  test('two daemons of one machine part by the service, though they have one address', async () => {
    const network = new Network();
    const first = await network.settled('192.168.1.7', { port: 8080 });
    const second = await network.settled('192.168.1.7', { port: 8081 });
    expect([first.names, second.names]).toEqual([['imagetank.local'], ['imagetank-2.local']]);
  });

  test.each([
    ['its address', [addressRecord('192.168.1.66')], []],
    ['its IPv6 alone', [addressRecord('2001:db8::66')], []],
    ['its service', [serviceRecord(80, 'other.local')], []],
    ['in other letters', [addressRecord('192.168.1.66', 'ImageTank.Local')], []],
    ['beside another answer', [], [addressRecord('192.168.1.66')]],
  ])('is heard of while probing: %s', async (_, answers, additionals) => {
    const network = new Network();
    const { announcer, names } = network.box('192.168.1.7');
    announcer.start();
    await network.pass(300);
    network.say({ answers, additionals });
    await network.pass(3000);
    expect(names).toEqual(['imagetank-2.local']);
  });

  test.each([
    ['who leaves', { answers: [addressRecord('192.168.1.66', 'imagetank.local', 0)] }, {}],
    ['of another name', { answers: [addressRecord('192.168.1.66', 'imagetank-2.local')] }, {}],
    [
      'from another port than that of multicast DNS',
      { answers: [addressRecord('192.168.1.66')] },
      { port: 5354 },
    ],
    ['who says what is true', { answers: [addressRecord('192.168.1.7')] }, {}],
  ])('is not: somebody %s', async (_, message, from) => {
    const network = new Network();
    const { announcer, names } = network.box('192.168.1.7');
    announcer.start();
    await network.pass(300);
    network.say(message, from);
    await network.pass(3000);
    expect(names).toEqual(['imagetank.local']);
  });

  test('another program of this machine may tell more of its addresses', async () => {
    const network = new Network();
    const box = network.box('192.168.1.7');
    const links = box.multicast.links.bind(box.multicast);
    box.multicast.links = () => links().map((link) => ({ ...link, own: [...link.own, 'fe80::7'] }));
    box.announcer.start();
    await network.pass(300);
    network.say({ answers: [addressRecord('fe80::7')] });
    await network.pass(3000);
    expect(box.names).toEqual(['imagetank.local']);
  });

  test('is probed for again when it was won and somebody else says it; who is silent then has lost', async () => {
    const network = new Network();
    const { names } = await network.settled();
    network.say({ answers: [addressRecord('192.168.1.66')] });
    await network.pass(100);
    expect(network.heard('192.168.1.7')).toEqual([PROBE]);
    await network.pass(3000);
    expect(network.heard('192.168.1.7')).toEqual([PROBE, PROBE, ANNOUNCED, ANNOUNCED]);
    expect(names).toEqual(['imagetank.local']);
  });

  test('and who says it again then keeps it', async () => {
    const network = new Network();
    const { names } = await network.settled();
    network.say({ answers: [addressRecord('192.168.1.66')] });
    await network.pass(100);
    network.say({ answers: [addressRecord('192.168.1.66')] });
    await network.pass(3000);
    expect(names).toEqual(['imagetank.local', 'imagetank-2.local']);
  });

  test('two networks that become one: one box keeps the name', async () => {
    const network = new Network();
    const one = await network.settled('192.168.1.7');
    one.multicast.address = '192.168.1.7x';
    const other = await network.settled('192.168.1.8');
    one.multicast.address = '192.168.1.7';
    network.ask([{}]);
    await network.pass(10_000);
    expect([one.names.at(-1), other.names.at(-1)].toSorted()).toEqual([
      'imagetank-2.local',
      'imagetank.local',
    ]);
    network.wire.said.length = 0;
    await network.pass(60_000);
    expect(network.wire.said).toEqual([]);
  });

  test('is fought over slowly: fifteen times within ten seconds, then once in five', async () => {
    const network = new Network();
    const { announcer, names } = network.box('192.168.1.7');
    announcer.start();
    await network.pass(50);
    const probes: number[] = [];
    for (let second = 0; second < 60; second++) {
      for (let tenth = 0; tenth < 10; tenth++) {
        const probe = network.wire.said.find(({ message }) => message.kind === 'query');
        network.wire.said.length = 0;
        const name = probe?.message.questions[0]?.name;
        if (name !== undefined) {
          probes.push(second);
          network.say({ answers: [addressRecord('192.168.1.66', name)] });
        }
        await network.pass(100);
      }
    }
    expect(probes.filter((second) => second < 10).length).toBeLessThanOrEqual(17);
    expect(probes.filter((second) => second >= 10).length).toBeLessThanOrEqual(11);
    expect(probes.filter((second) => second >= 10).length).toBeGreaterThanOrEqual(8);
    expect(names).toEqual([]);
    await network.pass(10_000);
    expect(names).toHaveLength(1);
  });
});

describe('two that probe at one time', () => {
  /** A probe of a stranger with this address. */
  const probe = (address: string) => ({
    kind: 'query' as const,
    questions: [{ name: 'imagetank.local', type: 'ANY', unicast: false }],
    authorities: [addressRecord(address)],
  });

  test('the greater address goes on', async () => {
    const network = new Network();
    const { announcer, names } = network.box('192.168.1.7');
    announcer.start();
    await network.pass(100);
    network.say(probe('192.168.1.6'), { by: '192.168.1.6' });
    await network.pass(700);
    expect(names).toEqual(['imagetank.local']);
  });

  test('the lesser waits a second and probes again from the beginning', async () => {
    const network = new Network();
    const { announcer, names } = network.box('192.168.1.7');
    announcer.start();
    await network.pass(100);
    network.heard('192.168.1.7');
    network.say(probe('192.168.1.66'));
    await network.pass(950);
    expect(network.heard('192.168.1.7')).toEqual([]);
    await network.pass(100);
    expect(network.heard('192.168.1.7')).toEqual([PROBE]);
    await network.pass(2000);
    expect(network.heard('192.168.1.7')).toEqual([PROBE, PROBE, ANNOUNCED, ANNOUNCED]);
    expect(names).toEqual(['imagetank.local']);
  });

  test('a probe from the port of no responder moves nobody', async () => {
    const network = new Network();
    const { announcer, names } = network.box('192.168.1.7');
    announcer.start();
    await network.pass(100);
    network.say(probe('192.168.1.66'), { port: 40_000 });
    await network.pass(700);
    expect(names).toEqual(['imagetank.local']);
  });

  test.each([
    ['192.168.1.7', '192.168.1.8'],
    ['192.168.1.8', '192.168.1.7'],
  ])('two boxes: %s starts first, %s in the same moment', async (one, other) => {
    const network = new Network();
    const boxes = [network.box(one), network.box(other)];
    for (const { announcer } of boxes) announcer.start();
    await network.pass(8000);
    const won = boxes.map(({ names }) => names);
    expect(won[[one, other].indexOf('192.168.1.8')]).toEqual(['imagetank.local']);
    expect(won[[one, other].indexOf('192.168.1.7')]).toEqual(['imagetank-2.local']);
  });

  test('four boxes behind one switch after a power cut have four names', async () => {
    const network = new Network();
    const boxes = [5, 3, 9, 4].map((last, at) => network.box(`192.168.1.${last}`, { chance: at / 4 }));
    for (const { announcer } of boxes) announcer.start();
    await network.pass(20_000);
    expect(boxes.flatMap(({ names }) => names.slice(-1)).toSorted()).toEqual([
      'imagetank-2.local',
      'imagetank-3.local',
      'imagetank-4.local',
      'imagetank.local',
    ]);
  });
});
