import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { deflateSync, crc32 as zlibCrc32 } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { aviOf, CARDS, Darkroom, flag, hasTool, lookAt, rawOf } from './kit.ts';

let room: Darkroom;
beforeEach(() => {
  room = new Darkroom();
});
afterEach(() => room.clear());

const withExiftool = test.runIf(hasTool('exiftool'));
const withFilms = test.runIf(hasTool('ffmpegthumbnailer'));

/** What is left beside the files that were put there: nothing but the picture. */
const leftBeside = (...names: string[]) =>
  readdirSync(room.folder).filter((name) => name !== 'made.jpg' && !names.includes(name));

describe('a picture', () => {
  test.each(['SD32GB-03', 'NIKON'])('of each JPEG of the card %s', async (card) => {
    const folder = readdirSync(join(CARDS, card, 'DCIM'))[0] ?? '';
    const root = join(CARDS, card, 'DCIM', folder);
    for (const name of readdirSync(root).filter((one) => one.endsWith('.JPG'))) {
      const seen = await lookAt(await room.draw(name, { root }));
      expect(Math.max(seen?.width ?? 0, seen?.height ?? 0), name).toBe(320);
    }
  });

  test.each(['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const)('of %s', async (format) => {
    await flag().toFormat(format).toFile(room.path('IMG_1'));
    expect(await lookAt(await room.draw('IMG_1'))).toEqual({ width: 64, height: 32, corner: 'red' });
  });

  test('is as large as was asked for at most, and never larger than the photo', async () => {
    await flag(640, 320).jpeg().toFile(room.path('IMG_1.JPG'));
    expect(await lookAt(await room.draw('IMG_1.JPG', { edge: 320 }))).toMatchObject({
      width: 320,
      height: 160,
    });
    expect(await lookAt(await room.draw('IMG_1.JPG', { edge: 1600 }))).toMatchObject({
      width: 640,
      height: 320,
    });
  });

  // Exif 2.32, 4.6.4.A: where row 0 and column 0 of what is stored are to be shown.
  test.each([
    [1, 64, 'red'],
    [3, 64, 'blue'],
    [6, 32, 'other'],
    [8, 32, 'other'],
  ])('stands upright: orientation %i', async (orientation, width) => {
    await flag().jpeg().withMetadata({ orientation }).toFile(room.path('IMG_1.JPG'));
    const seen = await lookAt(await room.draw('IMG_1.JPG'));
    expect(seen?.width).toBe(width);
    // Red above comes to lie below, right and left.
    const corners = { 1: 'red', 3: 'blue', 6: 'blue', 8: 'red' } as const;
    expect(seen?.corner).toBe(corners[orientation as keyof typeof corners]);
  });

  test('shows the part that is there of a photo that ends early', async () => {
    await flag(640, 320).jpeg().toFile(room.path('whole.JPG'));
    const whole = readFileSync(room.path('whole.JPG'));
    writeFileSync(room.path('half.JPG'), whole.subarray(0, whole.length / 2));
    expect(await lookAt(await room.draw('half.JPG'))).toMatchObject({ width: 320, corner: 'red' });
  });

  test('has no place where somebody was, and no serial number', async () => {
    await flag()
      .jpeg()
      .withExif({ IFD0: { Copyright: 'SECRET' } })
      .toFile(room.path('IMG_1.JPG'));
    expect(readFileSync(room.path('IMG_1.JPG')).includes('SECRET')).toBe(true);
    expect((await room.draw('IMG_1.JPG'))?.includes('SECRET')).toBe(false);
  });

  test.each([
    '-rf',
    '-o',
    'new\nline.JPG',
    'msl:x.JPG',
    'https:IMG.JPG',
    '%d.JPG',
    '$(id).JPG',
    '|ls.JPG',
  ])('of a file with the name %j', async (name) => {
    await flag().jpeg().toFile(room.path('IMG_1.JPG'));
    copyFileSync(room.path('IMG_1.JPG'), room.path(name));
    expect(await lookAt(await room.draw(name))).toMatchObject({ width: 64 });
  });
});

describe('a picture of a raw file', () => {
  const NIKON = join(CARDS, 'NIKON/DCIM/100ND750');

  withExiftool.each(['DSC_0011.NEF', 'DSC_0012.NEF'])('is what the camera put into it: %s', async (name) => {
    const seen = await lookAt(await room.draw(name, { root: NIKON }));
    expect(Math.max(seen?.width ?? 0, seen?.height ?? 0)).toBeGreaterThan(150);
    expect(leftBeside()).toEqual([]);
  });

  withExiftool('stands upright as its raw file says, whatever its name', async () => {
    writeFileSync(room.path('-if\n1'), rawOf(await flag().jpeg().toBuffer(), 8));
    const seen = await lookAt(await room.draw('-if\n1', { called: 'IMG_1.DNG' }));
    expect(seen).toEqual({ width: 32, height: 64, corner: 'red' });
  });

  withExiftool('is none of a file that only has the name of one', async () => {
    writeFileSync(room.path('IMG_1.CR3'), 'no photo');
    expect(await room.draw('IMG_1.CR3')).toBeNull();
  });
});

describe('a picture of a film', () => {
  withFilms('is one of its frames, and nothing is left beside it', async () => {
    const frame = await flag().jpeg().toBuffer();
    writeFileSync(room.path('CLIP.AVI'), aviOf(frame, 64, 32));
    expect(await lookAt(await room.draw('CLIP.AVI', { edge: 64 }))).toEqual({
      width: 64,
      height: 32,
      corner: 'red',
    });
    expect(leftBeside('CLIP.AVI')).toEqual([]);
  });

  withFilms('is none of a film that is torn, and nothing is left beside it either', async () => {
    writeFileSync(room.path('CLIP.MP4'), Buffer.from('\0\0\0\x18ftypmp42 and then nothing'));
    expect(await room.draw('CLIP.MP4')).toBeNull();
    expect(leftBeside('CLIP.MP4')).toEqual([]);
  });
});

