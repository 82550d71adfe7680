import { beforeEach, describe, expect, it } from 'vitest';
import { c4OfText } from '../../services/manifest/c4.ts';
import type { HashFormat } from '../../services/manifest/mhl-reader.ts';
import { chainText } from '../../services/manifest/mhl-writer.ts';
import { driveReader } from '../../services/verify/drive-reader.ts';
import type { OpenFolder } from '../../services/verify/ports.ts';
import { copyOf, hashOf } from '../manifest/memory-drive.ts';
import { digestOf, type FixtureGeneration, generation } from '../verify/fixtures.ts';
import { IndexKit } from './kit.ts';

const [A, B, C] = ['images/2019/a.jpg', 'images/2019/b.jpg', 'images/c.jpg'];

let kit: IndexKit;
let read: string[];
beforeEach(() => {
  kit = new IndexKit();
  read = [];
  kit.drive.put(C, 'third');
  kit.drive.onRead = (path) => void read.push(path);
});

/** What another tool left below a root of the drive; empty is its top. */
function seal(root: string, ...generations: readonly FixtureGeneration[]): void {
  const at = root === '' ? '' : `${root}/`;
  const chain = generations.map((words, index) => {
    const name = `000${index + 1}_x_2020-01-0${index + 1}_000000Z.mhl`;
    const text = generation(words);
    kit.drive.put(`${at}ascmhl/${name}`, text);
    return { sequence: index + 1, name, c4: c4OfText(text) };
  });
  kit.drive.put(`${at}ascmhl/ascmhl_chain.xml`, chainText(chain));
}

const listed = (path: string, content: string) => ({ path, content });
const reader = () => {
  const openFolder: OpenFolder = async () => ({
    ...driveReader(kit.drive),
    hash: async (path, format, _after, also = null) => {
      read.push(`${path} ${format}`);
      const content = kit.drive.text(path);
      const both = also === null ? {} : { also: digestOf(also, content) };
      return { value: digestOf(format, content), sizeBytes: content.length, ...both };
    },
  });
  return { reader: driveReader(kit.drive, openFolder) };
};
const copies = () => kit.catalogue.rows.map(({ to }) => to).sort();

describe('what another tool listed', () => {
  it('and is as it says becomes a copy, each file once', async () => {
    seal('images', { files: [listed('2019/a.jpg', 'first'), listed('c.jpg', 'third')], formats: ['xxh64'] });
    expect(await kit.index(reader())).toMatchObject({ indexed: 3, altered: [], missing: [] });
    expect(read.filter((path) => !path.includes('ascmhl')).sort()).toEqual([A, B, C]);
  });

  it.each([
    ['has other content', listed('2019/a.jpg', 'FIRST')],
    ['has another size', listed('2019/a.jpg', 'first and more')],
  ])('and %s is altered, and no copy', async (_, file) => {
    seal('images', { files: [file], formats: ['xxh64'] });
    expect(await kit.index(reader())).toMatchObject({ indexed: 2, altered: [A] });
    expect(copies()).toEqual([B, C]);
  });

  it('and contradicts a copy takes its mark', async () => {
    kit.catalogue.rows.push(copyOf(kit.drive, A));
    seal('images', { files: [listed('2019/a.jpg', 'FIRST')], formats: ['xxh64'] });
    expect(await kit.index(reader())).toMatchObject({ known: 0, altered: [A] });
    expect(kit.told[0]).toEqual(['CopiesLost', [A]]);
    expect(copies()).toEqual([B, C]);
  });

  it('and is gone is missing, with the mark that it had', async () => {
    kit.catalogue.rows.push(copyOf(kit.drive, A));
    kit.drive.files.delete(A);
    seal('images', { files: [listed('2019/a.jpg', 'first')], formats: ['xxh64'] });
    expect(await kit.index(reader())).toMatchObject({ indexed: 2, missing: [A] });
    expect(kit.told[0]).toEqual(['CopiesLost', [A]]);
  });

  it.each([
    'md5',
    'c4',
    'sha1',
  ] as const satisfies readonly HashFormat[])('in %s only is held against that, in a second reading', async (format) => {
    seal('images', { files: [listed('2019/a.jpg', 'first'), listed('c.jpg', 'THIRD')], formats: [format] });
    expect(await kit.index(reader())).toMatchObject({ indexed: 2, altered: [C] });
    expect(read).toContain(`${A} ${format}`);
    expect(copies()).toEqual([A, B]);
  });

  it('in md5 only is no copy when the two readings differ', async () => {
    seal('images', { files: [listed('2019/a.jpg', 'first')], formats: ['md5'] });
    const { reader: good } = reader();
    const flaky = {
      ...good,
      hash: async () => ({ value: digestOf('md5', 'first'), sizeBytes: 5, also: hashOf('x') }),
    };
    expect(await kit.index({ reader: flaky })).toMatchObject({ indexed: 2, changed: [A] });
  });

  it('and was indexed is not read again, whatever the format', async () => {
    seal('images', { files: [listed('2019/a.jpg', 'first')], formats: ['md5'] });
    await kit.index(reader());
    read = [];
    expect(await kit.index(reader())).toMatchObject({ indexed: 0, known: 3 });
    expect(read).toEqual([]);
  });

  it('under a name that was given again after a renaming is looked at under both', async () => {
    const renamed = { path: 'c.jpg', content: 'third', previousPath: '2019/a.jpg' };
    const before = { files: [listed('2019/a.jpg', 'third')], formats: ['xxh64'] as const };
    seal('images', before, { files: [renamed], formats: ['xxh64'] });
    expect(await kit.index(reader())).toMatchObject({ indexed: 3, altered: [], missing: [] });
    expect(copies()).toEqual([A, B, C]);
  });
});

describe('the history that tells of a file', () => {
  it.each([
    ['of a folder in it', 'images/2019', 'a.jpg'],
    ['of a folder above it', '', 'images/2019/a.jpg'],
  ])('may be that %s', async (_, root, path) => {
    seal(root, { files: [listed(path, 'FIRST')], formats: ['xxh64'] });
    expect(await kit.index(reader())).toMatchObject({ indexed: 2, altered: [A] });
  });

  it('is the deepest one', async () => {
    seal('images', { files: [listed('2019/a.jpg', 'of last year')], formats: ['xxh64'] });
    seal('images/2019', { files: [listed('a.jpg', 'first')], formats: ['xxh64'] });
    expect(await kit.index(reader())).toMatchObject({ indexed: 3, altered: [] });
  });

  it('does not ask for files beside the folder', async () => {
    seal('', { files: [listed('elsewhere/x.jpg', 'x'), listed('images2/y.jpg', 'y')], formats: ['xxh64'] });
    expect(await kit.index(reader())).toMatchObject({ indexed: 3, missing: [] });
  });

  it('that is damaged vouches for nothing, and is named', async () => {
    seal('images', { files: [listed('2019/a.jpg', 'FIRST')], formats: ['xxh64'] });
    const [generationPath = ''] = kit.drive.paths('images/ascmhl');
    kit.drive.put(generationPath, 'something else');
    expect(await kit.index(reader())).toMatchObject({ indexed: 3, altered: [generationPath] });
  });

  it('is never written by the reading of its folder', async () => {
    seal('images', { files: [listed('2019/a.jpg', 'first')], formats: ['xxh64'] });
    await kit.index(reader());
    expect(kit.drive.writes).toEqual([]);
  });
});
