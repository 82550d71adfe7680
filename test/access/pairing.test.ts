import { beforeEach, describe, expect, test } from 'vitest';
import { VirtualClock } from '../../adapters/memory/virtual-clock.ts';
import { Pairing, type PairingEnd } from '../../services/access/pairing.ts';
import { countedSecrets } from './kit.ts';

let clock: VirtualClock;
let pairing: Pairing;
beforeEach(() => {
  clock = new VirtualClock();
  pairing = new Pairing(clock, countedSecrets());
});

function open() {
  const ends: PairingEnd[] = [];
  const opening = pairing.openWithCode({ role: 'owner', name: null, onEnd: (end) => ends.push(end) });
  return { opening, code: opening.code, ends };
}
/** Each from an address of its own, so that only the pairing itself keeps count. */
let host = 0;
const ask = (code: string | null, address = `10.0.0.${++host}`) => pairing.ask({ code, address });

describe('a pairing with a code', () => {
  test('lets in who says the code, once', () => {
    const { opening, code } = open();
    expect(ask(code)).toEqual({ type: 'accepted', opening });
    expect(ask(code)).toEqual({ type: 'refused', why: 'not-open' });
  });

  test('is not open before and lets nobody in without a code', () => {
    expect(ask('000001')).toEqual({ type: 'refused', why: 'not-open' });
    open();
    expect(ask(null)).toEqual({ type: 'refused', why: 'wrong-code' });
  });

  test.each(['000002', '', '1', '0000010', '00000１'])('does not take %j for 000001', (code) => {
    open();
    expect(ask(code)).toEqual({ type: 'refused', why: 'wrong-code' });
  });

  test('is open for five minutes, whatever the clock on the wall says', () => {
    const { code, ends } = open();
    clock.advance(299_999);
    clock.setWall(86_400_000);
    expect(ends).toEqual([]);
    expect(ask(code)).toMatchObject({ type: 'accepted' });
    const second = open();
    clock.setWall(-86_400_000);
    clock.advance(300_000);
    expect(second.ends).toEqual([{ closed: 'expired' }]);
    expect(ask(second.code)).toEqual({ type: 'refused', why: 'not-open' });
  });

  test('is over when its time is, though the timer is late', () => {
    clock = new VirtualClock({ lateMs: () => 5000 });
    pairing = new Pairing(clock, countedSecrets());
    const { code, ends } = open();
    clock.advance(300_000);
    expect(ends).toEqual([]);
    expect(ask(code)).toEqual({ type: 'refused', why: 'not-open' });
    clock.advance(5000);
    expect(ends).toEqual([{ closed: 'expired' }]);
  });

  test('is closed by five wrong codes, not by four, and the right one is then wrong', () => {
    const { code, ends } = open();
    for (let guess = 0; guess < 4; guess++) ask('999999');
    expect(ends).toEqual([]);
    ask('999999');
    expect(ends).toEqual([{ closed: 'guessed' }]);
    expect(ask(code)).toEqual({ type: 'refused', why: 'not-open' });
  });

  test('asks without a code are no guesses', () => {
    const { code } = open();
    for (let time = 0; time < 9; time++) ask(null);
    expect(ask(code)).toMatchObject({ type: 'accepted' });
  });

  test('a second one replaces it, with a new code and five guesses of its own', () => {
    const first = open();
    for (let guess = 0; guess < 4; guess++) ask('999999');
    const second = open();
    expect(first.ends).toEqual([{ closed: 'replaced' }]);
    expect(ask(first.code)).toEqual({ type: 'refused', why: 'wrong-code' });
    for (let guess = 0; guess < 3; guess++) ask('999999');
    expect(ask(second.code)).toMatchObject({ type: 'accepted' });
  });

  test('leaves no timer behind, however it ends', () => {
    ask(open().code);
    expect(clock.armed).toBe(0);
    open();
    open();
    expect(clock.armed).toBe(1);
    pairing.close('ended');
    expect(clock.armed).toBe(0);
  });

  test('is closed once, and a later word on an older one changes nothing', () => {
    const first = open();
    const second = open();
    pairing.close('ended', first.opening);
    expect(first.ends).toEqual([{ closed: 'replaced' }]);
    pairing.close('ended', second.opening);
    pairing.close('ended', second.opening);
    pairing.close('ended');
    expect(second.ends).toEqual([{ closed: 'ended' }]);
  });
});

