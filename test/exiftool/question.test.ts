import { expect, it } from 'vitest';
import { questionOf } from '../../adapters/exiftool/question.ts';

const PATH = '/media/TANK 1/.imagetank/incoming/f00d.part';

it('is one command, a line an argument, the file last', () => {
  const lines = questionOf({ path: PATH, name: 'IMG_1.CR3' })?.split('\n') ?? [];
  expect(lines.slice(-3)).toEqual([PATH, '-execute', '']);
  expect(lines).toEqual(expect.arrayContaining(['-json', '-G1', '-a', '-DateTimeOriginal']));
  const api = lines.indexOf('-api');
  expect(lines[api + 1]).toBe('largefilesupport=1');
  expect(lines.slice(0, -3).every((line) => line.startsWith('-') || line === 'largefilesupport=1')).toBe(
    true,
  );
});

it.each([
  ['IMG_1.CR3', '-fast2'],
  ['DSCF1.raf', '-fast2'],
  ['IMG_1.HEIC', '-fast'],
  ['IMG_1.MOV', '-fast'],
  ['GX010001.MP4', '-fast'],
  ['00001.MTS', '-fast'],
])('of %s is asked with %s', (name, speed) => {
  const lines = questionOf({ path: PATH, name })?.split('\n') ?? [];
  expect(lines.filter((line) => line.startsWith('-fast'))).toEqual([speed]);
});

it.each([
  ['a line break', '/a\nb'],
  ['a line break and an option', '/a\n-execute\nb'],
  ['a carriage return', '/a\rb'],
  ['a zero', '/a\0b'],
  ['an option', '-ver'],
  ['no root', 'a.jpg'],
  ['a pipe', '/bin/ls|'],
  ['a pipe and a blank', '/bin/ls| '],
  ['a folder', '/tmp/'],
  ['nothing', ''],
])('is not asked of a path with %s', (_what, path) => {
  expect(questionOf({ path, name: 'IMG_1.CR3' })).toBeNull();
});
