import { beforeEach, expect, test } from 'vitest';
import { VirtualClock } from '../../adapters/memory/virtual-clock.ts';
import { EarlyBirds } from '../../services/access/early-birds.ts';

let clock: VirtualClock;
let early: EarlyBirds;
beforeEach(() => {
  clock = new VirtualClock();
  early = new EarlyBirds(clock);
});

test('who asked in vain is known for ten minutes from the last time on', () => {
  early.refuse('10.0.0.1');
  clock.advance(300_000);
  early.refuse('10.0.0.1');
  clock.advance(599_999);
  expect([early.has('10.0.0.1'), early.has('10.0.0.2')]).toEqual([true, false]);
  clock.advance(1);
  expect(early.has('10.0.0.1')).toBe(false);
});

test('in IPv6 it is the whole network', () => {
  early.refuse('2001:db8::1');
  expect([early.has('2001:db8::ffff'), early.has('2001:db8:0:1::1')]).toEqual([true, false]);
});

test('of more than a thousand places those that asked last are known', () => {
  early.refuse('10.0.0.0');
  early.refuse('10.0.0.1');
  early.refuse('10.0.0.0');
  for (let host = 2; host < 1025; host++) early.refuse(`10.0.${host >> 8}.${host & 255}`);
  expect(early.size).toBe(1024);
  expect([early.has('10.0.0.0'), early.has('10.0.0.1'), early.has('10.0.4.0')]).toEqual([true, false, true]);
});
