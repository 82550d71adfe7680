import { describe, expect, it } from 'vitest';
import { HASH_FORMATS, type HashFormat, type HashValue } from '../../services/manifest/mhl-reader.ts';
import { Renames } from '../../services/verify/renames.ts';
import { MAX_REPORTED } from '../../services/verify/tally.ts';
import { rel } from '../manifest/memory-drive.ts';

const md5 = (value: string): HashValue => ({ format: 'md5', value });
const lost = (path: string, sizeBytes: number | null, hash: HashValue | null = md5('A')) => ({
  path: rel(path),
  sizeBytes,
  hash,
});
const found = (path: string, sizeBytes: number) => ({ path: rel(path), sizeBytes });

function given(...missing: readonly ReturnType<typeof lost>[]): Renames {
  const renames = new Renames();
  for (const file of missing) renames.missing(file);
  return renames;
}

describe('a new file', () => {
  it('of the same size and content is the missing one', () => {
    const renames = given(lost('a/x', 5));
    expect(renames.take(found('b/y', 5), md5('A'))).toBe('a/x');
    expect(renames.found).toEqual([{ from: 'a/x', to: 'b/y' }]);
  });

  it.each<[name: string, sizeBytes: number, hash: HashValue]>([
    ['of another size', 6, md5('A')],
    ['of another content', 5, md5('B')],
    ['with the same digits in another format', 5, { format: 'xxh128', value: 'A' }],
  ])('%s is none', (_name, sizeBytes, hash) => {
    const renames = given(lost('a/x', 5));
    expect(renames.take(found('b/x', sizeBytes), hash)).toBeNull();
    expect(renames.found).toEqual([]);
  });

  it('is held against a missing one of unknown size by its content alone', () => {
    const renames = given(lost('a/x', null));
    expect(renames.formatsFor(77)).toEqual(['md5']);
    expect(renames.take(found('b/y', 77), md5('B'))).toBeNull();
    expect(renames.take(found('b/y', 77), md5('A'))).not.toBeNull();
  });

  it('is one missing file only, and a missing file one new one', () => {
    const renames = given(lost('a/x', 5), lost('a/y', 5));
    expect(renames.take(found('b/1', 5), md5('A'))).not.toBeNull();
    expect(renames.take(found('b/2', 5), md5('A'))).not.toBeNull();
    expect(renames.take(found('b/3', 5), md5('A'))).toBeNull();
    expect(renames.found).toEqual([
      { from: 'a/x', to: 'b/1' },
      { from: 'a/y', to: 'b/2' },
    ]);
  });

  it('in a folder that was renamed is the one of its own name', () => {
    const renames = given(lost('a/x', 5), lost('a/y', 5));
    renames.take(found('b/y', 5), md5('A'));
    renames.take(found('b/x', 5), md5('A'));
    expect(renames.found).toEqual([
      { from: 'a/y', to: 'b/y' },
      { from: 'a/x', to: 'b/x' },
    ]);
  });

  it('that is empty is the missing one of its own name only: all empty files are alike', () => {
    const renames = given(lost('a/x', 0), lost('x', null));
    expect(renames.take(found('b/y', 0), md5('A'))).toBeNull();
    expect(renames.take(found('b/x', 0), md5('A'))).not.toBeNull();
    expect(renames.found).toEqual([{ from: 'a/x', to: 'b/x' }]);
  });

  it('is not the missing one for which nothing vouches', () => {
    const renames = given(lost('a/x', 5, null));
    expect(renames.formatsFor(5)).toEqual([]);
    expect(renames.take(found('a/y', 5), md5('A'))).toBeNull();
  });
});

describe('what has to be read', () => {
  it('is nothing where no missing file has the size', () => {
    const renames = given(lost('a/x', 5));
    expect(renames.formatsFor(4)).toEqual([]);
    expect(new Renames().formatsFor(5)).toEqual([]);
  });

  it('is each format once, of this size and of unknown ones', () => {
    const of = (format: HashFormat) => ({ format, value: 'A' });
    const renames = given(
      lost('a', 5, of('md5')),
      lost('b', 5, of('md5')),
      lost('c', 5, of('c4')),
      lost('d', null, of('md5')),
      lost('e', 6, of('sha1')),
    );
    expect(renames.formatsFor(5)).toEqual(['md5', 'c4']);
    expect(HASH_FORMATS).toEqual(expect.arrayContaining([...renames.formatsFor(6)]));
    expect(renames.formatsFor(6)).toEqual(['md5', 'sha1']);
  });

  it('is nothing any more when all of them were found', () => {
    const renames = given(lost('a', 5), lost('b', 5));
    renames.take(found('c', 5), md5('A'));
    expect(renames.formatsFor(5)).toEqual(['md5']);
    renames.take(found('d', 5), md5('A'));
    expect(renames.formatsFor(5)).toEqual([]);
  });
});

describe('limits', () => {
  it('keep no more than 256 of one content', () => {
    const renames = given(...Array.from({ length: 300 }, (_, at) => lost(`a/${at}`, 5)));
    for (let at = 0; at < 300; at += 1) renames.take(found(`b/x${at}`, 5), md5('A'));
    expect(renames.found).toHaveLength(256);
  });

  it('keep no more than a result names', () => {
    const renames = new Renames();
    for (let at = 0; at <= MAX_REPORTED; at += 1) renames.missing(lost(`a/${at}`, 5, md5(String(at))));
    expect(renames.take(found('b', 5), md5(String(MAX_REPORTED - 1)))).not.toBeNull();
    expect(renames.take(found('c', 5), md5(String(MAX_REPORTED)))).toBeNull();
  });
});
