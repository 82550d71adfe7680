import { beforeEach, describe, expect, test } from 'vitest';
import { VirtualClock } from '../../adapters/memory/virtual-clock.ts';
import { Guesses } from '../../services/access/guesses.ts';

let clock: VirtualClock;
let guesses: Guesses;
beforeEach(() => {
  clock = new VirtualClock({ startMs: 12_345.5 });
  guesses = new Guesses(clock);
});
const refuse = (count: number, address: string) => {
  for (let time = 0; time < count; time++) guesses.refuse(address);
};

describe('who asked in vain', () => {
  test('twice within a minute may ask again at once, after the third time not', () => {
    refuse(2, '10.0.0.1');
    expect(guesses.waitMs('10.0.0.1')).toBe(0);
    refuse(1, '10.0.0.1');
    expect(guesses.waitMs('10.0.0.1')).toBe(60_000);
  });

  test('waits until the third last time is a minute ago', () => {
    refuse(1, '10.0.0.1');
    clock.advance(20_000);
    refuse(2, '10.0.0.1');
    clock.advance(39_999);
    expect(guesses.waitMs('10.0.0.1')).toBe(1);
    clock.advance(1);
    expect(guesses.waitMs('10.0.0.1')).toBe(0);
    refuse(1, '10.0.0.1');
    expect(guesses.waitMs('10.0.0.1')).toBe(20_000);
  });

  test('waits longer the longer it goes on', () => {
    for (let time = 0; time < 10; time++) {
      refuse(1, '10.0.0.1');
      clock.advance(10_000);
    }
    expect(guesses.waitMs('10.0.0.1')).toBe(30_000);
  });

  test('does not keep others waiting', () => {
    refuse(9, '10.0.0.1');
    expect(guesses.waitMs('10.0.0.2')).toBe(0);
  });

  test('is forgotten when asked for', () => {
    refuse(9, '10.0.0.1');
    guesses.clear();
    expect(guesses.waitMs('10.0.0.1')).toBe(0);
  });

  test('setting the clock of the wall changes nothing', () => {
    refuse(3, '10.0.0.1');
    clock.setWall(86_400_000);
    expect(guesses.waitMs('10.0.0.1')).toBe(60_000);
  });
});

describe('30 in vain within a minute', () => {
  test('from everywhere are enough: everybody waits', () => {
    for (let host = 0; host < 29; host++) refuse(1, `10.0.0.${host}`);
    expect(guesses.waitMs('10.0.1.1')).toBe(0);
    refuse(1, '10.0.0.99');
    expect(guesses.waitMs('10.0.1.1')).toBe(60_000);
  });

  test('by one address that never stops count as three: others may ask', () => {
    refuse(1000, '10.0.0.1');
    expect(guesses.waitMs('10.0.0.1')).toBe(60_000);
    for (let other = 2; other < 11; other++) refuse(2, `10.0.0.${other}`);
    expect(guesses.waitMs('10.0.1.1')).toBe(0);
  });

  test('are all that is kept, however many ask', () => {
    for (let host = 0; host < 1000; host++) refuse(1, `10.0.${host >> 8}.${host & 255}`);
    expect(guesses.size).toBe(30);
    clock.advance(60_000);
    expect([guesses.waitMs('10.0.0.1'), guesses.size]).toEqual([0, 0]);
  });
});

test('in IPv6 a stranger in the house keeps nobody else of it out', () => {
  for (const [stranger, owner] of [
    ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9'],
    ['fd00:1:2:3::1', 'fd00:1:2:3::2'],
    ['fe80::1', 'fe80::2'],
  ] as const) {
    refuse(3, stranger);
    expect([guesses.waitMs(stranger), guesses.waitMs(owner)]).toEqual([60_000, 0]);
  }
});

test('who changes its address within a /64 gets one more, and not where everybody has the same', () => {
  refuse(3, '2001:db8:1:2::1');
  refuse(1, '2001:db8:1:2::2');
  expect(guesses.waitMs('2001:db8:1:2::3')).toBe(60_000);
  expect(guesses.waitMs('2001:db8:1:3::1')).toBe(0);
  refuse(3, 'fd00:1:2:3::1');
  refuse(1, 'fd00:1:2:3::2');
  expect(guesses.waitMs('fd00:1:2:3::3')).toBe(0);
});
