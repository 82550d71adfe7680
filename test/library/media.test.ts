import { expect, test } from 'vitest';
import { extensionOf, inWholeTree, MEDIA_KINDS, mediaKind } from '../../services/library/media.ts';

test.each([
  ['IMG_1.CR3', 'raw'],
  ['img_1.dng', 'raw'],
  ['IMG_1.JPG', 'photo'],
  ['IMG_1.heic', 'photo'],
  ['C0001.MP4', 'video'],
  ['00001.MTS', 'video'],
  ['note.WAV', 'audio'],
  ['IMG_1.CR2.xmp', 'sidecar'],
  ['GX01.LRV', 'sidecar'],
  ['GX01.THM', 'sidecar'],
  ['IMG_1.AAE', 'sidecar'],
  ['DJI_0001.LRF', 'sidecar'],
  ['DJI_0001.SRT', 'sidecar'],
  ['notes.txt', null],
  ['README', null],
  ['.JPG', null],
  ['._IMG_1.JPG', null],
  ['JPG', null],
  ['IMG_1.JPG ', null],
])('%s is %s', (name, kind) => {
  expect(mediaKind(name)).toBe(kind);
});

test('an extension comes with its dot', () => {
  expect(['a.b.c', 'a.', '.a', 'a'].map(extensionOf)).toEqual(['.c', '.', '', '']);
});

test('RAW leads, sidecars follow', () => {
  expect(MEDIA_KINDS[0]).toBe('raw');
  expect(MEDIA_KINDS.at(-1)).toBe('sidecar');
});

test.each([
  [['PRIVATE', 'AVCHD', 'BDMV'], true],
  [['XDROOT'], true],
  [['private', 'm4root', 'CLIP'], true],
  [['DCIM', '100AVCHD'], false],
  [[], false],
])('%j is kept whole: %s', (folders, whole) => {
  expect(inWholeTree(folders)).toBe(whole);
});
