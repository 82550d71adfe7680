import { expect, test } from 'vitest';
import { ACCEPT, idOfFile, isMedia } from '../../../adapters/web/upload/files.ts';

const FILE = { name: 'IMG_1.HEIC', size: 5, lastModified: 7 };

test('a file that is chosen again is the same; one that was changed is another', () => {
  expect(idOfFile({ ...FILE })).toBe(idOfFile(FILE));
  const others = [
    { ...FILE, size: 6 },
    { ...FILE, lastModified: 8 },
    { ...FILE, name: 'IMG_2.HEIC' },
  ];
  expect(new Set([FILE, ...others].map(idOfFile)).size).toBe(4);
});

test('of what is dropped, photos, films and what belongs to them are taken', () => {
  expect(['a.JPG', 'a.cr3', 'a.mov', 'a.XMP', 'a.wav'].every((name) => isMedia({ name }))).toBe(true);
  expect(['a.pdf', '._a.JPG', 'README', 'a.exe'].some((name) => isMedia({ name }))).toBe(false);
});

test('all endings that are offered are ones that the box files', () => {
  const endings = ACCEPT.split(',').filter((one) => one.startsWith('.'));
  expect(endings.length).toBeGreaterThan(10);
  for (const ending of endings) expect(isMedia({ name: `a${ending}` })).toBe(true);
});
