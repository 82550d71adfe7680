import { describe, expect, test } from 'vitest';
import {
  chapterText,
  clockText,
  dayText,
  kindText,
  photoLabel,
  safetyText,
  sectionText,
  selectionText,
  shortDayText,
  takenText,
} from '../../../adapters/web/gallery/words.ts';
import type { Chapter } from '../../../services/library/shapes.ts';
import { photo } from './photos.ts';

/** Between a number and its unit, and in the formats of some ICU versions. */
const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ').replace('Saturday,', 'Saturday');

describe('a day', () => {
  test('in both languages', () => {
    expect(plain(dayText('2025-05-03', 'en'))).toBe('Saturday 3 May 2025');
    expect(dayText('2025-05-03', 'de')).toBe('Samstag, 3. Mai 2025');
  });

  test('where there is little room', () => {
    expect(shortDayText('2025-05-03', 'en')).toBe('3 May 2025');
    expect(shortDayText('2025-05-03', 'de')).toBe('3. Mai 2025');
    expect(shortDayText('', 'de')).toBe('Tag unbekannt');
  });

  test('that nobody knows, and one that is none', () => {
    expect(dayText('', 'en')).toBe('Day not known');
    expect(dayText('soon', 'en')).toBe('soon');
  });

  test('with its photos and how safe they are', () => {
    const safe = { fewestCopies: 2, photosWithFewest: 5 };
    expect(sectionText({ count: 1200, safety: safe }, 'en')).toBe('1,200 photos · each on 2 drives');
    expect(sectionText({ count: 1, safety: { ...safe, fewestCopies: 1 } }, 'de')).toBe(
      '1 Foto · jedes auf 1 Laufwerk',
    );
    expect(sectionText({ count: 9, safety: { fewestCopies: 0, photosWithFewest: 3 } }, 'en')).toBe(
      '9 photos · 3 without a verified copy',
    );
    expect(sectionText({ count: 2, safety: null }, 'en')).toBe('2 photos');
  });
});

describe('the time of a photo', () => {
  test('is what the camera showed, in no zone of the browser', () => {
    expect(clockText('2025-05-03T23:59:30', 'en')).toBe('23:59');
    expect(clockText(null, 'en')).toBe('');
    expect(clockText('nonsense', 'en')).toBe('');
  });

  test('has its zone, or says whose time it is, or where the day is from', () => {
    const taken = { takenAt: '2025-05-03T12:31:00', zone: '+02:00', day: '2025-05-03' };
    expect(plain(takenText(taken, 'en'))).toBe('Saturday 3 May 2025, 12:31 +02:00');
    expect(plain(takenText({ ...taken, zone: null }, 'en'))).toBe(
      'Saturday 3 May 2025, 12:31 (camera’s time)',
    );
    expect(takenText({ takenAt: null, zone: null, day: '2025-05-03' }, 'de')).toBe(
      'Samstag, 3. Mai 2025 (von der Datei)',
    );
    expect(takenText({ takenAt: null, zone: null, day: null }, 'en')).toBe('Day not known');
  });
});

test.each([
  ['A.CR3', 'RAW'],
  ['A.HEIC', 'Photo'],
  ['A.MOV', 'Video'],
  ['A.WAV', 'Audio'],
  ['A.XMP', 'File'],
  ['A.TXT', 'File'],
])('%s is %s', (name, kind) => {
  expect(kindText(name, 'en')).toBe(kind);
});

test('a screen reader hears name, kind, day, time, and what is wrong', () => {
  expect(plain(photoLabel(photo('IMG_1'), 'en'))).toBe('IMG_1.JPG, Photo, Saturday 3 May 2025, 12:31');
  expect(photoLabel(photo('IMG_1', { takenAt: null, verifiedCopies: 0 }), 'de')).toBe(
    'IMG_1.JPG, Foto, Samstag, 3. Mai 2025, keine geprüfte Kopie',
  );
});

describe('where it is safe', () => {
  const copy = (label: string, verified: boolean, path = 'Photos/a') => ({
    drive: { id: `id-${label}`, label },
    path,
    verified,
    state: verified ? ('verified' as const) : ('claimed' as const),
    verifiedFrom: null,
  });

  test('each drive is named once', () => {
    expect(
      safetyText({ copies: [copy('A', true), copy('A', true, 'Photos/b'), copy('B', true)] }, 'en'),
    ).toBe('verified on 2 drives: A, B');
  });

  test('what is only said to be somewhere is told apart', () => {
    expect(safetyText({ copies: [copy('A', true), copy('B', false), copy('A', false, 'x')] }, 'en')).toBe(
      'verified on 1 drive: A; not re-read yet on B',
    );
    expect(safetyText({ copies: [copy('B', false)] }, 'en')).toBe('no verified copy; not re-read yet on B');
  });

  test('nowhere', () => {
    expect(safetyText({ copies: [] }, 'en')).toBe('no verified copy');
  });
});

describe('the life of a photo', () => {
  const told = {
    seq: 1,
    at: '2026-11-21T10:00:00Z',
    clock: 'synced',
    drive: { id: 'd', label: 'TANK' },
    to: 'Photos/a',
  };
  const settled = {
    ...told,
    backup: { id: 'b', outcome: 'done' },
    card: { id: 'c', label: 'NIKON' },
    path: 'DCIM/a',
    modifiedAt: null,
    secondReading: null,
    notes: [],
  };
  test.each<[object, string]>([
    [{ ...settled, what: 'copied', verifiedFrom: 'medium' }, 'Copied from NIKON to TANK and verified'],
    [
      { ...settled, what: 'copied', verifiedFrom: 'cache' },
      'Copied from NIKON to TANK; read back from memory only',
    ],
    [{ ...settled, what: 'found', verifiedFrom: 'medium' }, 'Found again on NIKON; it was on TANK already'],
    [{ ...told, what: 'claimed' }, 'TANK says that it has it; not re-read yet'],
    [{ ...told, what: 'indexed' }, 'Found and read on TANK'],
    [{ ...told, what: 'lost', why: 'missing' }, 'Missing on TANK'],
    [{ ...told, what: 'lost', why: 'altered' }, 'Altered on TANK'],
    [{ ...told, what: 'sealed', manifest: 'x' }, 'Sealed in the manifest of TANK'],
    [{ ...told, what: 'reread' }, 'Read again on TANK: still as it was'],
    [{ ...told, what: 'forgotten' }, 'TANK was forgotten'],
  ])('%#: %s', (chapter, words) => {
    expect(chapterText(chapter as Chapter, 'en')).toBe(words);
  });
});

test('what is picked out is told in number and size', () => {
  expect(plain(selectionText(1234, 64e9, 'en'))).toBe('1,234 selected, 64 GB');
});
