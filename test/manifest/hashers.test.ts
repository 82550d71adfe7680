import { createHash } from 'node:crypto';
import { xxh3, xxh64 } from '@node-rs/xxhash';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { c4OfSha512 } from '../../services/manifest/c4.ts';
import { createManifestHash } from '../../services/manifest/hashers.ts';
import { HASH_FORMATS, type HashFormat } from '../../services/manifest/mhl-reader.ts';
import { Xxh128 } from '../../services/manifest/xxh128.ts';

const whole: Record<HashFormat, (bytes: Buffer) => string> = {
  xxh64: (bytes) => xxh64(bytes).toString(16).padStart(16, '0'),
  xxh3: (bytes) => xxh3.xxh64(bytes).toString(16).padStart(16, '0'),
  xxh128: (bytes) => xxh3.xxh128(bytes).toString(16).padStart(32, '0'),
  md5: (bytes) => createHash('md5').update(bytes).digest('hex'),
  sha1: (bytes) => createHash('sha1').update(bytes).digest('hex'),
  c4: (bytes) => c4OfSha512(createHash('sha512').update(bytes).digest()),
};

function inPieces(format: HashFormat, bytes: Buffer, cuts: readonly number[]): string {
  const hasher = createManifestHash(format);
  let from = 0;
  for (const cut of [...cuts.map((value) => value % (bytes.length + 1)), bytes.length].sort(
    (a, b) => a - b,
  )) {
    hasher.update(bytes.subarray(from, cut));
    from = cut;
  }
  return hasher.digest();
}

describe('hashing a stream', () => {
  it.each(HASH_FORMATS)('%s is the same in any pieces as in one', (format) => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 5000, size: 'max' }),
        fc.array(fc.nat(5000), { maxLength: 6 }),
        (data, cuts) => {
          const bytes = Buffer.from(data);
          expect(inPieces(format, bytes, cuts)).toBe(whole[format](bytes));
        },
      ),
      { numRuns: 150 },
    );
  });

  it('xxh128 agrees with the native library at every border of its blocks', () => {
    for (const length of [
      0, 1, 16, 128, 240, 241, 255, 256, 257, 320, 1023, 1024, 1025, 1088, 2048, 2049, 65_537,
    ]) {
      const bytes = Buffer.alloc(length, 0).map((_, index) => (index * 167 + (index >> 7)) & 0xff);
      expect(new Xxh128().update(bytes).digest(), `${length} bytes`).toBe(whole.xxh128(Buffer.from(bytes)));
    }
  });

  it('writes a hash with leading zeros in full', () => {
    // Found by search: the XXH64 of this text begins with two zeros.
    let text = 0;
    while (!whole.xxh64(Buffer.from(`${text}`)).startsWith('00')) text += 1;
    expect(inPieces('xxh64', Buffer.from(`${text}`), [])).toMatch(/^00[0-9a-f]{14}$/);
  });
});

describe('a buffer that is filled again', () => {
  it.each(HASH_FORMATS)('%s keeps nothing of it', (format) => {
    const bytes = Buffer.alloc(1000, 7);
    const hasher = createManifestHash(format);
    hasher.update(bytes);
    bytes.fill(9);
    hasher.update(bytes);
    expect(hasher.digest()).toBe(whole[format](Buffer.concat([Buffer.alloc(1000, 7), bytes])));
  });
});
