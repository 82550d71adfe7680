import { Buffer } from 'node:buffer';
import { describe, expect, test } from 'vitest';
import type { Card } from '../../machines/facts.ts';
import { type CardId, cardId, driveId, relativePath } from '../../machines/ids.ts';
import {
  dayOfMtime,
  folderOf,
  isDay,
  type Layout,
  needsDay,
  shelvingOf,
} from '../../services/library/layout.ts';
import type { Catalogue, ScannedFile } from '../../services/ports.ts';

const CARD: Card = {
  id: cardId('AAAA-1+1000'),
  label: 'SD1',
  uuid: 'AAAA-1',
  path: '/media/SD1',
  kind: 'volume',
  sizeBytes: 1000,
  fsType: 'vfat',
  hardware: null,
  readOnly: true,
};

const shelving = (
  card: Partial<Card>,
  layout: Layout = 'dated',
  owners: Record<string, string[]> = {},
  restricted = false,
) =>
  shelvingOf({ ...CARD, ...card }, layout, {
    driveId: driveId('d'),
    restricted,
    catalogue: {
      cardsBelow: (_, folder) => (owners[folder] ?? []) as CardId[],
    } as Partial<Catalogue> as Catalogue,
  });

const group = (...paths: string[]): { members: ScannedFile[] } => ({
  members: paths.map((path) => ({ kind: 'file', path: relativePath(path), sizeBytes: 1, mtimeMs: 0 })),
});

describe('folder of a card', () => {
  test.each([
    ['SD1', 'Photos/SD1'],
    ['a/b', 'Photos/a%2Fb'],
    ['..', 'Photos/%2E%2E'],
    ['.', 'Photos/%2E'],
    ['ascmhl', 'Photos/%61scmhl'],
    ['new\nline', 'Photos/new%0Aline'],
    ['', 'Photos/AAAA-1+1000'],
  ])('label %j', (label, folder) => {
    expect(shelving({ label }).photos).toBe(folder);
  });

  test('on a restricted file system the label is escaped too', () => {
    expect(shelving({ label: 'A:B.' }, 'dated', {}, true).other).toBe('Other/A%3AB%2E');
  });

  test('a card keeps its folder; another of the same label gets its own', () => {
    const mine = { 'Photos/SD1': [CARD.id], 'Other/SD1': ['another'] };
    expect(shelving({}, 'mirror', mine)).toMatchObject({ photos: 'Photos/SD1', other: 'Other/SD1 (AAAA-1)' });
  });

  test('a folder as card is told by its path', () => {
    const taken = { 'Photos/SD1': ['another'] };
    const folder = { kind: 'folder', uuid: null } as const;
    const one = shelving({ ...folder, id: cardId('/a/SD1') }, 'mirror', taken).photos;
    const two = shelving({ ...folder, id: cardId('/b/SD1') }, 'mirror', taken).photos;
    expect(one).toMatch(/^Photos\/SD1 \([0-9a-f]{8}\)$/);
    expect(two).not.toBe(one);
  });

  test('a volume without UUID shares the folder: it is another card at each insertion', () => {
    const taken = { 'Photos/SD1': ['insertion-1'] };
    expect(shelving({ uuid: null, id: cardId('insertion-2') }, 'mirror', taken).photos).toBe('Photos/SD1');
  });
});

describe('folder of a group', () => {
  test.each([
    ['dated', ['DCIM/100/IMG_1.CR2', 'DCIM/100/IMG_1.xmp'], 'Photos/2026/2026-11-21'],
    ['dated', ['IMG_1.MOV'], 'Photos/2026/2026-11-21'],
    ['dated', ['MISC/AUTPRINT.MRK'], 'Other/SD1/MISC'],
    ['dated', ['top.txt'], 'Other/SD1'],
    ['dated', ['PRIVATE/AVCHD/BDMV/STREAM/00000.MTS'], 'Other/SD1/PRIVATE/AVCHD/BDMV/STREAM'],
    ['mirror', ['DCIM/100/IMG_1.CR2'], 'Photos/SD1/DCIM/100'],
    ['mirror', ['top.txt'], 'Photos/SD1'],
    ['mirror', ['ascmhl/0001.mhl'], 'Photos/SD1/%61scmhl'],
  ] as const)('%s %j', (layout, paths, folder) => {
    expect(folderOf(group(...paths), shelving({}, layout), '2026-11-21')).toBe(folder);
    expect(needsDay(group(...paths), layout)).toBe(folder.startsWith('Photos/2026'));
  });

  test('folders of the card are made safe one by one', () => {
    const safe = shelving({}, 'mirror', {}, true);
    expect(folderOf(group('a:b/c. /x.JPG'), safe, '')).toBe('Photos/SD1/a%3Ab/c%2E%20');
  });
});

describe('days', () => {
  test.each([
    [Date.UTC(2026, 10, 21, 23, 59, 59), '2026-11-21'],
    [Date.UTC(2026, 10, 22), '2026-11-22'],
    [0, '1970-01-01'],
    [-1, '1969-12-31'],
    [Number.NaN, '1970-01-01'],
    [Number.POSITIVE_INFINITY, '1970-01-01'],
    [9e15, '1970-01-01'],
    [Date.UTC(2107, 11, 31), '1970-01-01'],
    [Date.UTC(12_000, 0), '1970-01-01'],
  ])('%d ms is %s', (mtimeMs, day) => {
    expect(dayOfMtime(mtimeMs)).toBe(day);
  });

  test.each(['2026-11-21', '2024-02-29', '1900-01-01', '2100-12-31'])('%s is a day', (text) => {
    expect(isDay(text)).toBe(true);
  });

  test.each([
    '2026-02-29',
    '2026-13-01',
    '0000-00-00',
    '1899-12-31',
    '2101-01-01',
    '2026-1-1',
    '../../etc',
    '2026-11-21x',
    '',
  ])('%j is none', (text) => {
    expect(isDay(text)).toBe(false);
  });
});

describe('a path that is too deep for the drive', () => {
  const deep = (folder: string, depth: number) => group(`${`${folder}/`.repeat(depth)}IMG_1.JPG`);
  const mirror = shelving({}, 'mirror', {}, true);

  test('of more than 255 bytes is as on the card', () => {
    expect(folderOf(deep('folder', 100), mirror, '')).toBe(`Photos/SD1/${'folder/'.repeat(99)}folder`);
  });

  test('keeps what fits, and ends in one folder for the rest', () => {
    const folder = folderOf(deep('a?b', 600), mirror, '');
    expect(folder).toMatch(/^Photos\/SD1\/(a%3Fb\/)+~[\da-f]{16}$/);
    expect(folder.length).toBeGreaterThan(2000);
    expect(folder.length).toBeLessThanOrEqual(2048);
  });

  test('is another folder for another path, and the same each time', () => {
    const [one, two] = [folderOf(deep('x', 1500), mirror, ''), folderOf(deep('x', 1501), mirror, '')];
    expect(one).not.toBe(two);
    expect(folderOf(deep('x', 1500), mirror, '')).toBe(one);
  });

  test('counts bytes, not characters', () => {
    expect(Buffer.byteLength(folderOf(deep('é'.repeat(50), 30), mirror, ''))).toBeLessThanOrEqual(2048);
  });
});
