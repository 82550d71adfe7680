import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { folderOf, keepsCardNames, namingOf, needsShot } from '../../services/library/naming.ts';
import { shotOf } from '../../services/library/shot.ts';
import { FIELDS, parseTemplate } from '../../services/library/template.ts';
import { group, shelving } from './shelving.ts';

const SHOT = shotOf({ at: '2026-11-21T14:03:59', make: 'Canon', model: 'Canon EOS R5' }, 0);

describe('folder of a group', () => {
  test.each([
    ['dated', ['DCIM/100/IMG_1.CR2', 'DCIM/100/IMG_1.xmp'], 'Photos/2026/2026-11-21'],
    ['dated', ['IMG_1.MOV'], 'Photos/2026/2026-11-21'],
    ['dated', ['MISC/AUTPRINT.MRK'], 'Other/SD1/MISC'],
    ['dated', ['top.txt'], 'Other/SD1'],
    ['dated', ['PRIVATE/AVCHD/BDMV/STREAM/00000.MTS'], 'Other/SD1/PRIVATE/AVCHD/BDMV/STREAM'],
    ['mirror', ['DCIM/100/IMG_1.CR2'], 'Photos/SD1/DCIM/100'],
    ['mirror', ['top.txt'], 'Photos/SD1'],
    ['mirror', ['ascmhl/0001.mhl'], 'Photos/SD1/%61scmhl'],
    ['numbered', ['DCIM/100/IMG_1.CR2'], 'Photos/20261121'],
    ['numbered', ['MISC/AUTPRINT.MRK'], 'Other/SD1/MISC'],
  ] as const)('%s %j', (layout, paths, folder) => {
    expect(folderOf(group(...paths), shelving({ layout }), SHOT)).toBe(folder);
    expect(needsShot(group(...paths), shelving({ layout }))).toBe(folder.startsWith('Photos/2026'));
  });

  test('folders of the card are made safe one by one', () => {
    const safe = shelving({ layout: 'mirror', restricted: true });
    expect(folderOf(group('a:b/c. /x.JPG'), safe, null)).toBe('Photos/SD1/a%3Ab/c%2E%20');
  });
});

describe('a path that is too deep for the drive', () => {
  const deep = (folder: string, depth: number) => group(`${`${folder}/`.repeat(depth)}IMG_1.JPG`);
  const mirror = shelving({ layout: 'mirror', restricted: true });

  test('of more than 255 bytes is as on the card', () => {
    expect(folderOf(deep('folder', 100), mirror, null)).toBe(`Photos/SD1/${'folder/'.repeat(99)}folder`);
  });

  test('keeps what fits, and ends in one folder for the rest', () => {
    const folder = folderOf(deep('a?b', 600), mirror, null);
    expect(folder).toMatch(/^Photos\/SD1\/(a%3Fb\/)+~[\da-f]{16}$/);
    expect(folder.length).toBeGreaterThan(2000);
    expect(folder.length).toBeLessThanOrEqual(2048);
  });

  test('is another folder for another path, and the same each time', () => {
    const [one, two] = [folderOf(deep('x', 1500), mirror, null), folderOf(deep('x', 1501), mirror, null)];
    expect(one).not.toBe(two);
    expect(folderOf(deep('x', 1500), mirror, null)).toBe(one);
  });

  test('counts bytes, not characters', () => {
    expect(Buffer.byteLength(folderOf(deep('é'.repeat(50), 30), mirror, null))).toBeLessThanOrEqual(2048);
  });
});

const RAW_AND_MORE = ['DCIM/IMG_1.CR3', 'DCIM/IMG_1.JPG', 'DCIM/IMG_1.xmp', 'DCIM/IMG_1.CR3.xmp'];

/** The whole paths of a group. */
function paths(files: readonly string[], asked: Parameters<typeof shelving>[0], number = 1): string[] {
  const { folder, names } = namingOf(group(...files), shelving(asked), SHOT);
  return names(number).map((name) => `${folder}/${name}`);
}

