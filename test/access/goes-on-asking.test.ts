import { expect, test } from 'vitest';
import { VirtualClock } from '../../adapters/memory/virtual-clock.ts';
import { Pairing } from '../../services/access/pairing.ts';
import { countedSecrets } from './kit.ts';

test('who goes on asking while it has to wait goes on waiting', () => {
  const clock = new VirtualClock();
  const pairing = new Pairing(clock, countedSecrets());
  const ask = () => pairing.ask({ code: '999999', address: '10.1.1.1' });
  for (let guess = 0; guess < 3; guess += 1) ask();
  clock.advance(50_000);
  for (let guess = 0; guess < 3; guess += 1) expect(ask()).toMatchObject({ type: 'too-many' });
  clock.advance(11_000);
  expect(ask()).toMatchObject({ type: 'too-many' });
});
