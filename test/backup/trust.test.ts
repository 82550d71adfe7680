import { describe, expect, test } from 'vitest';
import { driveId, relativePath } from '../../machines/ids.ts';
import type { Source } from '../../services/backup/source.ts';
import { examine, faultsOf, isVerified } from '../../services/backup/trust.ts';
import type { DriveStore, FoundFile, ReadBack } from '../../services/media-ports.ts';
import type { Copy } from '../../services/ports.ts';

const COPY: Copy = {
  driveId: driveId('d'),
  to: relativePath('Photos/x.jpg'),
  sizeBytes: 10,
  xxh64: '00000000000000aa',
  toMtimeMs: 5000,
  state: 'verified',
  verifiedFrom: 'medium',
  backupId: null,
};

/** A drive on which one file is found, and what its medium gives. */
function look(found: FoundFile | null, medium: Partial<ReadBack> = {}, fsType = 'ext4') {
  const read: string[] = [];
  const told: ReadBack[] = [];
  const settled: string[] = [];
  const store: Partial<DriveStore> = {
    drive: { fsType } as DriveStore['drive'],
    rules: { maxFileBytes: null, restrictedNames: false, verifiedFrom: 'medium' },
    stat: async () => found,
    statAll: async (paths) => paths.map(() => found),
    readBack: async (path) => {
      read.push(path);
      return { xxh64: COPY.xxh64, sizeBytes: 10, verifiedFrom: 'medium', ...medium };
    },
  };
  store.settle = async (paths) => void settled.push(...paths);
  const source = { check: () => undefined } as Source;
  const onReadBack = (result: ReadBack) => void told.push(result);
  const context = { store: store as DriveStore, source, claim: () => true, onReadBack };
  return { context, read, told, settled };
}

const CARD_FILE = { file: '1:1' };
const here = { sizeBytes: 10, mtimeMs: 5000, file: '2:7' };
const trusted = (toMtimeMs: number) => ({ trusted: { to: COPY.to, toMtimeMs } });

describe('a recorded copy', () => {
  test('that is verified and lies as recorded is not read', async () => {
    const { context, read } = look(here);
    expect(await examine(COPY, CARD_FILE, context)).toEqual(trusted(5000));
    expect(read).toEqual([]);
  });

  test('that is gone is missing', async () => {
    expect(await examine(COPY, CARD_FILE, look(null).context)).toEqual({ lost: 'missing' });
  });

  test.each([
    ['verified', COPY],
    ['only claimed', { ...COPY, state: 'claimed', toMtimeMs: null, verifiedFrom: null } as const],
  ])('that is the very file of the card is no copy of it, and is not lost either: %s', async (_, copy) => {
    const { context, read, settled } = look({ ...here, file: CARD_FILE.file });
    expect(await examine(copy, CARD_FILE, context)).toBe('no-copy');
    expect([read, settled]).toEqual([[], []]);
  });

  test('that is a copy of another drive of this backup is none, and is not lost either', async () => {
    const { context, read } = look(here);
    const claim = (file: string) => file !== here.file;
    expect(await examine(COPY, CARD_FILE, { ...context, claim })).toBe('no-copy');
    expect(read).toEqual([]);
  });

  test('of another size is altered, without reading it', async () => {
    const { context, read } = look({ ...here, sizeBytes: 11 });
    expect(await examine(COPY, CARD_FILE, context)).toEqual({ lost: 'altered' });
    expect(read).toEqual([]);
  });

  test.each([
    ['only claimed', { state: 'claimed', toMtimeMs: null, verifiedFrom: null } as const, here],
    ['claimed, whatever time is known of it', { state: 'claimed' } as const, here],
    ['verified from the cache where the medium can be read', { verifiedFrom: 'cache' } as const, here],
    ['of unknown time', { toMtimeMs: null }, here],
    ['touched', {}, { ...here, mtimeMs: 5002 }],
  ])('that is %s is read back', async (_, change, found) => {
    const good = look(found);
    expect(await examine({ ...COPY, ...change }, CARD_FILE, good.context)).toEqual(trusted(found.mtimeMs));
    expect(good.read).toEqual([COPY.to]);
    expect(good.told).toHaveLength(1);
    // Moved there by its owner a moment ago, perhaps: the name is made durable before it is recorded.
    expect(good.settled).toEqual([COPY.to]);
    const bad = look(found, { xxh64: '00000000000000bb' });
    expect(await examine({ ...COPY, ...change }, CARD_FILE, bad.context)).toEqual({ lost: 'altered' });
    expect(bad.settled).toEqual([]);
    const short = look(found, { sizeBytes: 9 });
    expect(await examine({ ...COPY, ...change }, CARD_FILE, short.context)).toEqual({ lost: 'altered' });
  });
});

describe('as recorded', () => {
  test.each([
    ['ext4', 0, true],
    ['ext4', 1, true],
    ['ext4', 2, false],
    ['vfat', 2000, true],
    ['vfat', -2000, true],
    ['vfat', 2001, false],
    ['exfat', 2000, true],
    ['ntfs3', 2000, false],
  ])('%s, %d ms off: %s', async (fsType, off, same) => {
    const { context } = look({ ...here, mtimeMs: 5000 + off }, {}, fsType);
    expect(await faultsOf(context.store, [COPY])).toEqual([same ? null : 'altered']);
  });

  test('another size is altered, whatever the time', async () => {
    expect(await faultsOf(look({ ...here, sizeBytes: 9 }).context.store, [COPY])).toEqual(['altered']);
  });

  test('what is not there is missing', async () => {
    expect(await faultsOf(look(null).context.store, [COPY])).toEqual(['missing']);
  });
});

describe('verified', () => {
  test.each([
    ['verified', 'medium', 'medium', true],
    ['verified', 'medium', 'cache', true],
    ['verified', 'cache', 'cache', true],
    ['verified', 'cache', 'medium', false],
    ['verified', null, 'medium', false],
    ['claimed', 'medium', 'medium', false],
  ] as const)('%s from %s on a drive that gives its %s: %s', (state, verifiedFrom, rules, verified) => {
    const { store } = look(here).context;
    const drive = { ...store, rules: { ...store.rules, verifiedFrom: rules } };
    expect(isVerified(drive, { ...COPY, state, verifiedFrom })).toBe(verified);
  });
});
