import { expect, test } from 'vitest';
import { ArchiveNames } from '../../services/pictures/archive-names.ts';

function archiveNames(photos: readonly string[]): readonly string[] {
  const names = new ArchiveNames();
  return photos.map((name) => names.add(name));
}

test('names that are well stay as they are', () => {
  const names = ['IMG_1.JPG', 'IMG_1.CR3', 'ä 照片.JPG', '-rf', '.hidden', 'a..b.JPG'];
  expect(archiveNames(names)).toEqual(names);
});

test('no name is there twice, in any case and however its letters are composed', () => {
  expect(archiveNames(['A.JPG', 'a.jpg', 'A.JPG', 'A (2).JPG', 'A.JPG'])).toEqual([
    'A.JPG',
    'a (2).jpg',
    'A (3).JPG',
    'A (2) (2).JPG',
    'A (4).JPG',
  ]);
  expect(archiveNames(['\u00e4.JPG', 'a\u0308.JPG'])[1]).toBe('a\u0308 (2).JPG');
  expect(archiveNames(['x', 'x', 'x'])).toEqual(['x', 'x (2)', 'x (3)']);
});

test.each([
  ['../../etc/passwd', '.._.._etc_passwd'],
  ['..', '_'],
  ['', '_'],
  ['/absolute', '_absolute'],
  ['C:\\x.JPG', 'C__x.JPG'],
  ['a\nb\u202ec\0.JPG', 'a_b_c_.JPG'],
  ['end. .', 'end'],
  ['con.JPG', '_con.JPG'],
  ['LPT1', '_LPT1'],
  ['\ud800.JPG', '\ufffd.JPG'],
])('%j becomes %j', (name, safe) => {
  expect(archiveNames([name])).toEqual([safe]);
});

test('ten thousand of one name take no longer than they should', () => {
  const names = archiveNames(Array(10_000).fill('IMG_1.JPG'));
  expect(new Set(names).size).toBe(10_000);
  expect(names.at(-1)).toBe('IMG_1 (10000).JPG');
});
