import { expect, it } from 'vitest';
import { isRead, readersByName } from '../../services/library/metadata-readers.ts';
import type { MediaFile, MetadataReader } from '../../services/media-ports.ts';

/** Says its own name for each file, and notes what it was asked. */
function named(model: string) {
  const asked: string[][] = [];
  let stops = 0;
  const reader: MetadataReader = {
    captures: async (files) => {
      asked.push(files.map(({ path }) => path));
      return files.map(({ path }) => (path === '/null' ? null : { model, serial: path }));
    },
    stop: async () => {
      stops += 1;
    },
  };
  return { reader, asked, stops: () => stops };
}

function both() {
  const exif = named('exif');
  const thorough = named('thorough');
  return { exif, thorough, reader: readersByName({ exif: exif.reader, thorough: thorough.reader }) };
}

const file = (name: string, path = `/${name}`): MediaFile => ({ path, name });

it.each(
  'jpg JPG jpeg jpe insp tif tiff dng DNG nef nrw cr2 arw pef srw'.split(' '),
)('asks exifr of .%s', async (extension) => {
  const { reader } = both();
  expect(await reader.captures([file(`a.${extension}`, '/1')])).toEqual([{ model: 'exif', serial: '/1' }]);
});

it.each(
  'cr3 CR3 raf crw orf rw2 x3f gpr 3fr iiq heic HEIC heif hif avif png webp mov MP4 m4v mts m2ts avi 3gp insv 360 mkv'.split(
    ' ',
  ),
)('asks exiftool of .%s', async (extension) => {
  const { reader } = both();
  expect(await reader.captures([file(`a.${extension}`, '/1')])).toEqual([
    { model: 'thorough', serial: '/1' },
  ]);
});

it.each([
  'a.wav',
  'a.xmp',
  'a.thm',
  'a.aae',
  'a.lrv',
  'a.txt',
  'a',
  '.jpg',
  '._a.jpg',
  'jpg',
  'a.jpg.xmp',
  '',
])('asks nobody of %j', async (name) => {
  const { reader, exif, thorough } = both();
  expect(await reader.captures([file(name, '/1')])).toEqual([null]);
  expect([...exif.asked, ...thorough.asked]).toEqual([]);
  expect(isRead(name)).toBe(false);
});

it('asks each once for all of its files, and answers in their order', async () => {
  const { reader, exif, thorough } = both();
  const files = [
    file('1.mov'),
    file('2.jpg'),
    file('3.xmp'),
    file('4.JPG', '/null'),
    file('5.CR3'),
    file('2.jpg'),
  ];
  const captures = await reader.captures(files);
  expect(captures.map((capture) => capture?.serial)).toEqual([
    '/1.mov',
    '/2.jpg',
    undefined,
    undefined,
    '/5.CR3',
    '/2.jpg',
  ]);
  expect(captures[2]).toBeNull();
  expect(captures[3]).toBeNull();
  expect(exif.asked).toEqual([['/2.jpg', '/null', '/2.jpg']]);
  expect(thorough.asked).toEqual([['/1.mov', '/5.CR3']]);
});

it('asks nobody for nothing, and takes too few answers for none', async () => {
  const { reader, exif, thorough } = both();
  expect(await reader.captures([])).toEqual([]);
  expect([...exif.asked, ...thorough.asked]).toEqual([]);
  const silent = { captures: async () => [], stop: async () => undefined };
  const mute = readersByName({ exif: silent, thorough: silent });
  expect(await mute.captures([file('1.mov'), file('2.jpg')])).toEqual([null, null]);
});

it('stops both', async () => {
  const { reader, exif, thorough } = both();
  await reader.stop();
  expect([exif.stops(), thorough.stops()]).toEqual([1, 1]);
});
