import { Buffer } from 'node:buffer';
import { describe, expect, test } from 'vitest';
import { cameraSlug, slug } from '../../services/library/slug.ts';

describe('what somebody else wrote as a part of a path', () => {
  test.each([
    ['Canon EOS R5', 'Canon-EOS-R5'],
    ['ILCE-7M4', 'ILCE-7M4'],
    ['D5_1.2', 'D5_1.2'],
    ['../../etc/passwd', 'etc-passwd'],
    ['$(reboot); `ls`', 'reboot-ls'],
    ['a\u0000b\u001b[31m', 'a-b-31m'],
    ['  padded  ', 'padded'],
    ['-rf', 'rf'],
    ['.hidden.', 'hidden'],
    ['\u202egpj.exe', 'gpj.exe'],
    ['Ка\u0301мера', 'Ка\u0301мера'],
    ['カメラ', 'カメラ'],
    ['e\u0301', '\u00e9'],
    ['a:b*c?"<>|\\d', 'a-b-c-d'],
  ])('%j is %s', (text, safe) => {
    expect(slug(text)).toBe(safe);
  });

  test.each(['', '   ', '..', '...', '-', '///', '\u0000', '📷'])('of %j nothing is left', (text) => {
    expect(slug(text)).toBeNull();
  });

  test('64 bytes at most, whole characters, and no dash at the cut', () => {
    expect(slug('x'.repeat(1000))).toBe('x'.repeat(64));
    expect(slug(`${'x'.repeat(63)} y`)).toBe('x'.repeat(63));
    expect(Buffer.byteLength(slug('カ'.repeat(100)) ?? '')).toBe(63);
  });
});

describe('a camera', () => {
  test.each([
    ['Canon', 'Canon EOS R5', 'Canon-EOS-R5'],
    ['NIKON CORPORATION', 'NIKON D750', 'NIKON-D750'],
    ['SONY', 'ILCE-7M4', 'SONY-ILCE-7M4'],
    ['LEICA CAMERA AG', 'Leica Q2', 'Leica-Q2'],
    ['OM Digital Solutions', 'OM-1', 'OM-1'],
    ['GoPro', undefined, 'GoPro'],
    [undefined, 'HERO9 Black', 'HERO9-Black'],
    ['..', 'X', 'X'],
    [undefined, undefined, null],
    ['', '///', null],
  ])('by %j, model %j, is %s', (make, model, camera) => {
    expect(cameraSlug(make, model)).toBe(camera);
  });
});
