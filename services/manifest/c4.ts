import { createHash } from 'node:crypto';

/** Bitcoin's base 58: no 0, O, I, l. */
const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
/** 58^88 is the first power of 58 that holds 512 bits. */
const DIGITS = 88;

/**
 * C4 identifier, 90 characters (SMPTE ST 2114): `c4`, then the SHA-512 as one big-endian number in base 58,
 * filled up on the left with `1`, which is zero.
 */
export function c4OfSha512(sha512: Uint8Array): string {
  let rest = BigInt(`0x${Buffer.from(sha512).toString('hex')}`);
  let digits = '';
  while (rest > 0n) {
    digits = ALPHABET.charAt(Number(rest % 58n)) + digits;
    rest /= 58n;
  }
  return `c4${digits.padStart(DIGITS, '1')}`;
}

/** C4 of a text in UTF-8, as it lies in a file. */
export function c4OfText(text: string): string {
  return c4OfSha512(createHash('sha512').update(text, 'utf8').digest());
}
