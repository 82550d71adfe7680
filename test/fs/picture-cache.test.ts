import { existsSync } from 'node:fs';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FsPictureCache, type PictureCacheOptions } from '../../adapters/fs/picture-cache.ts';

const DAY_MS = 86_400_000;
const [ONE, TWO, THREE] = ['0123456789abcdef-1', 'fedcba9876543210-22', '0123456789abcdef-3'];

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'imagetank-pictures-'));
});
afterEach(() => rm(root, { recursive: true }));

const cacheOf = (options: Partial<PictureCacheOptions> = {}) =>
  new FsPictureCache({ folder: join(root, 'pictures'), minFreeBytes: 0, ...options });

async function keep(cache: FsPictureCache, id: string, bytes: number): Promise<string> {
  const into = await cache.place();
  if (into === null) throw new Error('no room');
  await writeFile(into, Buffer.alloc(bytes, 1));
  return String(await cache.keep(id, 'thumb', true));
}

test('a picture is found again, also by the next process, and is not where it was made', async () => {
  const cache = cacheOf();
  expect(await cache.find(ONE, 'thumb')).toBeNull();
  const path = await keep(cache, ONE, 10);
  expect(await cacheOf().find(ONE, 'thumb')).toBe(path);
  expect((await stat(path)).size).toBe(10);
  expect(await cache.find(ONE, 'preview')).toBeNull();
  expect(existsSync(String(await cache.place()))).toBe(false);
});

test('that there is none is known for a day', async () => {
  const cache = cacheOf();
  await cache.place();
  expect(await cache.keep(ONE, 'thumb', false)).toBe('none');
  expect(await cache.find(ONE, 'thumb')).toBe('none');
  expect(await cacheOf({ now: () => Date.now() + 2 * DAY_MS }).find(ONE, 'thumb')).toBeNull();
  await keep(cache, ONE, 5);
  expect(await cache.find(ONE, 'thumb')).toContain(ONE);
});

test('what a process left half made is taken away', async () => {
  const cache = cacheOf();
  const into = String(await cache.place());
  await writeFile(into, 'half');
  expect(await cacheOf().place()).toBe(into);
  expect(existsSync(into)).toBe(false);
});

test('what was looked at longest ago makes room', async () => {
  let nowMs = Date.now() - 10 * DAY_MS;
  const cache = cacheOf({ maxBytes: 100, now: () => nowMs });
  await keep(cache, ONE, 40);
  await keep(cache, TWO, 40);
  // Kept on the day the disk says, which is today; looked at on others.
  nowMs += 2 * DAY_MS;
  await cache.find(TWO, 'thumb');
  nowMs += 2 * DAY_MS;
  await cache.find(ONE, 'thumb');
  await keep(cache, THREE, 40);
  expect(await cache.find(TWO, 'thumb')).toBeNull();
  expect(await cache.find(ONE, 'thumb')).not.toBeNull();
  expect(await cache.find(THREE, 'thumb')).not.toBeNull();
});

test('the bound holds for what an earlier process kept, and for a picture that is made again', async () => {
  await keep(cacheOf(), ONE, 60);
  const cache = cacheOf({ maxBytes: 100 });
  await keep(cache, ONE, 60);
  expect(await cache.find(ONE, 'thumb')).not.toBeNull();
  await keep(cache, TWO, 60);
  const left = await Promise.all([cache.find(ONE, 'thumb'), cache.find(TWO, 'thumb')]);
  expect(left.filter((path) => path !== null)).toHaveLength(1);
});

test('a disk that is nearly full gets no pictures', async () => {
  expect(await cacheOf({ minFreeBytes: Number.MAX_SAFE_INTEGER }).place()).toBeNull();
});