describe('names of a group', () => {
  test('dated: its own, and one suffix for all', () => {
    expect(paths(RAW_AND_MORE.slice(0, 2), {}, 2)).toEqual([
      'Photos/2026/2026-11-21/IMG_1_2.CR3',
      'Photos/2026/2026-11-21/IMG_1_2.JPG',
    ]);
  });

  test('numbered: one number for all members, extensions in lower case', () => {
    expect(paths(RAW_AND_MORE, { layout: 'numbered' })).toEqual([
      'Photos/20261121/pimg_000001.cr3',
      'Photos/20261121/pimg_000001.jpg',
      'Photos/20261121/pimg_000001.xmp',
      'Photos/20261121/pimg_000001.cr3.xmp',
    ]);
    expect(paths(['IMG_1.CR3'], { layout: 'numbered' }, 1_000_000)).toEqual([
      'Photos/20261121/pimg_1000000.cr3',
    ]);
  });

  test('custom: extensions as on the card, each member its own name', () => {
    const custom = { layout: 'custom', template: '{year}/{date}/{camera}/{name}.{ext}' } as const;
    const folder = 'Photos/2026/2026-11-21/Canon-EOS-R5';
    expect(paths(['IMG_1.CR3', 'img_1.CR3.xmp'], custom)).toEqual([
      `${folder}/IMG_1.CR3`,
      `${folder}/img_1.CR3.xmp`,
    ]);
    expect(paths(['IMG_1.CR3', 'img_1.CR3.xmp'], custom, 3)).toEqual([
      `${folder}/IMG_1_3.CR3`,
      `${folder}/img_1_3.CR3.xmp`,
    ]);
  });

  test('custom with a counter: the number, no suffix', () => {
    const custom = { layout: 'custom', template: '{name}-{seq}.{ext}' } as const;
    expect(paths(['IMG_1.CR3'], custom, 7)).toEqual(['Photos/IMG_1-000007.CR3']);
  });

  test('what is no media keeps the card’s path and name in each of them', () => {
    for (const layout of ['dated', 'numbered'] as const) {
      expect(paths(['MISC/A.MRK'], { layout }, 2)).toEqual(['Other/SD1/MISC/A_2.MRK']);
      expect(namingOf(group('MISC/A.MRK'), shelving({ layout }), SHOT).isNumbered).toBe(false);
    }
  });

  test('a night belongs to the day before', () => {
    const night = shotOf({ at: '2026-11-21T02:59:00' }, 0);
    const asked = { dayStarts: '03:00' } as const;
    expect(folderOf(group('IMG_1.JPG'), shelving(asked), night)).toBe('Photos/2026/2026-11-20');
    expect(folderOf(group('IMG_1.JPG'), shelving({ ...asked, layout: 'numbered' }), night)).toBe(
      'Photos/20261120',
    );
  });

  test('a name of dots alone is no way out', () => {
    const custom = { layout: 'custom', template: '{name}/{name}.{ext}' } as const;
    expect(paths(['...JPG'], custom)).toEqual(['Photos/%2E%2E/...JPG']);
  });

  test('a card’s folder of manifests is none of ours', () => {
    const custom = { layout: 'custom', template: '{name}/{name}.{ext}' } as const;
    expect(paths(['ascmhl.JPG'], custom)).toEqual(['Photos/%61scmhl/ascmhl.JPG']);
  });

  test.each([
    ['dated', true],
    ['mirror', true],
    ['numbered', false],
  ] as const)('%s keeps the names of the card: %s', (layout, keeps) => {
    expect(keepsCardNames(group('IMG_1.JPG'), shelving({ layout }))).toBe(keeps);
    expect(keepsCardNames(group('A.MRK'), shelving({ layout }))).toBe(true);
  });
});

/** What a hostile card or camera could say, and what it does say. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.constantFrom(
    '',
    '.',
    '..',
    '../../etc',
    '/',
    'ascmhl',
    'CON',
    'é'.repeat(200),
    '%2E',
    'a/b',
    '\u0000',
    ' ',
  ),
);
const piece = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...FIELDS.map((field) => `{${field}}`)) },
  { weight: 1, arbitrary: fc.constantFrom('/', '/', '_', 'x', '..', ' ', '{', '}', 'ascmhl', '.', ':', 'é') },
  { weight: 1, arbitrary: text },
);
/** Most of them are refused; the frame makes enough of them good. */
const template = fc
  .tuple(fc.array(piece, { maxLength: 12 }), fc.boolean())
  .map(([pieces, framed]) => `${pieces.join('')}${framed ? '_{name}.{ext}' : ''}`);
const capture = fc.record({ at: text, make: text, model: text, serial: text }, { requiredKeys: [] });
const name = text.map((stem) => `${stem.replaceAll('/', '').replaceAll('\u0000', '') || 'x'}.JPG`);

test('no template, no metadata and no name leads out of Photos, to an empty name or to one over 255 bytes', () => {
  let taken = 0;
  fc.assert(
    fc.property(
      fc.oneof(
        template,
        fc.constantFrom('{camera}/{serial}/{card}/{name}.{ext}', '{name}/{time}/{seq}.{ext}'),
      ),
      capture,
      name,
      text,
      fc.boolean(),
      fc.nat(10_000_000),
      (pattern, said, file, label, restricted, number) => {
        if ('problem' in parseTemplate(pattern)) return;
        taken += 1;
        const asked = { layout: 'custom', template: pattern, card: { label }, restricted } as const;
        const { folder, names } = namingOf(group(`DCIM/${file}`), shelving(asked), shotOf(said, number));
        const [own = ''] = names(number + 1);
        const path = `${folder}/${own}`;
        // A hidden macOS file is no photo, and goes to `Other/`.
        expect(path).toMatch(file.startsWith('._') ? /^Other\// : /^Photos\//);
        for (const segment of path.split('/')) {
          expect(segment).not.toMatch(/^\.{0,2}$/);
          expect(segment).not.toMatch(/\p{Cc}/u);
          expect(segment.toLowerCase()).not.toBe('ascmhl');
          expect(Buffer.byteLength(segment)).toBeLessThanOrEqual(255);
        }
        expect(Buffer.byteLength(path)).toBeLessThanOrEqual(2048 + 256);
      },
    ),
    { numRuns: 2000 },
  );
  expect(taken).toBeGreaterThan(400);
});
