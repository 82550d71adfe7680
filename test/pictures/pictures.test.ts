import { expect, test } from 'vitest';
import { MemoryPictureCache, MemoryPictureMaker } from '../../adapters/memory/memory-pictures.ts';
import { driveId, relativePath } from '../../machines/ids.ts';
import type { Photo } from '../../services/library/ports.ts';
import { Pictures, type PicturesParts } from '../../services/pictures/pictures.ts';
import type { PictureCache, PictureOutcome } from '../../services/pictures/ports.ts';
import type { Copy } from '../../services/ports.ts';
import { flush } from '../runtime/kit.ts';

const idOf = (n: number) => `${String(n).padStart(16, '0')}-7`;
const [ONE, TWO, THREE] = [idOf(1), idOf(2), idOf(3)];
const DRIVE = driveId('d-1');

function photo(id: string, changes: Partial<Photo['copies'][number]> = {}): Photo {
  const to = relativePath(`Photos/${id}.JPG`);
  const copy = {
    driveId: DRIVE,
    to,
    state: 'verified',
    verifiedFrom: 'medium',
    counts: true,
    ...changes,
  } as const;
  return { id, name: `${id}.JPG`, sizeBytes: 7, copies: [copy] } as unknown as Photo;
}

function setUp(changes: Partial<PicturesParts> = {}) {
  const cache = new MemoryPictureCache();
  const maker = new MemoryPictureMaker();
  const { made } = maker;
  const state = { isBusy: false, drives: [{ id: DRIVE, path: '/mnt/d' }] };
  const pictures = new Pictures({
    shelf: { photo: (id) => photo(id) },
    catalogue: { copyAt: () => ({ toMtimeMs: 1000 }) as Copy },
    cache,
    maker,
    drives: () => state.drives,
    isBusy: () => state.isBusy,
    ...changes,
  });
  const until = (count: number) => expect.poll(() => made.length).toBe(count);
  return {
    pictures,
    made,
    kept: cache,
    state,
    until,
    finish: (outcome: PictureOutcome = 'made') => maker.finish(outcome),
  };
}

test('a picture is made of the copy on an attached drive, once, and then taken from the cache', async () => {
  const { pictures, made, until, finish } = setUp();
  const asked = [pictures.get(ONE, 'thumb'), pictures.get(ONE, 'thumb')];
  await until(1);
  finish();
  expect(await Promise.all(asked)).toEqual(Array(2).fill({ path: `/cache/${ONE}-thumb` }));
  expect(await pictures.get(ONE, 'thumb')).toEqual({ path: `/cache/${ONE}-thumb` });
  expect(made).toEqual([`/mnt/d/Photos/${ONE}.JPG ${ONE}.JPG 320 /cache/making`]);
});

test('a preview is another picture, five times as large', async () => {
  const { pictures, made, until, finish } = setUp();
  const asked = pictures.get(ONE, 'preview');
  await until(1);
  finish();
  expect(await asked).toEqual({ path: `/cache/${ONE}-preview` });
  expect(made[0]).toContain(' 1600 ');
});

test('one after the other is made, what was asked for last first', async () => {
  const { pictures, made, until, finish } = setUp();
  const first = pictures.get(ONE, 'thumb');
  await until(1);
  const others = [pictures.get(TWO, 'thumb'), pictures.get(THREE, 'thumb')];
  for (const count of [2, 3, 3]) {
    finish();
    await until(count);
  }
  await Promise.all([first, ...others]);
  expect(made.map((line) => line.split(' ')[1])).toEqual([ONE, THREE, TWO].map((id) => `${id}.JPG`));
});

test('what cannot be made is not tried again', async () => {
  const { pictures, made, until, finish } = setUp();
  const asked = pictures.get(ONE, 'thumb');
  await until(1);
  finish('failed');
  expect(await asked).toBe('none');
  expect(await pictures.get(ONE, 'thumb')).toBe('none');
  expect(made).toHaveLength(1);
});

test('nothing is made while a copy is made, and what waits for it is told to come back', async () => {
  const { pictures, made, state, until, finish } = setUp();
  const first = pictures.get(ONE, 'thumb');
  await until(1);
  const second = pictures.get(TWO, 'thumb');
  await Promise.resolve();
  state.isBusy = true;
  finish('failed');
  // It may have failed because the copy took the processor: nothing is known of it.
  expect(await first).toBe('later');
  expect(await second).toBe('later');
  expect(await pictures.get(THREE, 'thumb')).toBe('later');
  expect(made).toHaveLength(1);
  state.isBusy = false;
  const again = pictures.get(ONE, 'thumb');
  await until(2);
  finish();
  expect(await again).toEqual({ path: `/cache/${ONE}-thumb` });
});

