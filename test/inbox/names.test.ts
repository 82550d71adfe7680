import { expect, test } from 'vitest';
import {
  isHiddenFolder,
  isLitterFolder,
  isSomebodys,
  isWhole,
  nameKind,
} from '../../services/inbox/names.ts';

const ARRIVING = [
  'IMG_0001.JPG.part',
  'IMG_0001.JPG.PARTIAL',
  'IMG_0001.tmp',
  'IMG_0001.temp',
  'IMG_0001.JPG.filepart',
  'IMG_0001.JPG.crdownload',
  'IMG_0001.JPG.download',
  'MVI_0001.MP4.!qB',
  '.IMG_0001.JPG.a8Hd2k',
  '.in.IMG_0001.JPG.',
  '.pureftpd-upload.5f1d.15.1a.2b3c',
  '~$letter.docx',
  '~IMG_0001.JPG',
  '0123456789abcdef0123456789abcdef',
  '0123456789abcdef0123456789abcdef.info',
  '0123456789abcdef0123456789abcdef.lock',
  '0123456789abcdef0123456789abcdef.json',
];
test.each(ARRIVING)('%s is on its way', (name) => {
  expect(nameKind(`DCIM.part/${name}`)).toBe('arriving');
  expect([isSomebodys({ path: name }), isWhole({ path: name })]).toEqual([true, false]);
});

const LITTER = ['.DS_Store', '._IMG_0001.JPG', 'Thumbs.db', 'desktop.ini', 'DESKTOP.INI'];
test.each(LITTER)('%s is nobody’s file', (name) => {
  expect(nameKind(name)).toBe('litter');
  expect([isSomebodys({ path: name }), isWhole({ path: name })]).toEqual([false, false]);
});

const FILES = [
  'IMG_0001.JPG',
  'IMG_0001.partial.JPG',
  'part',
  'IMG_0001.apart',
  'tmp.JPG',
  'a~b.JPG',
  '0123456789abcdef0123456789abcdef.JPG',
  '0123456789abcdef.info',
  'ds_store',
];
test.each(FILES)('%s is a file', (name) => {
  expect(nameKind(`.hidden/~/${name}`)).toBe('file');
  expect([isSomebodys({ path: name }), isWhole({ path: name })]).toEqual([true, true]);
});

test('a folder with a dot is a workshop, another is not', () => {
  expect(['.recycle', '.Trash-1000', '.tus'].every(isHiddenFolder)).toBe(true);
  expect(isHiddenFolder('DCIM.x')).toBe(false);
});

const LITTER_FOLDERS = [
  ...['.Trashes', '.Trash', '.Trash-1000', '.trashes', '.Spotlight-V100', '.fseventsd', '.TemporaryItems'],
  ...['.DocumentRevisions-V100', '.AppleDouble', '.AppleDB', '.recycle', '.stfolder', '.stversions'],
  ...['.thumbnails', '.@__thumb', '.tus'],
];
test.each(LITTER_FOLDERS)('in %s a program keeps what is nobody’s upload', (name) => {
  expect(isLitterFolder(name)).toBe(true);
});

test.each([
  '.photos',
  '.trashed-photos',
  '.Trash-mine',
  '.stversions2',
  'recycle',
  'tus',
  '.hidden',
])('what lies in %s may be somebody’s', (name) => expect(isLitterFolder(name)).toBe(false));
