import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { relativePath } from '../../machines/ids.ts';
import { groupsOfFolder, kindOfGroup, shotGroups } from '../../services/library/groups.ts';
import type { ScannedFile } from '../../services/media-ports.ts';

const file = (path: string): ScannedFile => ({
  kind: 'file',
  path: relativePath(path),
  sizeBytes: 1,
  mtimeMs: 0,
});
const paths = (groups: readonly { readonly members: readonly ScannedFile[] }[]): string[] =>
  groups.map(({ members }) => members.map(({ path }) => path).join(' '));

async function* scan(...files: string[]): AsyncGenerator<ScannedFile> {
  for (const path of files) yield file(path);
}

async function grouped(...files: string[]): Promise<string[]> {
  const groups = [];
  for await (const group of shotGroups(scan(...files))) groups.push(group);
  return paths(groups);
}

const CANON = ['IMG_1.CR3 IMG_1.JPG IMG_1.wav IMG_1.CR3.XMP IMG_1.JPG.xmp'];

describe('a shot', () => {
  test.each([
    [['IMG_1.JPG', 'IMG_1.CR2'], ['IMG_1.CR2 IMG_1.JPG']],
    [['IMG_1.xmp', 'IMG_1.CR2.xmp', 'IMG_1.CR2'], ['IMG_1.CR2 IMG_1.CR2.xmp IMG_1.xmp']],
    [['IMG_1.HEIC', 'IMG_1.MOV', 'IMG_1.AAE'], ['IMG_1.HEIC IMG_1.MOV IMG_1.AAE']],
    [['GX01.MP4', 'GX01.THM', 'GX01.LRV'], ['GX01.MP4 GX01.LRV GX01.THM']],
    [['IMG_1.WAV', 'img_1.jpg'], ['img_1.jpg IMG_1.WAV']],
    [['caf\u00e9.JPG', 'cafe\u0301.xmp'], ['caf\u00e9.JPG cafe\u0301.xmp']],
    [
      ['IMG_1.JPG', 'IMG_1.txt', 'IMG_1.dat'],
      ['IMG_1.JPG', 'IMG_1.txt', 'IMG_1.dat'],
    ],
    [
      ['IMG_1.JPG', 'IMG_10.JPG', 'IMG_1_2.JPG'],
      ['IMG_1.JPG', 'IMG_10.JPG', 'IMG_1_2.JPG'],
    ],
    [
      ['IMG_1.JPG', '._IMG_1.JPG', '._IMG_1.CR2'],
      ['IMG_1.JPG', '._IMG_1.JPG', '._IMG_1.CR2'],
    ],
    [
      ['a.JPG', 'A.jpg', 'a.xmp'],
      ['a.JPG a.xmp', 'A.jpg'],
    ],
    [
      ['A.jpg', 'a.xmp', 'a.JPG'],
      ['A.jpg', 'a.JPG a.xmp'],
    ],
    [['IMG_1.CR3', 'IMG_1.wav', 'IMG_1.CR3.XMP', 'IMG_1.JPG.xmp', 'IMG_1.JPG'], CANON],
    [['DJI_0001.MP4', 'DJI_0001.LRF', 'DJI_0001.SRT'], ['DJI_0001.MP4 DJI_0001.LRF DJI_0001.SRT']],
  ])('%j', (names, expected) => {
    expect(paths(groupsOfFolder(names.map(file)))).toEqual(expected);
  });
});

