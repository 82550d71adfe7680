import { describe, expect, test } from 'vitest';
import { Sieve } from '../../adapters/multicast-dns/sieve.ts';

/** A packet with so many questions and records, and this text in it. */
function packet(text: string, sizeBytes = 100, entries = [1, 0, 0, 0]): Buffer {
  const bytes = Buffer.alloc(sizeBytes);
  for (const [at, count] of entries.entries()) bytes.writeUInt16BE(count, 4 + 2 * at);
  bytes.write(text, 12, 'latin1');
  return bytes;
}

const sieve = () => new Sieve(['imagetank', '_http']);

describe('a packet goes through', () => {
  test.each([
    ['imagetank', true],
    ['ImageTank', true],
    ['_HTTP', true],
    ['xximagetank-2xx', true],
    ['imagetan', false],
    ['_ipp', false],
    ['', false],
  ])('with our name in it: %s', (text, lets) => {
    expect(sieve().lets(packet(text), 0)).toBe(lets);
  });

  test.each([
    [9000, true],
    [9001, false],
    [65_507, false],
    [22, true],
  ])('of %i bytes: %s', (sizeBytes, lets) => {
    expect(sieve().lets(packet('imagetank', sizeBytes), 0)).toBe(lets);
  });

  test('not without a whole header', () => {
    for (let bytes = 0; bytes < 12; bytes++)
      expect(sieve().lets(Buffer.from('imagetank__http').subarray(0, bytes), 0)).toBe(false);
  });

  test.each([
    [[256, 0, 0, 0], true],
    [[64, 64, 64, 64], true],
    [[64, 64, 64, 65], false],
    [[257, 0, 0, 0], false],
    [[0, 0, 0, 65_535], false],
    [[0, 65_535, 0, 0], false],
    [[0, 0, 257, 0], false],
  ])('with entries %j: %s', (entries, lets) => {
    expect(sieve().lets(packet('imagetank', 100, entries), 0)).toBe(lets);
  });
});

test('64 KiB a second go through, and again in the next one', () => {
  const one = sieve();
  const each = () => one.lets(packet('imagetank', 8192), 0);
  expect(Array.from({ length: 10 }, each)).toEqual([...Array(8).fill(true), false, false]);
  expect(one.lets(packet('imagetank'), 999)).toBe(false);
  expect(one.lets(packet('imagetank'), 1000)).toBe(true);
});

test('1,024 questions and records a second go through, however small they are', () => {
  const one = sieve();
  const each = () => one.lets(packet('imagetank', 100, [100, 100, 50, 6]), 0);
  expect(Array.from({ length: 5 }, each)).toEqual([true, true, true, true, false]);
  expect(one.lets(packet('imagetank'), 1000)).toBe(true);
});

test('what is not about the box uses nothing up', () => {
  const one = sieve();
  for (let times = 0; times < 100; times++) one.lets(packet('_ipp', 8192), 0);
  expect(one.lets(packet('imagetank', 8192), 0)).toBe(true);
});
