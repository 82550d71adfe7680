import { describe, expect, test } from 'vitest';
import { mediaType } from '../../services/library/media-type.ts';

describe('the media type of an original', () => {
  test.each([
    ['IMG_1.JPG', 'image/jpeg'],
    ['img_1.jpeg', 'image/jpeg'],
    ['IMG_1.HIF', 'image/heic'],
    ['IMG_1.AVIF', 'image/avif'],
    ['GX01.MOV', 'video/quicktime'],
    ['00001.MTS', 'video/mp2t'],
    ['ZOOM.WAV', 'audio/wav'],
  ])('%s is %s', (name, type) => {
    expect(mediaType(name)).toBe(type);
  });

  test.each([
    'a.html',
    'a.svg',
    'a.xml',
    'a.pdf',
    'a.js',
    'a',
    'IMG.CR3',
    '.jpg',
    '._IMG.JPG',
    'x.toString',
    'IMG.XMP',
  ])('%s is nothing that a browser shows', (name) => {
    expect(mediaType(name)).toBe('application/octet-stream');
  });
});
