import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { relativePath } from '../../machines/ids.ts';
import { groupsOfFolder, kindOfGroup, shotGroups } from '../../services/library/groups.ts';
import type { ScannedFile } from '../../services/ports.ts';

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

describe('a shot', () => {
  test.each([
    [['IMG_1.JPG', 'IMG_1.CR2'], ['IMG_1.CR2 IMG_1.JPG']],
    [['IMG_1.xmp', 'IMG_1.CR2.xmp', 'IMG_1.CR2'], ['IMG_1.CR2 IMG_1.xmp IMG_1.CR2.xmp']],
    [['IMG_1.HEIC', 'IMG_1.MOV', 'IMG_1.AAE'], ['IMG_1.HEIC IMG_1.MOV IMG_1.AAE']],
    [['GX01.MP4', 'GX01.THM', 'GX01.LRV'], ['GX01.MP4 GX01.THM GX01.LRV']],
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
  ])('%j', (names, expected) => {
    expect(paths(groupsOfFolder(names.map(file)))).toEqual(expected);
  });
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
