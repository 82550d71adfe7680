import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { c4OfSha512, c4OfText } from '../../services/manifest/c4.ts';

/** Of the C4 framework's documentation. */
const EMPTY = 'c459dsjfscH38cYeXXYogktxf4Cd9ibshE3BHUo6a58hBXmRQdZrAkZzsWcbWtDg5oQstpDuni4Hirj75GEmTc1sFT';
const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/** The other way round, by its definition. */
function numberOf(c4: string): bigint {
  return [...c4.slice(2)].reduce((sum, digit) => sum * 58n + BigInt(ALPHABET.indexOf(digit)), 0n);
}

describe('C4', () => {
  it('of nothing is the published one', () => {
    expect(c4OfText('')).toBe(EMPTY);
  });

  it('fills up with 1, which is zero', () => {
    expect(c4OfSha512(new Uint8Array(64))).toBe(`c4${'1'.repeat(88)}`);
    expect(c4OfSha512(Uint8Array.from({ length: 64 }, (_, at) => (at === 63 ? 57 : 0)))).toBe(
      `c4${'1'.repeat(87)}z`,
    );
  });

  it('holds the largest hash', () => {
    const c4 = c4OfSha512(new Uint8Array(64).fill(255));
    expect(c4).toHaveLength(90);
    expect(numberOf(c4)).toBe(2n ** 512n - 1n);
  });

  it('is always 90 characters and keeps every bit', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 64, maxLength: 64 }), (hash) => {
        const c4 = c4OfSha512(hash);
        expect(c4).toHaveLength(90);
        expect(numberOf(c4)).toBe(BigInt(`0x${Buffer.from(hash).toString('hex')}`));
      }),
    );
  });

  it('takes a text as its bytes in UTF-8', () => {
    expect(c4OfText('é 🎞')).toBe(c4OfSha512(createHash('sha512').update(Buffer.from('é 🎞')).digest()));
  });
});
