import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { looking } from './guest/look.ts';
import type { Found, Sight } from './guest/protocol.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'lab-look-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const handlers = looking(process.cwd());
const tree = (...paths: string[]) => handlers['tree']?.({ path: dir, paths }) as Found[];

describe('a look through folders in the guest', () => {
  it('finds files with their hashes, below folders and alone', () => {
    mkdirSync(join(dir, 'a/b'), { recursive: true });
    writeFileSync(join(dir, 'a/b/empty'), '');
    writeFileSync(join(dir, 'alone'), 'abc');
    // XXH64 with seed 0 (Cyan4973/xxHash, doc/xxhash_spec.md).
    expect(tree('a', 'alone', 'none')).toEqual([
      { path: 'a/b/empty', sizeBytes: 0, xxh64: 'ef46db3751d8e999', error: null },
      { path: 'alone', sizeBytes: 3, xxh64: '44bc2cf5ad770999', error: null },
    ]);
  });

  it('finds what cannot be read, with its error', () => {
    symlinkSync('loop', join(dir, 'loop'));
    expect(tree('loop')).toEqual([{ path: 'loop', sizeBytes: 0, xxh64: null, error: 'ELOOP' }]);
  });
});

describe('a volume that cannot be mounted', () => {
  it('is told with the words of mount', () => {
    const what = {
      device: join(dir, 'none'),
      fileSystem: 'ext4',
      options: 'ro',
      paths: ['a'],
      point: join(dir, 'p'),
    };
    const sight = handlers['look']?.(what) as Sight;
    expect(sight).toMatchObject({ mounted: false });
  });
});
