import { describe, expect, test } from 'vitest';
import { relativePath } from '../../machines/ids.ts';
import { chapterOf, inChapter } from '../../services/library/chapters.ts';

test.each([
  ['GX010001', 1],
  ['GH120034', 12],
  ['GS990135', 99],
  ['gl020001', 2],
  ['GOPR1234', 0],
  ['GP011234', 1],
  ['GHAA0001', null],
  ['G0010001', null],
  ['GX01001', null],
  ['GX0100012', null],
  ['GOPR12345', null],
  ['IMG_0001', null],
])('%s is chapter %s', (stem, chapter) => {
  expect(chapterOf(stem)).toBe(chapter);
});

describe('the same file of another chapter', () => {
  test.each([
    ['DCIM/100GOPRO/GX010001.MP4', 2, 'DCIM/100GOPRO/GX020001.MP4'],
    ['GX100001.MP4', 1, 'GX010001.MP4'],
    ['A/GX020001.MP4.xmp', 12, 'A/GX120001.MP4.xmp'],
    ['A/GL020001.LRV', 3, 'A/GL030001.LRV'],
    ['GOPR1234.MP4', 1, 'GP011234.MP4'],
    ['GP021234.THM', 0, 'GOPR1234.THM'],
    ['GP021234.MP4', 3, 'GP031234.MP4'],
    ['GX010001.MP4', 0, null],
    ['IMG_0001.JPG', 1, null],
  ])('%s in %d: %s', (path, chapter, expected) => {
    expect(inChapter({ path: relativePath(path) }, chapter)?.path ?? null).toBe(expected);
  });

  test('a name that is not UTF-8 has none', () => {
    const path = relativePath('GX010001.MP4');
    expect(inChapter({ path, pathBase64: 'AA==' }, 2)).toBeNull();
  });
});