describe('an address that asked in vain three times', () => {
  test('is told to wait, also with the right code, and cannot close the pairing alone', () => {
    const { code, ends } = open();
    for (let guess = 0; guess < 3; guess++) ask('999999', '10.1.1.1');
    expect(ask(code, '10.1.1.1')).toEqual({ type: 'too-many', retryAfterMs: 60_000 });
    for (let guess = 0; guess < 9; guess++) ask('999999', '10.1.1.1');
    expect(ends).toEqual([]);
    expect(ask(code)).toMatchObject({ type: 'accepted' });
  });

  test('may ask again a minute after it has stopped', () => {
    const { code } = open();
    for (let guess = 0; guess < 4; guess++) ask('999999', '10.1.1.1');
    clock.advance(60_000);
    expect(ask(code, '10.1.1.1')).toMatchObject({ type: 'accepted' });
  });

  test('may ask at once when a new code is shown: it knows nothing of it', () => {
    for (let guess = 0; guess < 9; guess++) ask('999999', '10.1.1.1');
    expect(ask(open().code, '10.1.1.1')).toMatchObject({ type: 'accepted' });
  });
});

describe('a pairing by button', () => {
  test('lets the first in that asks without a code, as an owner, and nobody after it', () => {
    pairing.openByButton();
    const verdict = ask(null);
    expect(verdict).toMatchObject({ type: 'accepted', opening: { role: 'owner', name: null } });
    expect(ask(null)).toEqual({ type: 'refused', why: 'not-open' });
  });

  test('lets nobody in with a code', () => {
    pairing.openByButton();
    expect(ask('000000')).toEqual({ type: 'refused', why: 'wrong-code' });
  });

  test('is open for two minutes', () => {
    pairing.openByButton();
    clock.advance(119_999);
    expect(ask(null)).toMatchObject({ type: 'accepted' });
    pairing.openByButton();
    clock.advance(120_000);
    expect(ask(null)).toEqual({ type: 'refused', why: 'not-open' });
  });

  test.each([
    1000, 31_000, 599_999,
  ])('is not for a stranger who has been asking all the time, every %d ms', (everyMs) => {
    for (let time = 0; time < 5; time++) {
      ask(null, '10.1.1.1');
      clock.advance(everyMs);
    }
    pairing.openByButton();
    for (let second = 0; second < 100; second++) {
      expect(ask(null, '10.1.1.1')).toEqual({ type: 'refused', why: 'too-early' });
      clock.advance(1000);
    }
    expect(ask(null)).toMatchObject({ type: 'accepted' });
  });

  test('is not for who guessed, nor for another address of its network', () => {
    ask('999999', '2001:db8::1');
    pairing.openByButton();
    expect(ask(null, '2001:db8::2')).toEqual({ type: 'refused', why: 'too-early' });
    expect(ask(null, '2001:db8:0:1::1')).toMatchObject({ type: 'accepted' });
  });

  test('is for who has asked in vain ten minutes ago', () => {
    ask(null, '10.1.1.1');
    clock.advance(600_001);
    pairing.openByButton();
    expect(ask(null, '10.1.1.1')).toMatchObject({ type: 'accepted' });
  });

  test('is not closed by what others guess, from however many networks', () => {
    pairing.openByButton();
    for (let second = 0; second < 119; second++) {
      for (let network = 0; network < 6; network++) ask('000009');
      clock.advance(1000);
    }
    expect(ask('000009')).toMatchObject({ type: 'too-many' });
    expect(ask(null)).toMatchObject({ type: 'accepted' });
  });

  test('replaces one with a code', () => {
    const { code, ends } = open();
    pairing.openByButton();
    expect(ends).toEqual([{ closed: 'replaced' }]);
    expect(ask(code)).toMatchObject({ type: 'refused' });
  });
});

describe('what was taken and given back', () => {
  test('is open for the rest of its time', () => {
    const { opening, code, ends } = open();
    clock.advance(200_000);
    ask(code);
    pairing.giveBack(opening);
    clock.advance(99_999);
    expect(ask(code)).toMatchObject({ type: 'accepted' });
    pairing.giveBack(opening);
    clock.advance(1);
    expect(ends).toEqual([{ closed: 'expired' }]);
  });

  test('is over when its time is, or when there is another', () => {
    const late = open();
    ask(late.code);
    clock.advance(300_000);
    pairing.giveBack(late.opening);
    expect(late.ends).toEqual([{ closed: 'expired' }]);
    const early = open();
    ask(early.code);
    const { code } = open();
    pairing.giveBack(early.opening);
    expect(early.ends).toEqual([{ closed: 'replaced' }]);
    expect(ask(code)).toMatchObject({ type: 'accepted' });
  });
});
