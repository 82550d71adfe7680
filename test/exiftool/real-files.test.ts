import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createExiftoolReader } from '../../adapters/exiftool/exiftool-reader.ts';
import type { MetadataReader } from '../../services/media-ports.ts';
import { ascii, box, entry, hex, movieHeader, tiff } from '../metadata/make-files.ts';
import { brokenFiles, EXIF_SAMPLES, OTHER_SAMPLES } from '../metadata/samples.ts';
import { hasExiftool } from './installed.ts';

let reader: MetadataReader;
let dir: string;
const warnings: string[] = [];

describe.skipIf(!hasExiftool())('exiftool reads', () => {
  beforeAll(() => {
    reader = createExiftoolReader({ warn: (text) => warnings.push(text), timeoutMs: 60_000 });
  });
  afterAll(() => reader.stop());
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'imagetank-exiftool-'));
  });
  afterEach(() => rm(dir, { recursive: true }));

  const capture = async (bytes: Uint8Array | string, name: string) => {
    const path = join(dir, 'made.part');
    await writeFile(path, bytes);
    return (await reader.captures([{ path, name }]))[0];
  };

  it.each(
    [...EXIF_SAMPLES, ...OTHER_SAMPLES].map(
      ({ file, capture: said }) => [basename(file.path), file, said] as const,
    ),
  )('%s', async (_name, file, said) => {
    expect(await reader.captures([file])).toEqual([said]);
  });

  it('damaged files without an end, and finds no time of a camera in them', async () => {
    const files = brokenFiles((name) => `${name}.${name.endsWith('JPG') ? 'HEIC' : 'MP4'}`);
    const captures = await reader.captures(files);
    expect(captures.filter((each) => each?.at !== undefined)).toEqual([]);
    const [sample] = OTHER_SAMPLES;
    expect(await reader.captures(sample ? [sample.file] : [])).toEqual([sample?.capture]);
    expect(warnings).toEqual([]);
  });

  it.each([
    ['before the picture', true],
    ['behind the picture', false],
  ])('a video whose header stands %s', async (_what, isInFront) => {
    const moov = box(
      'moov',
      movieHeader(new Date('2020-11-20T14:04:36Z')),
      box('udta', box('date', '2020-11-20T15:04:02+0100')),
    );
    const mdat = box('mdat', Buffer.alloc(100_000));
    const bytes = Buffer.concat([FTYP, ...(isInFront ? [moov, mdat] : [mdat, moov])]);
    expect(await capture(bytes, 'GX010001.MP4')).toEqual({ at: '2020-11-20T15:04:02', zone: '+01:00' });
  });

  it.each([
    ['a video that knows UTC alone', new Date('2020-11-20T14:04:36Z'), {}],
    ['a video whose camera had no clock', null, null],
  ])('%s', async (_what, created, said) => {
    const bytes = Buffer.concat([FTYP, box('moov', movieHeader(created))]);
    expect(await capture(bytes, 'GX010001.MP4')).toEqual(said);
  });

  it('a video whose recording was cut off, in which nothing is', async () => {
    expect(await capture(Buffer.concat([FTYP, box('mdat', Buffer.alloc(9000))]), 'GX010001.MP4')).toBeNull();
  });

  it('Apple’s date with its zone', async () => {
    const key = 'com.apple.quicktime.creationdate';
    const keys = box('keys', hex('00000000 00000001'), box('mdta', key));
    const item = box('\0\0\0\x01', box('data', hex('00000001 00000000'), '2022-02-16T12:55:41+0100'));
    const handler = box('hdlr', hex('00000000 00000000'), 'mdta', Buffer.alloc(12));
    const meta = box('meta', handler, keys, box('ilst', item));
    const bytes = Buffer.concat([
      box('ftyp', 'qt  ', hex('00000000'), 'qt  '),
      box('mdat', Buffer.alloc(5000)),
      box('moov', movieHeader(new Date('2022-02-16T11:55:41Z')), meta),
    ]);
    expect(await capture(bytes, 'IMG_0001.MOV')).toEqual({ at: '2022-02-16T12:55:41', zone: '+01:00' });
  });

  it('a CR3, which is made of boxes with a TIFF in each', async () => {
    const camera = tiff({ ifd0: [entry(0x010f, ascii('Canon')), entry(0x0110, ascii('Canon EOS R5'))] });
    const shot = tiff({
      ifd0: [
        entry(0x9003, ascii('2022:07:01 08:09:10')),
        entry(0x9011, ascii('+02:00')),
        entry(0x9291, ascii('07')),
        entry(0xa431, ascii('012345678901')),
      ],
    });
    const canon = box(
      'uuid',
      hex('85c0b687820f11e08111f4ce462b6a48'),
      box('CMT1', camera),
      box('CMT2', shot),
    );
    const bytes = Buffer.concat([
      box('ftyp', 'crx ', hex('00000001'), 'crx isom'),
      box('moov', canon, movieHeader(new Date('2022-07-01T06:09:10Z'))),
      box('mdat', Buffer.alloc(100_000)),
    ]);
    expect(await capture(bytes, 'IMG_0001.CR3')).toEqual({
      at: '2022-07-01T08:09:10.07',
      zone: '+02:00',
      make: 'Canon',
      model: 'Canon EOS R5',
      serial: '012345678901',
    });
  });

  it('the date of an AVI', async () => {
    const idit = riff('IDIT', 'MON OCT 17 22:54:32 2005\n\0');
    const avih = riff('avih', Buffer.alloc(56));
    const movi = riff('LIST', 'movi', Buffer.alloc(9000));
    const bytes = riff('RIFF', 'AVI ', riff('LIST', 'hdrl', avih, idit), movi);
    expect(await capture(bytes, 'MVI_0001.AVI')).toEqual({ at: '2005-10-17T22:54:32' });
  });

  it('what memory it may have, and no more', async () => {
    const tiny = createExiftoolReader({ warn: (text) => warnings.push(text), maxMemoryMb: 4 });
    const [sample] = OTHER_SAMPLES;
    expect(await tiny.captures(sample ? [sample.file] : [])).toEqual([null]);
    expect(warnings.splice(0)).toEqual([expect.stringMatching(/^exiftool does not start/)]);
    await tiny.stop();
  });

  it.each([
    ['a text', 'a text'],
    ['nothing', ''],
  ])('of %s nothing', async (_what, bytes) => {
    expect(await capture(bytes, 'IMG_1.HEIC')).toBeNull();
  });
});

const FTYP = box('ftyp', 'mp42', hex('00000000'), 'mp42isom');

/** Four letters, size, content; an even number of bytes (Microsoft, "Resource Interchange File Format"). */
function riff(type: string, ...content: readonly (Buffer | string)[]): Buffer {
  const body = Buffer.concat(
    content.map((each) => (typeof each === 'string' ? Buffer.from(each, 'latin1') : each)),
  );
  const head = Buffer.alloc(8);
  head.write(type, 'latin1');
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body, Buffer.alloc(body.length % 2)]);
}
