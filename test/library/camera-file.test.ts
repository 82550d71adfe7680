import { expect, test } from 'vitest';
import { cameraFile, minuteOf, shotName } from '../../services/library/camera-file.ts';

test.each([
  ['DCIM/100CANON/IMG_0231.CR3', 'DCIM/100CANON', 'IMG_', 231],
  ['DCIM/100MSDCF/DSC01234.ARW', 'DCIM/100MSDCF', 'DSC0', 1234],
  ['_MG_0001.JPG', '', '_MG_', 1],
  ['a\nb/GX010007.MP4', 'a\nb', 'GX01', 7],
])('%j is a shot', (path, folder, prefix, number) => {
  expect(cameraFile(path)).toEqual({ folder, prefix, number });
  expect(path).toContain(shotName(prefix, number));
});

test.each([
  'IMG_0231',
  'IMG_231.JPG',
  'IMG_02310.JPG',
  'IMG_0231.CR3.xmp',
  'I-G_0231.JPG',
  'IMG_0231/x',
  '',
])('%j is none', (path) => {
  expect(cameraFile(path)).toBeNull();
});

test('a time is a minute, also before 1970', () => {
  expect([minuteOf(0), minuteOf(59_999.9), minuteOf(60_000), minuteOf(-1)]).toEqual([0, 0, 1, -1]);
});
