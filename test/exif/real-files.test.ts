import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createExifReader } from '../../adapters/exif/exif-reader.ts';
import { openNodeWorker } from '../../adapters/node/worker.ts';
import { captureOf } from '../../services/library/capture.ts';
import type { MetadataReader } from '../../services/media-ports.ts';
import { ascii, entry, tiff } from '../metadata/make-files.ts';
import { brokenFiles, EXIF_SAMPLES } from '../metadata/samples.ts';
import { type BuiltWorker, buildExifWorker } from './build-worker.ts';

let worker: BuiltWorker;
let reader: MetadataReader;
let dir: string;
beforeAll(async () => {
  worker = await buildExifWorker();
  reader = createExifReader({ open: openNodeWorker, workerPath: worker.workerPath, timeoutMs: 20_000 });
});
afterAll(async () => {
  await reader.stop();
  await worker.remove();
});
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'imagetank-exif-'));
});
afterEach(() => rm(dir, { recursive: true }));

const capture = async (path: string) => (await reader.captures([{ path, name: 'IMG_1.JPG' }]))[0];

async function made(bytes: Uint8Array | string): Promise<string> {
  const path = join(dir, 'made.part');
  await writeFile(path, bytes);
  return path;
}

const DATE = '2011:12:13 14:15:16';

describe('real files', () => {
  it.each(
    EXIF_SAMPLES.map(({ file, capture: said }) => [basename(file.path), file, said] as const),
  )('%s', async (_name, file, said) => {
    expect(await reader.captures([file])).toEqual([said]);
  });

  it('are read on their way too, when they have no name of their own', async () => {
    const [{ file, capture: said } = { file: { path: '' }, capture: {} }] = EXIF_SAMPLES;
    await copyFile(file.path, join(dir, 'f00.part'));
    expect(await capture(join(dir, 'f00.part'))).toEqual(said);
    expect(await capture(await made('a text'))).toBeNull();
  });

  it.each([
    ['within what is read at first', 8],
    ['behind that', 100_000],
  ])('of the kinds made of TIFF are read %s', async (_what, at) => {
    const bytes = tiff({ exif: [entry(0x9003, ascii(DATE))] }, at);
    expect(await capture(await made(bytes))).toEqual({ at: '2011-12-13T14:15:16' });
  });

  it('that are large and have no date keep their camera', async () => {
    const bytes = tiff({ ifd0: [entry(0x0110, ascii('E775'))] });
    const path = await made(Buffer.concat([bytes, Buffer.alloc(200_000)]));
    expect(await capture(path)).toEqual({ model: 'E775' });
  });

  it('that say nothing, do not exist or are empty, have nothing', async () => {
    expect(await capture(await made(tiff({ ifd0: [entry(0x0131, ascii('Lightroom'))] })))).toBeNull();
    expect(await capture(join(dir, 'none.jpg'))).toBeNull();
    expect(await capture(await made(''))).toBeNull();
    expect(await capture(dir)).toBeNull();
  });

  it('that are broken neither end nor stop the reader, nor have they a date', async () => {
    const files = brokenFiles((name) => `${name}.JPG`);
    expect(files.length).toBeGreaterThan(8);
    expect(await reader.captures(files)).toEqual(files.map(() => null));
    const [first] = EXIF_SAMPLES;
    expect(await capture(first?.file.path ?? '')).toEqual(first?.capture);
  });
});

describe('of Exif', () => {
  it('the zone is read', async () => {
    const bytes = tiff({ exif: [entry(0x9003, ascii(DATE)), entry(0x9011, ascii('+09:00'))] });
    expect(await capture(await made(bytes))).toEqual({ at: '2011-12-13T14:15:16', zone: '+09:00' });
  });

  it.each([
    ['S', 'W', { latitude: -33.5, longitude: -70.25 }],
    ['N', 'E', { latitude: 33.5, longitude: 70.25 }],
  ])('the hemispheres are read: %s, %s', async (north, east, gps) => {
    const bytes = tiff({ gps: place(north, east) });
    expect(await capture(await made(bytes))).toEqual({ gps });
  });

  it.each([
    ['', 'W'],
    ['N', ''],
    ['X', 'W'],
    ['N', 'N'],
  ])('a position without its hemispheres is none: %j, %j', async (north, east) => {
    const bytes = tiff({ ifd0: [entry(0x0110, ascii('E775'))], gps: place(north, east) });
    expect(await capture(await made(bytes))).toEqual({ model: 'E775' });
  });

  it('a text of any length is cut', async () => {
    const bytes = tiff({ ifd0: [entry(0x0110, ascii('x'.repeat(30_000)))] });
    expect(await capture(await made(bytes))).toEqual(captureOf({ model: 'x'.repeat(64) }));
  });
});

/** 33° 30′ and 70° 15′. */
function place(north: string, east: string) {
  return [
    entry(0x0001, ascii(north)),
    entry(0x0002, degrees(33, 30)),
    entry(0x0003, ascii(east)),
    entry(0x0004, degrees(70, 15)),
  ];
}

function degrees(whole: number, minutes: number) {
  const bytes = Buffer.alloc(24);
  for (const [at, value] of [whole, 1, minutes, 1, 0, 1].entries()) bytes.writeUInt32LE(value, 4 * at);
  return { type: 5, count: 3, bytes };
}
