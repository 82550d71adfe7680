import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type RelativePath, relativePath } from '../../machines/ids.ts';
import {
  clashKey,
  driveNames,
  folderName,
  isRenamed,
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

  test('too long names keep their beginning and their extension, and get a hash of all of their stem', () => {
    const long = named(`${'é'.repeat(200)}.JPG`);
    expect(long).toMatch(/^é{121}~[\da-f]{8}\.JPG$/);
    expect(Buffer.byteLength(long)).toBe(MAX_NAME_BYTES);
    expect(named('x'.repeat(300))).toMatch(/^x{246}~[\da-f]{8}$/);
    expect(named(`${'x'.repeat(252)}.JPG`, 2)).toMatch(/^x{240}~[\da-f]{8}_2\.JPG$/);
  });

  test('a name of 255 bytes is as it was; with its number it is too long', () => {
    expect(named(`${'x'.repeat(251)}.JPG`)).toBe(`${'x'.repeat(251)}.JPG`);
    expect(named(`${'x'.repeat(251)}.JPG`, 2)).toMatch(/^x{240}~[\da-f]{8}_2\.JPG$/);
  });

  test('long names that differ at their ends alone still differ, and are the same each time', () => {
    const [a, b] = ['a', 'b'].map((end) => named(`${'x'.repeat(300)}${end}.JPG`));
    expect(a).not.toBe(b);
    expect(named(`${'x'.repeat(300)}a.JPG`)).toBe(a);
  });

  test('a long shot keeps one stem, also where its members differ by case and only one of them is too long', () => {
    const group = [`${'x'.repeat(251)}.CR2`, `${'X'.repeat(251)}.CR2.xmp`].map(splitName);
    const [photo = '', sidecar = ''] = driveNames(group, 1, false);
    expect(photo).toMatch(/^x{238}~[\da-f]{8}\.CR2$/);
    expect(clashKey(sidecar)).toBe(clashKey(photo.replace('.CR2', '.CR2.xmp')));
  });

  test.each([
    ['CON', '%43ON'],
    ['nul.txt', '%4Eul.txt'],
    ['AUX.CR2.xmp', '%41UX.CR2.xmp'],
    ['com1', '%43om1'],
    ['lpt\u00b9.JPG', '%4Cpt\u00b9.JPG'],
    ['con .JPG', '%43on .JPG'],
    ['conin$', '%43onin$'],
    ['CON.', '%43ON%2E'],
    ['prn.tar.gz', '%50rn.tar.gz'],
  ])('restricted: Windows would open a device for %j', (name, expected) => {
    expect(named(name, 1, true)).toBe(expected);
    expect(named(name, 1, false)).toBe(name);
    expect(folderName(name, true)).toBe(expected);
  });

  test.each([
    'CONTACT.JPG',
    'com.JPG',
    'com10',
    'a.con',
    '.nul',
    'NULL.txt',
    'CON_1.JPG',
    'x nul.JPG',
  ])('restricted: %j is no device', (name) => expect(named(name, 1, true)).toBe(name));

  test('a shot of a device name stays together, whatever its case, and needs no escape with a number', () => {
    const group = ['AUX.CR2', 'aux.CR2.xmp', 'Aux.JPG'].map(splitName);
    const names = driveNames(group, 1, true);
    expect(names).toEqual(['%41UX.CR2', '%41ux.CR2.xmp', '%41ux.JPG']);
    expect(driveNames(group, 2, true)[0]).toBe('AUX_2.CR2');
  });

  test('a long device name fits as well', () => {
    const name = named(`CON.${'x'.repeat(247)}.JPG`, 1, true);
    expect(name).toMatch(/^%43ON\.x+~[\da-f]{8}\.JPG$/);
    expect(Buffer.byteLength(name)).toBe(MAX_NAME_BYTES);
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
          expect(name).not.toMatch(/^(con|prn|aux|nul|com\d|lpt\d) *(\.|$)/i);
          expect(Buffer.byteLength(name)).toBeLessThanOrEqual(MAX_NAME_BYTES);
          expect(name.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('what is renamed', () => {
  const file = (path: string, pathBase64?: string) => ({
    path: path as RelativePath,
    ...(pathBase64 === undefined ? {} : { pathBase64 }),
  });

  test.each([
    ['DCIM/IMG_1.JPG', false, false],
    ['a b (é).JPG', false, false],
    ['what?.JPG', false, true],
    ['DCIM/what?/IMG_1.JPG', false, false],
    ['CON.JPG', false, true],
    ['nul', false, true],
    [`${'x'.repeat(252)}.JPG`, true, true],
    ['tab\t.JPG', true, true],
    ['ascmhl', true, true],
  ])('%j: without rules %s, with them %s', (path, free, restricted) => {
    expect(isRenamed(file(path), false)).toBe(free);
    expect(isRenamed(file(path), true)).toBe(restricted);
  });

  test('is what is not UTF-8, however ordinary it looks', () => {
    expect(
      isRenamed(file('caf\ufffd1.JPG', Buffer.from('caf\xe91.JPG', 'latin1').toString('base64')), false),
    ).toBe(true);
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
