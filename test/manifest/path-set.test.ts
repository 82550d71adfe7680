import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PathHashes, PathSet, PathTexts } from '../../services/manifest/path-set.ts';

describe('a set of paths', () => {
  it('does what a Set does', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 3 }), { maxLength: 300 }), fc.string(), (texts, other) => {
        const set = new Set<string>();
        const paths = new PathSet();
        for (const text of texts) {
          expect(paths.add(text)).toBe(!set.has(text));
          set.add(text);
        }
        expect(paths.size).toBe(set.size);
        expect(paths.has(other)).toBe(set.has(other));
        for (const text of texts) expect(paths.has(text)).toBe(true);
      }),
    );
  });

  it('keeps everything while it grows', () => {
    const paths = new PathSet();
    for (let index = 0; index < 20_000; index += 1) paths.add(`DCIM/${index}`);
    expect(paths.size).toBe(20_000);
    for (let index = 0; index < 20_000; index += 1) {
      if (!paths.has(`DCIM/${index}`) || paths.has(`DCIM/${index}x`)) throw new Error(`wrong about ${index}`);
    }
  });
});

describe('the hashes of paths', () => {
  it('are what a Map of the first ones says', () => {
    const hash = fc
      .bigInt({ min: 0n, max: 2n ** 64n - 1n })
      .map((value) => value.toString(16).padStart(16, '0'));
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string({ maxLength: 3 }), hash), { maxLength: 300 }), (entries) => {
        const hashes = new PathHashes();
        for (const [path, value] of entries) hashes.add(path, value);
        for (const [path, value] of [...entries].reverse()) {
          const first = entries.find((entry) => entry[0] === path)?.[1];
          expect(hashes.get(path)).toBe(first ?? value);
        }
        expect(hashes.get('never there')).toBeNull();
      }),
    );
  });

  it('are kept while they grow', () => {
    const hashes = new PathHashes();
    const of = (index: number) => index.toString(16).padStart(16, '0');
    for (let index = 0; index < 20_000; index += 1) hashes.add(`DCIM/${index}`, of(index));
    for (let index = 0; index < 20_000; index += 1) {
      if (hashes.get(`DCIM/${index}`) !== of(index)) throw new Error(`wrong about ${index}`);
    }
  });
});

describe('the texts of paths', () => {
  it('are kept while they grow, the first one of each', () => {
    const texts = new PathTexts();
    const of = (index: number) => `c4${String(index).padStart(88, 'x')}`;
    expect(texts.get('DCIM/0')).toBeNull();
    for (let index = 0; index < 9000; index += 1) texts.add(`DCIM/${index}`, of(index));
    texts.add('DCIM/7', of(8));
    texts.add('DCIM/last', of(9001));
    for (let index = 0; index < 9000; index += 1) {
      if (texts.get(`DCIM/${index}`) !== of(index)) throw new Error(`wrong about ${index}`);
    }
    expect(texts.get('DCIM/last')).toBe(of(9001));
    expect(texts.get('never there')).toBeNull();
  });

  it('are all of one length', () => {
    const texts = new PathTexts();
    texts.add('a', 'abc');
    expect(() => texts.add('b', 'abcd')).toThrow(RangeError);
    expect(texts.get('b')).toBeNull();
  });
});