describe('no picture is made of', () => {
  test('what is a picture by its name only', async () => {
    const svg =
      '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>';
    const frauds: Record<string, string> = {
      'svg.jpg': svg,
      'xml.jpg': `<?xml version="1.0"?>${svg}`,
      'pdf.jpg': '%PDF-1.4\n',
      'eps.jpg': '%!PS-Adobe-3.0 EPSF-3.0\n',
      'empty.jpg': '',
      'text.jpg': 'push graphic-context\nviewbox 0 0 640 480\n',
    };
    for (const [name, text] of Object.entries(frauds)) {
      writeFileSync(room.path(name), text);
      expect(await room.draw(name), name).toBeNull();
    }
    const ppm = Buffer.concat([Buffer.from('P6 8 8 255\n'), Buffer.alloc(192, 99)]);
    writeFileSync(room.path('ppm.jpg'), ppm);
    expect(await room.draw('ppm.jpg')).toBeNull();
  });

  test('a pipe that nobody writes to, a folder, and a link out of the drive', async () => {
    execFileSync('mkfifo', [room.path('pipe.JPG')]);
    mkdirSync(room.path('folder.JPG'));
    await flag().jpeg().toFile(room.path('IMG_1.JPG'));
    symlinkSync(room.path('IMG_1.JPG'), room.path('link.JPG'));
    for (const name of ['pipe.JPG', 'folder.JPG', 'link.JPG', 'missing.JPG']) {
      expect(await room.draw(name), name).toBeNull();
    }
  });

  test('a flood of pixels in a few bytes', async () => {
    writeFileSync(room.path('bomb.PNG'), pngOf(20_000, 20_000));
    expect(await room.draw('bomb.PNG')).toBeNull();
    // It is the number of pixels that is refused: a small one of the same making is drawn.
    writeFileSync(room.path('small.PNG'), pngOf(200, 200));
    expect(await lookAt(await room.draw('small.PNG'))).toMatchObject({ width: 200, height: 200 });
  });

  test('any of the broken card that is no photo, and the others break nothing', async () => {
    const root = join(CARDS, 'BROKEN/DCIM/100BROKE');
    for (const name of readdirSync(root)) {
      const jpeg = await room.draw(name, { root });
      if (jpeg !== null) expect((await lookAt(jpeg))?.width, name).toBeGreaterThan(0);
    }
    expect(leftBeside()).toEqual([]);
  });
});

describe('a list of other files with the name of a film', () => {
  /** Called with the address of a server that must hear nothing, and of a picture that must not be shown. */
  const LISTS: [string, (url: string, file: string) => string][] = [
    ['HLS', (url) => `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n${url}/a.ts\n#EXT-X-ENDLIST\n`],
    ['HLS of files', (_url, file) => `#EXTM3U\n#EXTINF:1,\nfile://${file}\n#EXT-X-ENDLIST\n`],
    ['concat', (_url, file) => `ffconcat version 1.0\nfile '${file}'\n`],
    ['concat of the network', (url) => `ffconcat version 1.0\nfile '${url}/a.avi'\n`],
    ['DASH', (url) => dash(url)],
    ['DASH behind a box of QuickTime', (url) => `\0\0\0\x10skip${dash(url)}`],
    ['DASH behind the first bytes of Matroska', (url) => `\x1aE\xdf\xa3${dash(url)}`],
    ['HLS behind a box of QuickTime', (url) => `\0\0\0\x08free#EXTM3U\n#EXTINF:1,\n${url}/a.ts\n`],
    [
      'SDP that looks like a transport stream',
      (url) => `G=1\n${sdp(url)}`.padEnd(188, '\n') + 'G'.padEnd(400),
    ],
  ];

  withFilms.each(LISTS)('%s asks nobody for anything and shows nothing', async (_what, listOf) => {
    const heard: string[] = [];
    const server = createServer((request, response) => {
      heard.push(request.url ?? '');
      response.end();
    });
    server.on('connection', () => heard.push('connection'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    writeFileSync(room.path('other.avi'), aviOf(await flag().jpeg().toBuffer(), 64, 32));
    const list = listOf(`http://127.0.0.1:${port}`, room.path('other.avi'));
    writeFileSync(room.path('CLIP.MP4'), list, 'latin1');
    expect(await room.draw('CLIP.MP4')).toBeNull();
    expect(heard).toEqual([]);
    await new Promise((resolve) => server.close(resolve));
  });
});

const dash = (url: string) =>
  `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-on-demand:2011" type="static" mediaPresentationDuration="PT1S"><Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1"><BaseURL>${url}/a.mp4</BaseURL></Representation></AdaptationSet></Period></MPD>`;

const sdp = (url: string) => {
  const port = new URL(url).port;
  return `v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video ${port} RTP/AVP/TCP 26\n`;
};

/** A grey PNG of as many pixels as are asked for, of which a few rows are there (PNG, third edition, section 5). */
function pngOf(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const out = Buffer.alloc(8);
    out.writeUInt32BE(data.length);
    out.writeUInt32BE(zlibCrc32(body), 4);
    return Buffer.concat([out.subarray(0, 4), body, out.subarray(4)]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width);
  header.writeUInt32BE(height, 4);
  header.set([8, 0], 8);
  const rows = deflateSync(Buffer.alloc((width + 1) * 10, 1).fill(0));
  const parts = [chunk('IHDR', header), chunk('IDAT', rows), chunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...parts]);
}
