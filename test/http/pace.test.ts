import { connect, type Socket } from 'node:net';
import { beforeEach, describe, expect, test } from 'vitest';
import { Pace } from '../../adapters/http/pace.ts';
import { VirtualClock } from '../../adapters/memory/virtual-clock.ts';
import { ScriptedAppliance } from '../cli/scripted-appliance.ts';
import { type Answer, Desk, parseProblem, turns } from './kit.ts';

let clock: VirtualClock;
let ran: string[];
let refused: string[];

beforeEach(() => {
  clock = new VirtualClock();
  ran = [];
  refused = [];
});

const paced = () => new Pace(clock, { perSecond: 100, burst: 3 });
const ask = (pace: Pace, address: string, name = address, device: string | null = null) =>
  pace.admit({
    address,
    device: () => device,
    run: () => void ran.push(name),
    refuse: (seconds) => void refused.push(`${name} ${seconds}`),
  });
const many = (pace: Pace, count: number, address: string, device: string | null = null) => {
  for (let number = 0; number < count; number += 1) ask(pace, address, address, device);
};

describe('the first requests', () => {
  test('run at once, as many as a page has', () => {
    const pace = paced();
    for (const name of ['a', 'b', 'c', 'd']) ask(pace, 'phone', name);
    expect(ran).toEqual(['a', 'b', 'c']);
    expect(pace.waiting).toBe(1);
  });

  test('are as many again after a rest, and no more', () => {
    const pace = paced();
    for (const name of ['a', 'b', 'c']) ask(pace, 'phone', name);
    clock.advance(3_600_000);
    for (const name of ['d', 'e', 'f', 'g']) ask(pace, 'phone', name);
    expect(ran).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });
});

describe('the others', () => {
  test('wait for their turn, a hundred a second', () => {
    const pace = paced();
    for (let number = 0; number < 13; number += 1) ask(pace, 'phone', String(number));
    clock.advance(50);
    expect(ran).toHaveLength(8);
    clock.advance(50);
    expect(ran).toHaveLength(13);
    clock.advance(1000);
    expect(ran.map(Number)).toEqual([...Array(13).keys()]);
  });

  test('do not overtake those that wait, when there is room again', () => {
    // A timer that is late: the bucket has filled, nobody was called yet.
    const late = new VirtualClock({ lateMs: () => 30 });
    const behind = new Pace(late, { perSecond: 100, burst: 1 });
    for (const name of ['a', 'b']) ask(behind, 'phone', name);
    late.advance(20);
    ask(behind, 'phone', 'c');
    expect(ran[0]).toBe('a');
    late.advance(200);
    expect(ran).toEqual(['a', 'b', 'c']);
  });

  test('wait for their own address: a quiet one comes next, however many another one has sent', () => {
    const pace = paced();
    for (let number = 0; number < 50; number += 1) ask(pace, 'stranger');
    ask(pace, 'phone');
    clock.advance(20);
    expect(ran.slice(3)).toEqual(['stranger', 'phone']);
  });

  test('wait with all of their IPv6 network: a machine has no more turns for its many addresses', () => {
    const pace = paced();
    for (let host = 0; host < 200; host += 1) ask(pace, `2001:db8::${host.toString(16)}`);
    ask(pace, '192.168.1.2', 'phone');
    clock.advance(20);
    expect(ran).toHaveLength(5);
    expect(ran[4]).toBe('phone');
  });

  test('cost no turn when their connection is gone', () => {
    const pace = paced();
    many(pace, 3, 'stranger');
    const gone = Array.from({ length: 100 }, () => ask(pace, 'stranger', 'gone'));
    ask(pace, 'stranger', 'there');
    for (const leave of gone) leave();
    expect(pace.waiting).toBe(1);
    clock.advance(10);
    expect(ran.at(-1)).toBe('there');
    for (const leave of gone) leave();
    expect(pace.waiting).toBe(0);
  });
});

describe('devices', () => {
  test('come before strangers, who have one turn in four meanwhile', () => {
    const pace = paced();
    many(pace, 53, 'stranger');
    many(pace, 6, '10.0.0.2', 'phone');
    clock.advance(100);
    expect(
      ran
        .slice(3)
        .map((name) => (name === 'stranger' ? 's' : 'd'))
        .join(''),
    ).toBe('dddsdddsss');
  });

  test('wait for themselves: another one comes next, also behind the same router', () => {
    const pace = paced();
    many(pace, 53, '10.0.0.2', 'phone');
    ask(pace, '10.0.0.2', 'laptop', 'laptop');
    clock.advance(20);
    expect(ran.slice(3)).toEqual(['10.0.0.2', 'laptop']);
  });

  test('that were alone owe the strangers nothing', () => {
    const pace = paced();
    many(pace, 13, '10.0.0.2', 'phone');
    clock.advance(50);
    many(pace, 1, 'stranger');
    clock.advance(40);
    expect(ran.slice(8)).toEqual(['10.0.0.2', '10.0.0.2', '10.0.0.2', 'stranger']);
  });
});