describe('a shot of files with several stems', () => {
  test.each([
    [
      'an iPhone’s edited picture, with the edits of its owner and of the camera app',
      ['IMG_0001.AAE', 'IMG_0001.HEIC', 'IMG_0002.HEIC', 'IMG_E0001.JPG', 'IMG_O0001.AAE'],
      ['IMG_0001.HEIC IMG_E0001.JPG IMG_0001.AAE IMG_O0001.AAE', 'IMG_0002.HEIC'],
    ],
    [
      'an edited Live Photo',
      ['IMG_0001.HEIC', 'IMG_0001.MOV', 'IMG_E0001.HEIC', 'IMG_E0001.MOV'],
      ['IMG_0001.HEIC IMG_E0001.HEIC IMG_0001.MOV IMG_E0001.MOV'],
    ],
    [
      'an edited picture whose original is gone',
      ['IMG_E0001.JPG', 'IMG_O0001.AAE', 'IMG_E0002.JPG'],
      ['IMG_E0001.JPG IMG_O0001.AAE', 'IMG_E0002.JPG'],
    ],
    [
      'what only looks like an edited picture',
      ['IMG_0001.JPG', 'IMG_E001.JPG', 'IMG_EX0001.JPG', 'XIMG_E0001.JPG', 'IMG_E0001.txt'],
      ['IMG_0001.JPG', 'IMG_E001.JPG', 'IMG_EX0001.JPG', 'XIMG_E0001.JPG', 'IMG_E0001.txt'],
    ],
    [
      'a GoPro’s small copy and its thumbnail',
      ['GL010001.LRV', 'GX010001.MP4', 'GX010001.THM', 'GX010001.WAV', 'GL010002.LRV', 'GH010002.MP4'],
      ['GX010001.MP4 GX010001.WAV GX010001.THM GL010001.LRV', 'GH010002.MP4 GL010002.LRV'],
    ],
    ['a MAX in 360°', ['GL010135.LRV', 'GS010135.360'], ['GS010135.360 GL010135.LRV']],
    [
      'HEVC and AVC of one number: the small copy is in one of them, in no two',
      ['GH010001.MP4', 'GL010001.LRV', 'GX010001.MP4'],
      ['GH010001.MP4', 'GX010001.MP4 GL010001.LRV'],
    ],
    [
      'an old GoPro',
      ['GOPR0001.LRV', 'GOPR0001.MP4', 'GOPR0001.THM'],
      ['GOPR0001.MP4 GOPR0001.LRV GOPR0001.THM'],
    ],
    [
      'both lenses of an Insta360 and its small copy',
      [
        'LRV_20220110_121609_11_657.insv',
        'VID_20220110_121609_00_657.insv',
        'VID_20220110_121609_10_657.insv',
        'VID_20220110_121609_00_658.insv',
      ],
      [
        'VID_20220110_121609_00_657.insv VID_20220110_121609_10_657.insv LRV_20220110_121609_11_657.insv',
        'VID_20220110_121609_00_658.insv',
      ],
    ],
    [
      'one lens of an Insta360 X3',
      ['LRV_20230101_094420_11_013.lrv', 'VID_20230101_094420_10_013.mp4'],
      ['VID_20230101_094420_10_013.mp4 LRV_20230101_094420_11_013.lrv'],
    ],
    [
      'chapters are placed one by one: each is a group, and `filmOf` keeps them together',
      ['GX010001.MP4', 'GX020001.MP4', 'GX020001.THM'],
      ['GX010001.MP4', 'GX020001.MP4 GX020001.THM'],
    ],
  ])('%s', (_, names, expected) => {
    expect(paths(groupsOfFolder(names.map(file)))).toEqual(expected);
    expect(paths(groupsOfFolder([...names].reverse().map(file))).sort()).toEqual([...expected].sort());
  });
});

/** Names whose stems are one on some drive, or belong together by a camera's rule, or only seem to. */
const names = fc
  .tuple(
    fc.constantFrom(
      'IMG_0001',
      'img_0001',
      'IMG_E0001',
      'IMG_e0001',
      'IMG_O0001',
      'GL010001',
      'GX010001',
      'GH010001',
    ),
    fc.constantFrom(
      '.JPG',
      '.jpg',
      '.HEIC',
      '.CR3',
      '.MOV',
      '.AAE',
      '.xmp',
      '.CR3.xmp',
      '.LRV',
      '.WAV',
      '.txt',
      '',
    ),
  )
  .map((parts) => parts.join(''));
const listing = fc.uniqueArray(names, { maxLength: 20 });
/** The same files in another order. */
const twoListings = listing.chain((all) =>
  fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
);

