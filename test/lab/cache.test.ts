import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cacheDir, openCache } from './build/cache.ts';
import { keyOf, keyOfFiles, keyOfFolder } from './build/key.ts';
import { alone } from './build/lock.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'lab-cache-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const KEYS = ['1', '2', '3', '4'].map((digit) => digit.repeat(16));
const products = () => readdirSync(dir).filter((name) => !name.endsWith('.lock'));

describe('a key', () => {
  it('is the same for the same parts and another for others', () => {
    expect(keyOf(['a', 'b'])).toBe(keyOf(['a', Buffer.from('b')]));
    expect(keyOf(['a', 'b'])).not.toBe(keyOf(['a', 'c']));
    expect(keyOf(['a'])).toMatch(/^[0-9a-f]{16}$/);
  });

  it('knows where one part ends and the next begins', () => {
    expect(keyOf(['ab', 'c'])).not.toBe(keyOf(['a', 'bc']));
    expect(keyOf(['a', ''])).not.toBe(keyOf(['a']));
  });

  it('of files depends on what is in them', () => {
    const file = join(dir, 'a');
    writeFileSync(file, '1');
    const before = keyOfFiles([file]);
    writeFileSync(file, '2');
    expect(keyOfFiles([file])).not.toBe(before);
  });

  it('of a folder depends on names, contents and links, and not on where it lies', () => {
    const make = (name: string, entry: string, content: string, target: string): string => {
      const folder = join(dir, name);
      mkdirSync(join(folder, 'sub'), { recursive: true });
      writeFileSync(join(folder, 'sub', entry), content);
      symlinkSync(target, join(folder, 'link'));
      return keyOfFolder(folder);
    };
    const first = make('one', 'a', 'x', 't');
    expect(make('two', 'a', 'x', 't')).toBe(first);
    expect(make('three', 'b', 'x', 't')).not.toBe(first);
    expect(make('four', 'a', 'y', 't')).not.toBe(first);
    expect(make('five', 'a', 'x', 'u')).not.toBe(first);
  });
});

describe('the cache', () => {
  it('lies where the environment says, else below the cache folder of the user', () => {
    expect(cacheDir({ IMAGETANK_LAB_CACHE: '/x' })).toBe('/x');
    expect(cacheDir({ XDG_CACHE_HOME: '/c' })).toBe('/c/imagetank-lab');
    expect(cacheDir({})).toMatch(/\/\.cache\/imagetank-lab$/);
  });

  it('makes a product once', async () => {
    let made = 0;
    const make = async (draft: string) => {
      made += 1;
      writeFileSync(join(draft, 'file'), 'product');
    };
    const cache = openCache(dir, () => undefined);
    const [first, second] = await Promise.all([
      cache.stage('root', KEYS[0]!, make),
      cache.stage('root', KEYS[0]!, make),
    ]);
    const later = await openCache(dir, () => undefined).stage('root', KEYS[0]!, make);
    expect([second, later]).toEqual([first, first]);
    expect(readFileSync(join(first.dir, 'file'), 'utf8')).toBe('product');
    expect(made).toBe(1);
  });

  it('has nothing of a product that failed half way, and makes it the next time', async () => {
    const fail = async (draft: string) => {
      writeFileSync(join(draft, 'half'), '');
      throw new Error('no space');
    };
    await expect(openCache(dir, () => undefined).stage('root', KEYS[0]!, fail)).rejects.toThrow('no space');
    expect(products()).toEqual([]);
    await openCache(dir, () => undefined).stage('root', KEYS[0]!, async () => undefined);
    expect(products()).toEqual([`root-${KEYS[0]}`]);
  });

  it('knows a product that was made again from one that stayed', async () => {
    const make = () => openCache(dir, () => undefined).stage('root', KEYS[0]!, async () => undefined);
    const first = await make();
    expect(await make()).toEqual(first);
    rmSync(first.dir, { recursive: true });
    const second = await make();
    expect(second.dir).toBe(first.dir);
    expect(second.id).not.toBe(first.id);
  });

  it('gives an identity that stays to a product that has none yet', async () => {
    mkdirSync(join(dir, `root-${KEYS[0]}`));
    const find = () => openCache(dir, () => undefined).stage('root', KEYS[0]!, async () => undefined);
    const first = await find();
    expect(first.id).not.toBe('');
    expect((await find()).id).toBe(first.id);
  });

  it('keeps what another run may be using', async () => {
    const cache = openCache(dir, () => undefined);
    for (const key of KEYS) await cache.stage('root', key, async () => undefined);
    expect(products()).toHaveLength(4);
  });

  it('does not show a product under its name before it is complete', async () => {
    let seen: string[] = [];
    await openCache(dir, () => undefined).stage('root', KEYS[0]!, async () => {
      seen = products();
    });
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatch(/^draft-/);
  });

  it('takes away the least recently used products of a stage, and those of no other', async () => {
    const cache = openCache(dir, () => undefined);
    await cache.stage('other', KEYS[0]!, async () => undefined);
    for (const [index, key] of KEYS.slice(0, 3).entries()) {
      const { dir: place } = await cache.stage('root', key, async () => undefined);
      utimesSync(place, 1_000 + index, 1_000 + index);
    }
    await cache.stage('root', KEYS[3]!, async () => undefined);
    expect(products().sort()).toEqual([`other-${KEYS[0]}`, ...KEYS.slice(1).map((key) => `root-${key}`)]);
  });

  it('takes away drafts of runs that are over, and leaves those of runs that are not', () => {
    mkdirSync(join(dir, `draft-${process.pid}-a`));
    mkdirSync(join(dir, 'draft-4194399-b'));
    openCache(dir, () => undefined);
    expect(products()).toEqual([`draft-${process.pid}-a`]);
  });
});

describe('a lock', () => {
  it('is held by one at a time', async () => {
    const file = join(dir, 'sub', 'lock');
    const order: string[] = [];
    const work = (name: string) => async () => {
      order.push(`${name} begins`);
      await new Promise((resolve) => setImmediate(resolve));
      order.push(`${name} ends`);
    };
    const quiet = () => undefined;
    await Promise.all([alone(file, quiet, work('a')), alone(file, quiet, work('b'))]);
    expect(order).toHaveLength(4);
    for (const at of [0, 2]) expect(order[at + 1]).toBe(order[at]?.replace('begins', 'ends'));
    expect(existsSync(file)).toBe(true);
  });

  it('is let go when the work fails', async () => {
    const file = join(dir, 'lock');
    const fail = () => Promise.reject(new Error('broken'));
    await expect(alone(file, () => undefined, fail)).rejects.toThrow('broken');
    expect(
      await alone(
        file,
        () => undefined,
        async () => 'again',
      ),
    ).toBe('again');
  });
});
