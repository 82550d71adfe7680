import fs, { constants, readdirSync, readFileSync } from 'node:fs';
import fsPromises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { afterEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { createCardReader } from '../../adapters/fs/card-reader.ts';
import type { CardFile, CardReader } from '../../services/media-ports.ts';
import { at, scanAll } from '../contracts/card-reader.contract.ts';

const ROOT = join(import.meta.dirname, '../..');
const CARD = join(import.meta.dirname, '../cards/SD32GB-03');

afterEach(() => {
  vi.restoreAllMocks();
  syncBuiltinESMExports();
});

test('the port of cards has no call that could write', () => {
  expectTypeOf<keyof CardReader>().toEqualTypeOf<'scan' | 'open' | 'readStarts' | 'readBack' | 'isPresent'>();
  expectTypeOf<keyof CardFile>().toEqualTypeOf<
    'sizeBytes' | 'mtimeMs' | 'file' | 'read' | 'changed' | 'close'
  >();
});

describe('whatever is asked of a card', () => {
  const WRITING =
    constants.O_WRONLY | constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC | constants.O_APPEND;
  /** All of `fs` that changes something by its path. */
  const CHANGING =
    /^(appendFile|chmod|chown|copyFile|cp|lchmod|lchown|link|lutimes|mkdir|mkdtemp|rename|rm|rmdir|symlink|truncate|unlink|utimes|writeFile|createWriteStream)(Sync)?$/;

  const OPENING = /^open(Sync)?$/;

  /** Flags of each open, and each call that would change something. */
  function watch(): { readonly flags: unknown[]; readonly changes: string[] } {
    const flags: unknown[] = [];
    const changes: string[] = [];
    type Module = Record<string, (...args: unknown[]) => unknown>;
    const modules = [fs, fsPromises] as unknown as Module[];
    for (const module of modules) {
      for (const [name, own] of Object.entries(module)) {
        if (typeof own !== 'function' || !(CHANGING.test(name) || OPENING.test(name))) continue;
        const instead = (...args: unknown[]) => {
          if (CHANGING.test(name)) return changes.push(name);
          flags.push(args[1]);
          return own(...args);
        };
        vi.spyOn(module, name).mockImplementation(instead);
      }
    }
    syncBuiltinESMExports();
    return { flags, changes };
  }

  test('every file and folder is opened for reading', async () => {
    const { flags, changes } = watch();
    const reader = createCardReader();
    const files = (await scanAll(reader, CARD)).map(({ path }) => at(path));
    expect(files.length).toBeGreaterThan(1);
    for (const file of files) {
      const open = await reader.open(CARD, file);
      await open.read(new Uint8Array(100), 0);
      await open.changed();
      await open.close();
      await reader.readBack(CARD, file);
    }
    (await reader.readStarts(CARD, files, 1000)).release();
    await reader.isPresent(CARD);
    expect(changes).toEqual([]);
    expect(flags.length).toBeGreaterThan(3 * files.length);
    for (const flag of flags) {
      // Left out, or a word: reading is the only one without a letter more.
      if (typeof flag === 'number') expect(flag & WRITING).toBe(0);
      else expect([undefined, 'r']).toContain(flag);
    }
  });

  test('and the watch would see a writer', async () => {
    const { flags, changes } = watch();
    fs.closeSync(fs.openSync('/dev/null', constants.O_WRONLY));
    await (await fsPromises.open('/dev/null', 'r+')).close();
    fs.rmSync('/nowhere');
    expect([flags, changes]).toEqual([[constants.O_WRONLY, 'r+'], ['rmSync']]);
  });
});

test('nothing here makes or wipes a file system, or writes a partition table', () => {
  const sources = ['adapters', 'bin', 'machines', 'services'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  expect(sources.length).toBeGreaterThan(200);
  const tools =
    /\b(mkfs|mke2fs|mkdosfs|mkexfatfs|wipefs|blkdiscard|fstrim|sgdisk|sfdisk|fdisk|parted|shred|srm)\b/;
  const isCode = (line: string) => !/^\s*(\*|\/\/|\/\*|#)/.test(line);
  const code = (path: string) => readFileSync(path, 'utf8').split('\n').filter(isCode);
  expect(sources.flatMap(code).filter((line) => tools.test(line))).toEqual([]);
  expect(code(import.meta.filename).filter((line) => tools.test(line))).toHaveLength(1);
});
