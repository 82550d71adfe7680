import { beforeEach, describe, expect, it } from 'vitest';
import { c4OfText } from '../../services/manifest/c4.ts';
import { chainText } from '../../services/manifest/mhl-writer.ts';
import { type FixtureFile, generation } from '../verify/fixtures.ts';
import { A, B, IndexKit } from './kit.ts';

const NAME = '0001_x_2020-01-01_000000Z.mhl';
const MANIFEST = `images/ascmhl/${NAME}`;
const CHAIN = 'images/ascmhl/ascmhl_chain.xml';
const ODD: FixtureFile = { path: '../../../etc/passwd', content: 'x' };
/** One photo as it is, one that is not what lies there. */
const FILES: readonly FixtureFile[] = [
  { path: '2019/a.jpg', content: 'first' },
  { path: '2019/b.jpg', content: 'SECOND' },
];

let kit: IndexKit;
beforeEach(() => {
  kit = new IndexKit();
});

function put(files: readonly FixtureFile[], isChained: boolean, spoil = (text: string) => text): void {
  const text = generation({ files, formats: ['xxh64'] });
  kit.drive.put(MANIFEST, spoil(text));
  if (isChained) kit.drive.put(CHAIN, chainText([{ sequence: 1, name: NAME, c4: c4OfText(text) }]));
}

describe('a manifest with one odd line', () => {
  it.each([
    ['with a chain', true],
    ['without one', false],
  ])('%s: its other lines are held against what is read', async (_, isChained) => {
    put([ODD, ...FILES], isChained);
    const result = await kit.index();
    expect(result).toMatchObject({ indexed: 1, altered: [B, MANIFEST] });
    expect(result.manifestProblems).toContainEqual({
      path: MANIFEST,
      detail: '"../../../etc/passwd" is no path below its folder',
      held: 'part',
    });
    expect(kit.told).toEqual([['FilesIndexed', [A]]]);
  });
});

describe('a manifest that cannot be read', () => {
  it.each([
    ['is not what its chain says', true, (text: string) => text.replace('day 3', 'day 4'), /C4/],
    ['is cut off', false, (text: string) => text.slice(0, -20), /XML is damaged/],
  ])('because it %s is told, and that nothing was held against it', async (_, isChained, spoil, detail) => {
    put(FILES, isChained, spoil);
    const result = await kit.index();
    expect(result).toMatchObject({ indexed: 2, altered: [MANIFEST] });
    expect(result.manifestProblems?.find(({ path }) => path === MANIFEST)).toEqual({
      path: MANIFEST,
      detail: expect.stringMatching(detail),
      held: 'nothing',
    });
  });

  it('is not one that no chain names: the chain is what is missing', async () => {
    put([{ path: '2019/a.jpg', content: 'first' }], false);
    const detail = 'there are generations, but no chain';
    expect(await kit.index()).toMatchObject({
      ...{ indexed: 2, altered: [], missing: [CHAIN] },
      manifestProblems: [{ path: CHAIN, detail, held: 'all' }],
    });
  });

  it('is not told where it is whole', async () => {
    put([{ path: '2019/a.jpg', content: 'first' }], true);
    expect(await kit.index()).not.toHaveProperty('manifestProblems');
  });
});
