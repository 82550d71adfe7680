import { Socket } from 'node:net';
import { beforeEach, describe, expect, test } from 'vitest';
import { FIRST_TOKEN_MS, Guests } from '../../adapters/http/guests.ts';
import { VirtualClock } from '../../adapters/memory/virtual-clock.ts';

let clock: VirtualClock;
beforeEach(() => {
  clock = new VirtualClock();
});

let ports = 0;
/** A connection from there, without a network. */
function from(remoteAddress: string | undefined): Socket {
  const remotePort = ++ports;
  return Object.defineProperties(new Socket(), {
    remoteAddress: { value: remoteAddress },
    remotePort: { value: remotePort },
  });
}
/** So many that came in at once, in the order in which they came. */
const burst = (guests: Guests, address: string, count: number): Socket[] =>
  Array.from({ length: count }, () => {
    const socket = from(address);
    expect(guests.enter(socket)).toBe(true);
    return socket;
  });
/** So many that had the time to show a token. */
const come = (guests: Guests, address: string, count: number): Socket[] => {
  const sockets = burst(guests, address, count);
  clock.advance(FIRST_TOKEN_MS);
  return sockets;
};
const open = (sockets: readonly Socket[]) => sockets.map(({ destroyed }) => (destroyed ? '-' : 'o')).join('');

const SMALL = { all: 8, strangers: 6, aPlace: 3 };

describe('a stranger’s connection', () => {
  test('gives way to a newer one from its place', () => {
    const guests = new Guests(clock, SMALL);
    const here = come(guests, '192.168.1.66', 5);
    const there = come(guests, '192.168.1.7', 1);
    expect([open(here), open(there), guests.count]).toEqual(['--ooo', 'o', 4]);
  });

  test('gives way in the place that has most, when there are too many strangers', () => {
    const guests = new Guests(clock, SMALL);
    const few = come(guests, '192.168.1.7', 1);
    const most = come(guests, '192.168.1.66', 3);
    const some = come(guests, '192.168.1.8', 2);
    const next = come(guests, '192.168.1.9', 2);
    expect([few, most, some, next].map(open)).toEqual(['o', '--o', 'oo', 'oo']);
  });

  test('that has ended makes room', () => {
    const guests = new Guests(clock, SMALL);
    const here = come(guests, '192.168.1.66', 3);
    here[1]?.emit('close');
    expect(guests.count).toBe(2);
    here.push(...come(guests, '192.168.1.66', 1));
    expect(open(here)).toBe('oooo');
  });
});

describe('connections that are opened at once', () => {
  test('stay, all of them, when each shows its token in time', () => {
    const guests = new Guests(clock, SMALL);
    const script = burst(guests, '192.168.1.7', 7);
    clock.advance(FIRST_TOKEN_MS - 1);
    for (const socket of script) guests.recognise(socket);
    clock.advance(FIRST_TOKEN_MS);
    expect(open(script)).toBe('ooooooo');
  });

  test('give way in time when they show none, and not before', () => {
    const guests = new Guests(clock, SMALL);
    const crowd = burst(guests, '192.168.1.66', 7);
    clock.advance(FIRST_TOKEN_MS - 1);
    expect(open(crowd)).toBe('ooooooo');
    clock.advance(1);
    expect(open(crowd)).toBe('----ooo');
  });

  test('are never more than there may be in all, and the owner comes in', () => {
    const guests = new Guests(clock, SMALL);
    const crowd = burst(guests, '192.168.1.66', 1000);
    expect([guests.count, open(crowd).slice(-8)]).toEqual([8, 'oooooooo']);
    const [owner] = burst(guests, '192.168.1.7', 1);
    burst(guests, '192.168.1.66', 1000);
    expect([guests.count, owner?.destroyed]).toEqual([8, false]);
  });

  test('stay until they are closed when the door closes', () => {
    const guests = new Guests(clock, SMALL);
    const crowd = burst(guests, '192.168.1.66', 5);
    guests.stop();
    clock.advance(FIRST_TOKEN_MS);
    expect(open(crowd)).toBe('ooooo');
  });
});

test('in IPv6 a place is the whole /64 network', () => {
  const guests = new Guests(clock, SMALL);
  const here = [1, 2, 3, 4].flatMap((host) => come(guests, `2001:db8::${host}`, 1));
  expect(open(here)).toBe('-ooo');
});

describe('a connection that has shown a token', () => {
  test('is never closed for others, however many come, from wherever', () => {
    const guests = new Guests(clock, SMALL);
    const [owner] = come(guests, '192.168.1.66', 1);
    guests.recognise(owner as Socket);
    come(guests, '192.168.1.66', 50);
    for (let place = 0; place < 50; place++) come(guests, `10.0.0.${place}`, 1);
    expect(owner?.destroyed).toBe(false);
    expect(guests.count).toBe(7);
  });

  test('counts for no place: behind one router there may be many', () => {
    const guests = new Guests(clock, SMALL);
    const screens = Array.from({ length: 7 }, () => {
      const [screen] = come(guests, '192.168.1.1', 1);
      guests.recognise(screen as Socket);
      return screen as Socket;
    });
    expect(open(screens)).toBe('ooooooo');
  });

  test('takes the last place, and then nobody comes in until one goes', () => {
    const guests = new Guests(clock, SMALL);
    const devices = come(guests, '10.0.0.1', 1);
    for (let count = 1; count < 8; count++) {
      guests.recognise(devices.at(-1) as Socket);
      devices.push(...come(guests, '10.0.0.1', 1));
    }
    // The last one is still a stranger and gives way; then it is known, too.
    const [last] = come(guests, '10.0.0.2', 1);
    expect(open(devices)).toBe('ooooooo-');
    guests.recognise(last as Socket);
    const late = from('10.0.0.3');
    expect([guests.enter(late), late.destroyed, guests.count]).toEqual([false, true, 8]);
    devices[0]?.emit('close');
    expect(guests.enter(from('10.0.0.3'))).toBe(true);
  });
});

test('one that has gone before it was looked at is nobody', () => {
  const guests = new Guests(clock, SMALL);
  const gone = from(undefined);
  expect([guests.enter(gone), gone.destroyed, guests.count]).toEqual([false, true, 0]);
  guests.recognise(gone);
});

test('all are closed at the end', () => {
  const guests = new Guests(clock, SMALL);
  const here = come(guests, '10.0.0.1', 3);
  guests.recognise(here[0] as Socket);
  guests.closeAll();
  expect(open(here)).toBe('---');
});
