import { describe, expect, test } from 'vitest';
import { cardId, relativePath } from '../../machines/ids.ts';
import { foreignNumberReader, numberReader, templateOf } from '../../services/library/layout.ts';
import { CARD, shelving } from './shelving.ts';

describe('folder of a card', () => {
  test.each([
    ['SD1', 'Photos/SD1'],
    ['a/b', 'Photos/a%2Fb'],
    ['..', 'Photos/%2E%2E'],
    ['.', 'Photos/%2E'],
    ['ascmhl', 'Photos/%61scmhl'],
    ['new\nline', 'Photos/new%0Aline'],
    ['', 'Photos/AAAA-1+1000'],
  ])('label %j', (label, folder) => {
    expect(shelving({ card: { label } }).photos).toBe(folder);
  });

  test('on a restricted file system the label is escaped too', () => {
    expect(shelving({ card: { label: 'A:B.' }, restricted: true }).other).toBe('Other/A%3AB%2E');
  });

  test('a card keeps its folder; another of the same label gets its own', () => {
    const owners = { 'Photos/SD1': [CARD.id], 'Other/SD1': ['another'] };
    expect(shelving({ layout: 'mirror', owners })).toMatchObject({
      photos: 'Photos/SD1',
      other: 'Other/SD1 (AAAA-1)',
    });
  });

  test('a folder as card is told by its path', () => {
    const owners = { 'Photos/SD1': ['another'] };
    const folder = { kind: 'folder', uuid: null } as const;
    const one = shelving({ card: { ...folder, id: cardId('/a/SD1') }, layout: 'mirror', owners }).photos;
    const two = shelving({ card: { ...folder, id: cardId('/b/SD1') }, layout: 'mirror', owners }).photos;
    expect(one).toMatch(/^Photos\/SD1 \([0-9a-f]{8}\)$/);
    expect(two).not.toBe(one);
  });

  test('a volume without UUID shares the folder: it is another card at each insertion', () => {
    const owners = { 'Photos/SD1': ['insertion-1'] };
    const card = { uuid: null, id: cardId('insertion-2') };
    expect(shelving({ card, layout: 'mirror', owners }).photos).toBe('Photos/SD1');
  });
});

describe('the template of a layout', () => {
  test('mirror has none: it has the card’s own paths', () => {
    expect(templateOf({ layout: 'mirror', template: '' })).toBeNull();
  });

  test('a template that no configuration takes is a mistake of ours', () => {
    expect(() => templateOf({ layout: 'custom', template: '../{name}.{ext}' })).toThrow(RangeError);
  });
});

describe('a number in a path on a drive', () => {
  const style = { layout: 'custom', template: '{date}/{camera}-{seq}.{ext}', dayStarts: '00:00' } as const;

  test.each([
    ['Photos/20261121/pimg_000123.cr3', 123],
    ['Photos/20261121/pimg_1000000.cr3.xmp', 1_000_000],
    ['Other/20261121/pimg_000123.cr3', null],
    ['Photos/2026/2026-11-21/IMG_000123.CR3', null],
  ])('of the layout numbered, whatever the layout is now: %s', (path, number) => {
    for (const layout of ['dated', 'mirror', 'numbered'] as const) {
      expect(numberReader({ layout, template: '', dayStarts: '00:00' })(relativePath(path))).toBe(number);
    }
  });

  test('of a template with a counter', () => {
    expect(numberReader(style)(relativePath('Photos/2026-11-21/Canon-EOS-R5-000007.CR3'))).toBe(7);
    expect(numberReader(style)(relativePath('Photos/20261121/pimg_000123.cr3'))).toBeNull();
  });
});

describe('a number in a name that nobody here wrote', () => {
  const style = { layout: 'custom', template: '{date}/{camera}-{seq}.{ext}', dayStarts: '00:00' } as const;

  test.each([
    ['pimg_000123.jpg', 123],
    ['Canon-EOS-R5-000007.CR3', 7],
    ['IMG_000123.CR3', null],
    ['pimg.jpg', null],
  ])('is that of the style, or pi-imgtank’s own: %s', (name, number) => {
    expect(foreignNumberReader(style)(name)).toBe(number);
  });

  test.each(['dated', 'mirror', 'numbered'] as const)('is pi-imgtank’s own in layout %s', (layout) => {
    const numberIn = foreignNumberReader({ layout, template: '', dayStarts: '00:00' });
    expect([numberIn('pimg_000123.jpg'), numberIn('IMG_0001.JPG')]).toEqual([123, null]);
  });

  test('is the higher one where both see one', () => {
    const both = { layout: 'custom', template: '{date}/pimg_000{seq}.{ext}', dayStarts: '00:00' } as const;
    expect(foreignNumberReader(both)('pimg_000000123.jpg')).toBe(123);
  });
});
