import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openBelow } from '../../adapters/fs/drive-file.ts';
import { openNodeWorker } from '../../adapters/node/worker.ts';
import { AlteredError, draw as drawIt, type OpenBelow } from '../../adapters/sharp/draw.ts';
import { createPictureMaker, type PictureMakerOptions } from '../../adapters/sharp/picture-maker.ts';
import type { PictureMaker, PictureSource } from '../../services/pictures/ports.ts';
import { buildPictureWorker, Darkroom, flag } from './kit.ts';

let real: Awaited<ReturnType<typeof buildPictureWorker>>;
let moody: Awaited<ReturnType<typeof buildPictureWorker>>;
beforeAll(async () => {
  real = await buildPictureWorker();
  moody = await buildPictureWorker(join(import.meta.dirname, 'moody-worker.ts'));
});
afterAll(() => {
  real.remove();
  moody.remove();
});

let room: Darkroom;
let maker: PictureMaker;
beforeEach(() => {
  room = new Darkroom();
});
afterEach(async () => {
  await maker.stop();
  room.clear();
});

const make = (name: string) => maker.make(room.source(name), 320, room.into);
const open = (workerPath: string, options: Partial<PictureMakerOptions> = {}) => {
  maker = createPictureMaker({ open: openNodeWorker, workerPath, ...options });
};
/** Children of this process that run a worker of this test. */
const children = (workerPath: string) =>
  readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(workerPath);
    } catch {
      return false;
    }
  });

describe('the child that draws', () => {
  test('begins when the first picture is asked for, and ends with the maker', async () => {
    open(real.workerPath);
    await flag().jpeg().toFile(room.path('IMG_1.JPG'));
    expect(children(real.workerPath)).toEqual([]);
    expect(await make('IMG_1.JPG')).toBe('made');
    expect(children(real.workerPath)).toHaveLength(1);
    await maker.stop();
    expect(children(real.workerPath)).toEqual([]);
    expect(await make('IMG_1.JPG')).toBe('failed');
  });

  test('ends when it has had nothing to do for a while, and begins again', async () => {
    open(real.workerPath, { idleMs: 1 });
    await flag().jpeg().toFile(room.path('IMG_1.JPG'));
    expect(await make('IMG_1.JPG')).toBe('made');
    await expect.poll(() => children(real.workerPath)).toEqual([]);
    expect(await make('IMG_1.JPG')).toBe('made');
  });

  test('that is interrupted leaves nothing, and the next picture is made', async () => {
    open(moody.workerPath);
    const asked = make('hang');
    await expect.poll(() => readdirSync(room.folder)).toContain('made.jpg');
    await maker.interrupt();
    expect(children(moody.workerPath)).toEqual([]);
    expect(await asked).toBe('failed');
    expect(readdirSync(room.folder)).toEqual([]);
    expect(await make('good')).toBe('made');
  });

  test.each([
    ['hangs', 'hang', { timeoutMs: 2000 }],
    ['dies', 'die', {}],
    ['takes all memory outside of its heap', 'grow', { maxMemoryMb: 32 }],
    ['takes all of its heap', 'heap', { maxMemoryMb: 32 }],
    ['answers what nobody asked', 'lie', { timeoutMs: 2000 }],
  ])('and %s costs one picture, and leaves nothing', async (_what, name, options) => {
    open(moody.workerPath, options);
    expect(await Promise.all([make(name), make('good')])).toEqual(['failed', 'made']);
    expect(readdirSync(room.folder)).toEqual(['made.jpg']);
  });

  test('that cannot be started makes no picture', async () => {
    open(room.path('missing.mjs'), { startMs: 5000 });
    expect(await make('IMG_1.JPG')).toBe('failed');
  });

  test('is not told what the daemon knows', async () => {
    process.env['IMAGETANK_TEST_SECRET'] = 'secret';
    open(moody.workerPath);
    expect(await make('env')).toBe('failed');
    delete process.env['IMAGETANK_TEST_SECRET'];
  });
});

test('what cannot be drawn is false, and the child lives on', async () => {
  open(real.workerPath);
  mkdirSync(room.path('folder.JPG'));
  writeFileSync(room.path('text.JPG'), 'no photo');
  await flag().jpeg().toFile(room.path('IMG_1.JPG'));
  expect(await make('text.JPG')).toBe('failed');
  const [child] = children(real.workerPath);
  expect(await make('folder.JPG')).toBe('altered');
  expect(await make('../IMG_1.JPG')).toBe('altered');
  expect(await make('IMG_1.JPG')).toBe('made');
  expect(children(real.workerPath)).toEqual([child]);
});

describe('what lies where the photo was', () => {
  const recorded = async () => {
    open(real.workerPath);
    await flag().jpeg().toFile(room.path('IMG_1.JPG'));
    return room.source('IMG_1.JPG');
  };
  const draw = (source: PictureSource) => maker.make(source, 320, room.into);

  test('is its picture only with the recorded size', async () => {
    const source = await recorded();
    expect(await draw({ ...source, sizeBytes: source.sizeBytes + 1 })).toBe('altered');
    expect(existsSync(room.into)).toBe(false);
    expect(await draw(source)).toBe('made');
  });

  test('is its picture only with the recorded time, to 2 s', async () => {
    const source = await recorded();
    expect(await draw({ ...source, mtimeMs: source.mtimeMs - 2001 })).toBe('altered');
    expect(await draw({ ...source, mtimeMs: source.mtimeMs + 2001 })).toBe('altered');
    expect(await draw({ ...source, mtimeMs: source.mtimeMs + 2000 })).toBe('made');
  });

  test('may not change while it is drawn', async () => {
    const source = await recorded();
    const written: OpenBelow = async (root, path) => {
      const file = await openBelow(root, path);
      const sizes = [source.sizeBytes, source.sizeBytes + 1];
      file.stat = (async () => ({ size: sizes.shift(), mtimeMs: source.mtimeMs })) as never;
      return file;
    };
    const request = { ...source, id: 1, edge: 320, into: room.into };
    await expect(drawIt(request, written)).rejects.toBeInstanceOf(AlteredError);
  });

  test('and is gone is no picture either', async () => {
    const source = await recorded();
    rmSync(room.path('IMG_1.JPG'));
    expect(await draw(source)).toBe('altered');
  });
});
