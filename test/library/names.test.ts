import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { relativePath } from '../../machines/ids.ts';
import {
  clashKey,
  driveNames,
  folderName,
  MAX_NAME_BYTES,
  plainName,
  plainSegments,
  splitName,
} from '../../services/library/names.ts';

const raw = (...bytes: number[]) => ({
  path: relativePath('shown'),
  pathBase64: Buffer.from(bytes).toString('base64'),
});
const named = (name: string, number = 1, restricted = false): string =>
  driveNames([splitName(name)], number, restricted)[0] ?? '';

describe('plain names', () => {
  test.each([
    ['a/b c/d.JPG', ['a', 'b c', 'd.JPG']],
    ['new\nline', ['new%0Aline']],
    ['esc\u001b[2J', ['esc%1B[2J']],
    ['del\u007f', ['del%7F']],
    ['c1\u0085', ['c1%C2%85']],
    ['emoji 📷 é', ['emoji 📷 é']],
    ['100%', ['100%']],
  ])('%j', (path, segments) => {
    expect(plainSegments({ path: relativePath(path) })).toEqual(segments);
  });

  test('bytes that are not UTF-8 become %XX, the characters around them stay', () => {
    expect(plainSegments(raw(0x61, 0xe9, 0x2f, 0xc3, 0xa9, 0xff))).toEqual(['a%E9', 'é%FF']);
    // A cut-off character, a surrogate half and an overlong slash.
    expect(plainName(raw(0xf0, 0x9f, 0x93))).toBe('%F0%9F%93');
    expect(plainName(raw(0xed, 0xa0, 0x80))).toBe('%ED%A0%80');
    expect(plainName(raw(0xc0, 0xaf))).toBe('%C0%AF');
    expect(plainName(raw(0xff, 0x0a))).toBe('%FF%0A');
  });

  test('any bytes give text without control characters, and different bytes different text', () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 12 }).filter((all) => !all.includes(0x25));
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        const [one, two] = [plainSegments(raw(...a)).join('/'), plainSegments(raw(...b)).join('/')];
        expect(one).not.toMatch(/\p{Cc}|\ufffd{9}/u);
        expect(one === two).toBe(Buffer.from(a).equals(Buffer.from(b)));
      }),
    );
  });
});

describe('stem and tail', () => {
  test.each([
    ['IMG_1.JPG', 'IMG_1', '.JPG'],
    ['IMG_1.CR2.xmp', 'IMG_1', '.CR2.xmp'],
    ['IMG_1.xmp', 'IMG_1', '.xmp'],
    ['IMG_1.CR2.JPG', 'IMG_1.CR2', '.JPG'],
    ['a.b.xmp', 'a.b', '.xmp'],
    ['archive.tar.gz', 'archive.tar', '.gz'],
    ['README', 'README', ''],
    ['.hidden', '.hidden', ''],
    ['.JPG.xmp', '.JPG', '.xmp'],
    [`a.${'x'.repeat(40)}`, `a.${'x'.repeat(40)}`, ''],
  ])('%s', (name, stem, tail) => {
    expect(splitName(name)).toEqual({ stem, tail });
  });
});

describe('names on a drive', () => {
  test('a number goes behind the stem of every member', () => {
    const group = ['IMG_1.CR2', 'img_1.CR2.xmp', 'IMG_1.THM'].map(splitName);
    expect(driveNames(group, 1, false)).toEqual(['IMG_1.CR2', 'img_1.CR2.xmp', 'IMG_1.THM']);
    expect(driveNames(group, 2, false)).toEqual(['IMG_1_2.CR2', 'img_1_2.CR2.xmp', 'IMG_1_2.THM']);
    expect(named('README', 12)).toBe('README_12');
  });

  test.each([
    ['a\\b:c*d?e"f<g>h|i.JPG', 'a%5Cb%3Ac%2Ad%3Fe%22f%3Cg%3Eh%7Ci.JPG'],
    ['dot.', 'dot%2E'],
    ['blank ', 'blank%20'],
    ['photo.JPG . ', 'photo.JPG %2E%20'],
    ['a. . ', 'a. %2E%20'],
    ['x...', 'x..%2E'],
    ['inside . dot.JPG', 'inside . dot.JPG'],
    ['no ending. ', 'no ending%2E%20'],
  ])('restricted: %j', (name, expected) => {
    expect(named(name, 1, true)).toBe(expected);
    expect(named(name, 1, false)).toBe(name);
  });

  test('too long names are shortened at a character, and keep their extension', () => {
    const long = named(`${'é'.repeat(200)}.JPG`);
    expect(long).toBe(`${'é'.repeat(125)}.JPG`);
    expect(Buffer.byteLength(long)).toBeLessThanOrEqual(MAX_NAME_BYTES);
    expect(named('x'.repeat(300))).toBe('x'.repeat(255));
    expect(named(`${'x'.repeat(251)}.JPG`)).toBe(`${'x'.repeat(251)}.JPG`);
    expect(named(`${'x'.repeat(251)}.JPG`, 2)).toBe(`${'x'.repeat(249)}_2.JPG`);
  });

  test('a long shot keeps one stem', () => {
    const group = [`${'x'.repeat(251)}.CR2`, `${'x'.repeat(247)}yyyy.CR2.xmp`].map(splitName);
    const [photo, sidecar] = driveNames(group, 1, false);
    expect(photo).toBe(`${'x'.repeat(247)}.CR2`);
    expect(sidecar).toBe(`${'x'.repeat(247)}.CR2.xmp`);
  });

  test.each(['ascmhl', 'ASCMHL', 'AscMhl'])('%s is ours', (name) => {
    expect(folderName(name, false).toLowerCase()).toBe(
      '%61scmhl'.replace('61', name.startsWith('a') ? '61' : '41'),
    );
    expect(folderName(`${name}2`, false)).toBe(`${name}2`);
  });

  test('any name is one that every file system takes', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }),
        fc.nat(20_000),
        (text, number) => {
          const plain = plainSegments({ path: text.replaceAll('/', '_') as never }).join('');
          const name = named(plain, number, true);
          expect(name).not.toMatch(/[\\/:*?"<>|\p{Cc}]|[. ]$/u);
          expect(Buffer.byteLength(name)).toBeLessThanOrEqual(MAX_NAME_BYTES);
          expect(name.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('clash key', () => {
  test.each([
    ['IMG.JPG', 'img.jpg'],
    ['caf\u00e9', 'CAFE\u0301'],
    ['straße', 'STRASSE'],
    ['\u212a', 'k'],
  ])('%s and %s are one name somewhere', (a, b) => {
    expect(clashKey(a)).toBe(clashKey(b));
  });

  test('other names are not', () => {
    expect(new Set(['a', 'b', 'a ', 'ä', 'a_2'].map(clashKey)).size).toBe(5);
  });
});