test('any order of a listing gives the same groups, and no file is lost or in two', () => {
  fc.assert(
    fc.property(twoListings, ([all, shuffled]) => {
      const groups = paths(groupsOfFolder(all.map(file)));
      expect(paths(groupsOfFolder(shuffled.map(file))).sort()).toEqual([...groups].sort());
      expect(groups.flatMap((group) => group.split(' ')).sort()).toEqual([...all].sort());
    }),
    { numRuns: 1000 },
  );
});

test('two names that become one when they are escaped keep their order too', () => {
  const [raw, literal] = [
    { ...file('caf\ufffd.JPG'), pathBase64: Buffer.from('caf\xe9.JPG', 'latin1').toString('base64') },
    file('caf%E9.JPG'),
  ];
  const sidecar = file('caf%E9.xmp');
  const [one, other] = [
    [raw, literal, sidecar],
    [sidecar, literal, raw],
  ].map((files) => paths(groupsOfFolder(files)).sort());
  expect(one).toEqual(['caf%E9.JPG caf%E9.xmp', 'caf\ufffd.JPG']);
  expect(other).toEqual(one);
});

describe('grouping a scan', () => {
  test('only files of one folder belong together', async () => {
    expect(await grouped('A/IMG_1.CR2', 'A/IMG_1.JPG', 'B/IMG_1.JPG')).toEqual([
      'A/IMG_1.CR2 A/IMG_1.JPG',
      'B/IMG_1.JPG',
    ]);
  });

  test('a folder that comes between two files does not part them', async () => {
    expect(await grouped('A/IMG_1.CR2', 'A/IMG_1.D/x.txt', 'A/IMG_1.JPG', 'B.txt')).toEqual([
      'A/IMG_1.D/x.txt',
      'A/IMG_1.CR2 A/IMG_1.JPG',
      'B.txt',
    ]);
  });

  test('a folder whose name begins like another is another', async () => {
    expect(await grouped('A/IMG_1.CR2', 'AB/IMG_1.JPG')).toEqual(['A/IMG_1.CR2', 'AB/IMG_1.JPG']);
  });

  test('a folder is given out as soon as the scan has left it', async () => {
    const given: string[] = [];
    async function* source(): AsyncGenerator<ScannedFile> {
      yield file('A/1.JPG');
      yield file('B/1.JPG');
      expect(given).toEqual(['A/1.JPG']);
      yield file('C/1.JPG');
      expect(given).toEqual(['A/1.JPG', 'B/1.JPG']);
    }
    for await (const { members } of shotGroups(source())) given.push(...members.map(({ path }) => path));
    expect(given).toHaveLength(3);
  });

  test('every file is in exactly one group, and names in a group do not clash', async () => {
    const name = fc.tuple(
      fc.constantFrom('', 'A/', 'A/B/', 'a/'),
      fc.constantFrom('x', 'X', 'y'),
      fc.constantFrom('.JPG', '.jpg', '.CR2', '.xmp', '.CR2.xmp', '.txt', ''),
    );
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(name.map((parts) => parts.join(''))), async (names) => {
        const groups = (await grouped(...names.sort())).map((group) => group.split(' '));
        expect(groups.flat().sort()).toEqual(names.sort());
        for (const group of groups) {
          expect(new Set(group.map((path) => path.toLowerCase())).size).toBe(group.length);
        }
      }),
    );
  });
});

describe('where a group belongs', () => {
  test.each([
    [['DCIM/IMG_1.CR2', 'DCIM/IMG_1.xmp'], 'raw'],
    [['DCIM/IMG_1.MP4'], 'video'],
    [['DCIM/IMG_1.xmp'], 'sidecar'],
    [['DCIM/notes.txt'], null],
    [['PRIVATE/AVCHD/BDMV/STREAM/00000.MTS'], null],
    [['private/m4root/CLIP/C0001.MP4'], null],
    [['XDROOT/Clip/a.MXF'], null],
    [['DCIM/AVCHD.MP4'], 'video'],
    [[], null],
  ])('%j: %s', (names, kind) => {
    expect(kindOfGroup({ members: names.map(file) })).toBe(kind);
  });
});
