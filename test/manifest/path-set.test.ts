import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PathSet } from '../../services/manifest/path-set.ts';

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
