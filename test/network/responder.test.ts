import { describe, expect, test } from 'vitest';
import { addressRecord, INSTANCE, Network } from './wire.ts';

const BOX = '192.168.1.7';
const SERVICE = '_http._tcp.local';
const FOUND = `response PTR=${INSTANCE} +SRV=imagetank.local:8080 +A=${BOX} +NSEC +TXT +NSEC`;
const ADDRESS = `response A=${BOX} +NSEC`;

describe('a question to everybody', () => {
  test('about the box alone is answered at once', async () => {
    const network = new Network();
    await network.settled();
    network.ask([{}]);
    await network.pass(1);
    expect(network.heard(BOX)).toEqual([ADDRESS]);
  });

  test('that others may answer too waits between 20 and 120 ms', async () => {
    for (const [chance, ms] of [
      [0, 20],
      [0.5, 70],
    ] as const) {
      const network = new Network();
      await network.settled(BOX, { chance });
      network.ask([{ name: SERVICE, type: 'PTR' }]);
      await network.pass(ms);
      expect(network.heard(BOX)).toEqual([]);
      await network.pass(2);
      expect(network.heard(BOX)).toEqual([FOUND]);
    }
  });

  test('is answered once a second, however often it is asked', async () => {
    const network = new Network();
    await network.settled();
    for (let times = 0; times < 100; times++) {
      network.ask([{}]);
      network.ask([{ name: SERVICE, type: 'PTR' }]);
      await network.pass(10);
    }
    const heard = network.heard(BOX);
    expect(heard.filter((words) => words === ADDRESS)).toHaveLength(1);
    expect(heard.length).toBeLessThanOrEqual(3);
    await network.pass(1000);
    network.heard(BOX);
    network.ask([{}]);
    await network.pass(1);
    expect(network.heard(BOX)).toEqual([ADDRESS]);
  });

  test('by somebody who probes is answered four times a second: they must hear it', async () => {
    const network = new Network();
    await network.settled();
    const authorities = [addressRecord('192.168.1.66')];
    for (let times = 0; times < 10; times++) {
      network.ask([{ type: 'ANY' }], { authorities });
      await network.pass(100);
    }
    expect(network.heard(BOX)).toEqual([ADDRESS, ADDRESS, ADDRESS, ADDRESS]);
  });

  test('that waits for its answer is not answered after the goodbye', async () => {
    const network = new Network();
    const { announcer } = await network.settled();
    network.ask([{ name: SERVICE, type: 'PTR' }]);
    await network.pass(5);
    await announcer.stop();
    // The goodbye, on its way.
    expect(network.clock.armed).toBe(1);
    await network.pass(1000);
    expect(network.heard(BOX)).toEqual([
      `response A=${BOX}! SRV=imagetank.local:8080! TXT! PTR=${INSTANCE}!`,
    ]);
    expect(network.clock.armed).toBe(0);
  });

  test('is not answered while the name is fought over, and then all is said anew', async () => {
    const network = new Network();
    await network.settled();
    network.ask([{}]);
    network.ask([{ name: SERVICE, type: 'PTR' }]);
    await network.pass(5);
    network.say({ answers: [addressRecord('192.168.1.66')] });
    await network.pass(500);
    expect(network.heard(BOX).filter((words) => words.startsWith('response'))).toEqual([ADDRESS]);
    await network.pass(400);
    const all = `response A=${BOX} SRV=imagetank.local:8080 TXT PTR=${INSTANCE} PTR=_http._tcp.local`;
    expect(network.heard(BOX)).toContain(all);
  });

  test('a flood of such questions is no flood of timers', async () => {
    const network = new Network();
    await network.settled();
    const before = network.clock.armed;
    for (let times = 0; times < 1000; times++) network.ask([{ name: SERVICE, type: 'PTR' }]);
    network.clock.advance(1);
    expect(network.clock.armed - before).toBe(32);
  });
});

describe('a question that wants its answer alone', () => {
  const unicast = [{ unicast: true }];

  test('gets it so when everybody heard it lately', async () => {
    const network = new Network();
    await network.settled();
    network.ask(unicast);
    await network.pass(1);
    expect(network.heard(BOX)).toEqual([`${ADDRESS} to ${network.stranger}`]);
  });

  test('and for all when a quarter of the life is over', async () => {
    const network = new Network();
    await network.settled();
    await network.pass(30_000);
    network.ask(unicast);
    await network.pass(1);
    expect(network.heard(BOX)).toEqual([ADDRESS]);
    network.ask(unicast);
    await network.pass(1);
    expect(network.heard(BOX)).toEqual([`${ADDRESS} to ${network.stranger}`]);
  });

  test('and for all when one of the questions does not want it so, or nobody knows where the asker is', async () => {
    const network = new Network();
    await network.settled();
    network.ask([{ unicast: true }, { type: 'AAAA' }]);
    await network.pass(1);
    expect(network.heard(BOX)).toEqual([`response A=${BOX} NSEC`]);
    await network.pass(1000);
    network.ask(unicast, { by: '10.0.0.1' });
    await network.pass(1);
    expect(network.heard(BOX)).toEqual([ADDRESS]);
  });

  test('and for all when it probes', async () => {
    const network = new Network();
    await network.settled();
    network.ask([{ type: 'ANY', unicast: true }], { authorities: [addressRecord('192.168.1.66')] });
    await network.pass(1);
    expect(network.heard(BOX)).toEqual([ADDRESS]);
  });
});

describe('an ordinary client', () => {
  const legacy = { port: 40_000 };

  test('is answered alone, with its number', async () => {
    const network = new Network();
    await network.settled();
    network.ask([{}], { ...legacy, id: 99 });
    await network.pass(1);
    expect(network.wire.said.at(-1)).toMatchObject({ message: { id: 99 }, to: network.stranger });
    expect(network.heard(BOX)).toEqual([`response imagetank.local?A A=${BOX} +NSEC to ${network.stranger}`]);
  });

  test('is not answered where it is on no network of ours: the address may be forged', async () => {
    const network = new Network();
    await network.settled();
    network.ask([{}], { ...legacy, by: '10.0.0.1' });
    await network.pass(1000);
    expect(network.heard(BOX)).toEqual([]);
  });

  test('is answered twenty times a second, all of them together', async () => {
    const network = new Network();
    await network.settled();
    for (let times = 0; times < 100; times++)
      network.ask([{}], { ...legacy, by: `192.168.1.${100 + times}` });
    await network.pass(10);
    expect(network.heard(BOX)).toHaveLength(20);
    await network.pass(1000);
    network.ask([{}], legacy);
    await network.pass(1);
    expect(network.heard(BOX)).toHaveLength(1);
  });
});