describe('when too many wait', () => {
  test('the newest of the longest line is refused, and told when to come again', () => {
    const pace = paced();
    many(pace, 3 + 255, 'stranger');
    ask(pace, 'stranger', 'last');
    expect(refused).toEqual([]);
    ask(pace, 'phone');
    expect(refused).toEqual(['last 3']);
    ask(pace, 'stranger', 'more');
    expect([refused.at(-1), pace.waiting]).toEqual(['more 3', 256]);
    clock.advance(10_000);
    expect(ran).toHaveLength(3 + 256);
    expect(ran.slice(3, 5)).toEqual(['stranger', 'phone']);
  });

  test('of as many places, the one that came last is refused', () => {
    const pace = paced();
    many(pace, 3, 'stranger');
    for (let place = 0; place < 257; place += 1) ask(pace, `10.0.${place >> 8}.${place & 255}`);
    expect(refused).toEqual(['10.0.1.0 3']);
  });

  test('no device is refused while a stranger waits', () => {
    const pace = paced();
    many(pace, 3, 'stranger');
    for (let place = 0; place < 256; place += 1) ask(pace, `10.0.0.${place}`);
    many(pace, 256, 'phone', 'phone');
    expect([refused.length, refused.filter((one) => one.startsWith('10.0.0.')).length]).toEqual([256, 256]);
    ask(pace, '10.0.0.1', 'stranger');
    ask(pace, '10.0.0.2', 'phone', 'phone');
    expect(refused.slice(256)).toEqual(['stranger 3', 'phone 3']);
  });

  test('nobody is kept out by one who asks all the time', () => {
    const pace = new Pace(clock);
    let tried = 0;
    for (let ms = 0; ms < 2000; ms += 5) {
      many(pace, 300, 'stranger');
      if (ms % 100 === 0) {
        tried += 1;
        ask(pace, 'phone');
      }
      clock.advance(5);
    }
    clock.advance(20);
    expect(refused.some((one) => one.startsWith('phone'))).toBe(false);
    expect(ran.filter((name) => name === 'phone')).toHaveLength(tried);
  });
});

test('after the end nobody has a turn', () => {
  const pace = paced();
  for (let number = 0; number < 10; number += 1) ask(pace, 'phone');
  pace.stop();
  clock.advance(10_000);
  expect(ran).toHaveLength(3);
});

describe('a server', () => {
  test('answers the network at its pace, the box at once', async () => {
    const desk = new Desk(new ScriptedAppliance(), { clock, pace: { perSecond: 100, burst: 1 } });
    try {
      await desk.listen();
      const port = await desk.server.listenPort(0);
      const asked = (path = '/healthz') => desk.ask(path, { port });
      expect((await asked()).status).toBe(200);
      const [second, third] = [asked(), asked('/api/v1/status')];
      for (let number = 0; number < 20; number += 1) expect((await desk.get('status')).status).toBe(200);
      const order: string[] = [];
      void second.then(() => order.push('second'));
      void third.then(() => order.push('third'));
      while (order.length < 2) {
        clock.advance(10);
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect((await second).status).toBe(200);
      expect((await third).status).toBe(401);
    } finally {
      await desk.clear();
    }
  });

  test('answers 503 when too many wait; forgets who has gone; lets a device go first', async () => {
    const desk = new Desk(new ScriptedAppliance(), { clock, pace: { perSecond: 1, burst: 1 } });
    const sockets: Socket[] = [];
    const flood = (port: number, count: number) => {
      const socket = connect(port, '127.0.0.1').on('error', () => undefined);
      socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(count));
      sockets.push(socket);
    };
    try {
      await desk.listen();
      const port = await desk.server.listenPort(0);
      const { token } = await desk.door.access.admit({ role: 'viewer', name: 'phone' });
      const ask = (path: string, headers = {}) => desk.ask(path, { port, headers });
      expect((await ask('/healthz')).status).toBe(200);
      // Almost as many as may wait; those on one connection are answered in their order, so the last come alone.
      for (let connection = 0; connection < 6; connection += 1) flood(port, 42);
      let refusal: Answer | null = null;
      for (let tries = 0; refusal === null && tries < 20; tries += 1) {
        const answer = ask('/healthz').catch(() => null);
        refusal = await Promise.race([answer, turns(200).then(() => null)]);
      }
      if (refusal === null) throw new Error('nobody was refused');
      expect(parseProblem(refusal)).toMatchObject({ status: 503, code: 'too-busy', exitCode: 75 });
      expect(refusal.headers).toMatchObject({ 'retry-after': '256', 'cache-control': 'no-store' });
      const known = ask('/api/v1/status', { authorization: `Bearer ${token}` });
      await turns(50);
      clock.advance(1000);
      expect((await known).status).toBe(200);
      for (const one of sockets) one.destroy();
      await turns(50);
      const next = ask('/healthz');
      await turns(50);
      // Of the 256, no more than the few that came alone are before it.
      clock.advance(30_000);
      expect((await next).status).toBe(200);
    } finally {
      for (const one of sockets) one.destroy();
      await desk.clear();
    }
  });
});