test('what is being made when a copy begins or a drive is let go of is given up, and no word against the photo', async () => {
  const { pictures, kept, made, until, finish } = setUp();
  const asked = [pictures.get(ONE, 'thumb')];
  await until(1);
  asked.push(pictures.get(TWO, 'thumb'));
  await Promise.resolve();
  void pictures.interrupt();
  expect(await Promise.all(asked)).toEqual(['later', 'later']);
  expect(kept.size).toBe(0);
  await pictures.interrupt();
  const again = pictures.get(ONE, 'thumb');
  await until(2);
  finish('failed');
  expect(await again).toBe('none');
  expect(made).toHaveLength(2);
});

test('a drive that is pulled in the middle is no word against the photo', async () => {
  const { pictures, kept, state, until, finish } = setUp();
  const asked = pictures.get(ONE, 'thumb');
  await until(1);
  state.drives = [];
  finish('failed');
  expect(await asked).toBe('later');
  expect(kept.size).toBe(0);
});

test.each<[string, Partial<PicturesParts>, string]>([
  ['a photo that nobody knows', { shelf: { photo: () => null } }, 'unknown'],
  ['no drive that has it', { drives: () => [] }, 'away'],
  ['another drive', { drives: () => [{ id: driveId('d-2'), path: '/mnt/e' }] }, 'away'],
  ['a copy that does not count', { shelf: { photo: (id) => photo(id, { counts: false }) } }, 'away'],
])('%s: no picture, and nothing is made', async (_what, parts, expected) => {
  const { pictures, made } = setUp(parts);
  expect(await pictures.get(ONE, 'thumb')).toBe(expected);
  expect(made).toEqual([]);
});

test('an id that is none never becomes a path', async () => {
  const asked: string[] = [];
  const cache = { find: async (id: string) => void asked.push(id) } as unknown as PictureCache;
  const { pictures } = setUp({ cache });
  for (const id of ['../../etc/passwd', '', 'A'.repeat(16), `${'0'.repeat(16)}-`, `${ONE}/..`]) {
    expect(await pictures.get(id, 'thumb')).toBe('unknown');
  }
  expect(asked).toEqual([]);
});

test('a disk that fails or is full is no answer about the photo', async () => {
  const { pictures: full } = setUp({ cache: { ...emptyCache, place: async () => null } });
  expect(await full.get(ONE, 'thumb')).toBe('later');
  const failing = setUp({ cache: { ...emptyCache, place: () => Promise.reject(new Error('EIO')) } });
  expect(await failing.pictures.get(ONE, 'thumb')).toBe('later');
  expect(await failing.pictures.get(ONE, 'thumb')).toBe('later');
  expect(failing.made).toEqual([]);
});

test('of more than a hundred that wait the oldest is told to come back', async () => {
  const { pictures, until } = setUp();
  void pictures.get(ONE, 'thumb');
  await until(1);
  const waiting = Array.from({ length: 101 }, (_, n) => pictures.get(idOf(100 + n), 'thumb'));
  expect(await Promise.race(waiting)).toBe('later');
  expect(await waiting[0]).toBe('later');
  await pictures.stop();
  expect(await Promise.all(waiting)).toEqual(Array(101).fill('later'));
  expect(await pictures.get(TWO, 'thumb')).toBe('later');
});

const emptyCache: PictureCache = {
  find: async () => null,
  place: async () => '/cache/making',
  keep: async () => null,
};

test('between the wish and the making a drive that is let go is not opened', async () => {
  let place: (into: string) => void = () => undefined;
  const cache: PictureCache = {
    find: async () => null,
    place: () => new Promise((resolve) => (place = resolve)),
    keep: async () => 'none',
  };
  const { pictures, made } = setUp({ cache });
  const asked = pictures.get(ONE, 'thumb');
  await flush();
  const interrupted = pictures.interrupt();
  place('/cache/making');
  await interrupted;
  expect(await asked).toBe('later');
  expect(made).toEqual([]);
});

test('what somebody put in place of the photo is not its picture: the next copy is, else it is away', async () => {
  const copies = ['a', 'b'].flatMap((name) => photo(ONE, { to: relativePath(`Photos/${name}.JPG`) }).copies);
  const { pictures, made, kept, until, finish } = setUp({
    shelf: { photo: (id) => ({ ...photo(id), copies }) },
  });
  const asked = pictures.get(ONE, 'thumb');
  await until(1);
  finish('altered');
  await until(2);
  finish('altered');
  expect(await asked).toBe('away');
  expect(kept.size).toBe(0);
  const again = pictures.get(ONE, 'thumb');
  await until(3);
  finish('altered');
  await until(4);
  finish();
  expect(await again).toEqual({ path: `/cache/${ONE}-thumb` });
  expect(made.map((line) => line.split(' ')[0])).toEqual(
    ['a', 'b', 'a', 'b'].map((n) => `/mnt/d/Photos/${n}.JPG`),
  );
});

test('a copy whose time nobody recorded is none to make a picture of', async () => {
  const { pictures } = setUp({ catalogue: { copyAt: () => null } });
  expect(await pictures.get(ONE, 'thumb')).toBe('away');
});
