import { describe, expect, test } from 'vitest';
import {
  asksOfShot,
  FIELDS,
  foldersOf,
  isNumbered,
  keepsNames,
  parseTemplate,
  seqReader,
  stemOf,
  type Template,
} from '../../services/library/template.ts';

function template(text: string): Template {
  const parsed = parseTemplate(text);
  if ('problem' in parsed) throw new Error(parsed.problem);
  return parsed;
}

const SHOT = {
  year: '2026',
  month: '11',
  day: '21',
  date: '2026-11-21',
  time: '140359',
  camera: 'Canon-EOS-R5',
  serial: '0123',
  card: 'SD1',
};

describe('a template', () => {
  test.each([
    ['{year}/{date}/{camera}/{name}.{ext}', ['2026', '2026-11-21', 'Canon-EOS-R5'], 'IMG_1'],
    ['{name}.{ext}', [], 'IMG_1'],
    ['pimg_{seq}.{ext}', [], 'pimg_000042'],
    ['{card}/{serial}/{time}_{name}.{ext}', ['SD1', '0123'], '140359_IMG_1'],
    ['{year}{month}{day}/a {name}.b.{ext}', ['20261121'], 'a IMG_1.b'],
    ['{name}/{seq}-{name}.{ext}', ['IMG_1'], '000042-IMG_1'],
    ['Reisen/Süd/{name}.{ext}', ['Reisen', 'Süd'], 'IMG_1'],
  ])('%s', (text, folders, stem) => {
    const parsed = template(text);
    expect(foldersOf(parsed, SHOT, 'IMG_1')).toEqual(folders);
    expect(stemOf(parsed, SHOT, 'IMG_1', 42)).toBe(stem);
  });

  test.each([
    [1, '000001'],
    [999_999, '999999'],
    [1_000_000, '1000000'],
  ])('number %d is %s', (number, seq) => {
    expect(stemOf(template('{seq}.{ext}'), SHOT, 'IMG_1', number)).toBe(seq);
  });

  test('every field of the contract is known', () => {
    const named = FIELDS.filter((field) => field !== 'ext' && field !== 'seq' && field !== 'name');
    const text = `${named.map((field) => `{${field}}`).join('/')}/{name}_{seq}.{ext}`;
    expect(foldersOf(template(text), SHOT, 'x')).toEqual(named.map((field) => SHOT[field]));
  });
});

describe('a template is refused, with the reason', () => {
  test.each([
    ['{year}/{nmae}.{ext}', 'unknown field {nmae}'],
    ['{constructor}/{name}.{ext}', 'unknown field {constructor}'],
    ['{Name}.{ext}', 'unknown field {Name}'],
    ['{}/{name}.{ext}', 'unknown field {}'],
    ['/{year}/{name}.{ext}', 'an absolute path: it is below Photos/'],
    ['Photos/{name}.{ext}', 'it is below Photos/ already'],
    ['photos/{name}.{ext}', 'it is below Photos/ already'],
    ['../{name}.{ext}', '"..": no name may begin with a dot'],
    ['{year}/../{name}.{ext}', '"..": no name may begin with a dot'],
    ['./{name}.{ext}', '".": no name may begin with a dot'],
    ['.hidden/{name}.{ext}', '".hidden": no name may begin with a dot'],
    ['{year}/.{name}.{ext}', '".{name}": no name may begin with a dot'],
    ['{year}//{name}.{ext}', 'a folder without a name'],
    ['{year}/{date}.{ext}', 'neither {name} nor {seq}'],
    ['{name}/{date}.{ext}', 'neither {name} nor {seq}'],
    ['{year}/.{ext}', 'neither {name} nor {seq}'],
    ['{name}', 'it must end in .{ext}'],
    ['{name}.jpg', 'it must end in .{ext}'],
    ['{name}.{ext}/', 'it must end in .{ext}'],
    ['{name}{ext}', 'it must end in .{ext}'],
    ['{ext}/{name}.{ext}', 'it must end in .{ext}'],
    ['{name}.{ext}.{ext}', 'it must end in .{ext}'],
    ['{seq}/{name}.{ext}', "{seq} is for the file's name"],
    ['{seq}_{seq}.{ext}', '{seq} twice'],
    ['{name}{seq}.{ext}', '{seq} needs a character between'],
    ['{seq}{date}.{ext}', '{seq} needs a character between'],
    ['{year/{name}.{ext}', 'a brace without its partner'],
    ['year}/{name}.{ext}', 'a brace without its partner'],
    ['{{name}}.{ext}', 'a brace without its partner'],
    ['a\\b/{name}.{ext}', 'not possible on FAT'],
    ['a:b/{name}.{ext}', 'not possible on FAT'],
    ['a\nb/{name}.{ext}', 'a control character'],
    ['ascmhl/{name}.{ext}', 'where the manifests lie'],
    ['AscMHL/{name}.{ext}', 'where the manifests lie'],
    [`${'x/'.repeat(250)}{name}.{ext}`, 'longer than 500 characters'],
    ['', 'it must end in .{ext}'],
  ])('%j', (text, why) => {
    const parsed = parseTemplate(text);
    expect('problem' in parsed ? parsed.problem : 'taken').toContain(why);
  });
});

describe('what a template needs', () => {
  test.each([
    ['{card}/{name}.{ext}', { shot: false, numbered: false, names: true }],
    ['{card}/x_{seq}.{ext}', { shot: false, numbered: true, names: false }],
    ['{year}/{name}.{ext}', { shot: true, numbered: false, names: true }],
    ['{name}_{serial}.{ext}', { shot: true, numbered: false, names: true }],
  ])('%s', (text, { shot, numbered, names }) => {
    const parsed = template(text);
    expect([asksOfShot(parsed), isNumbered(parsed), keepsNames(parsed)]).toEqual([shot, numbered, names]);
  });
});

describe('the number in a name', () => {
  test.each([
    ['pimg_{seq}.{ext}', 'pimg_000123.cr3', 123],
    ['pimg_{seq}.{ext}', 'pimg_1000000.cr3.xmp', 1_000_000],
    ['pimg_{seq}.{ext}', 'PIMG_000123.CR3', 123],
    ['pimg_{seq}.{ext}', 'pimg_12345.cr3', null],
    ['pimg_{seq}.{ext}', 'pimg_1234567890.cr3', null],
    ['pimg_{seq}.{ext}', 'xpimg_000123.cr3', null],
    ['pimg_{seq}.{ext}', 'pimg_000123_2.cr3', null],
    ['pimg_{seq}.{ext}', 'pimg_000123', null],
    ['{name}_{seq}.{ext}', 'IMG_000005_000123.cr3', 123],
    ['{seq}_{name}.{ext}', '000123_IMG_000999_x.cr3', 123],
    ['{seq} {name}.{ext}', '000123 IMG.cr3', 123],
    ['{camera}-{seq}-{name}.{ext}', 'R5-000123-IMG_1.cr3', 123],
    ['a+b({seq}).{ext}', 'a+b(000123).cr3', 123],
    ['5{seq}.{ext}', '5000123.cr3', 123],
    ['{name}.{ext}', '000123.cr3', null],
  ])('%s in %s', (text, name, number) => {
    expect(seqReader(template(text))(name)).toBe(number);
  });

  test('of a hostile name it is looked for in no time', () => {
    const seqIn = seqReader(template('{name}_{camera}_{card}_{seq}_{serial}.{ext}'));
    expect(seqIn('_'.repeat(100_000))).toBeNull();
    expect(seqIn(`_${'0000000_'.repeat(10_000)}`)).toBe(0);
  });
});
