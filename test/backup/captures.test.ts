import { describe, expect, test } from 'vitest';
import type { Capture } from '../../machines/media.ts';
import type { MediaFile } from '../../services/media-ports.ts';
import { altered, DAY, type Order, type World, world } from './world.ts';

type Metadata = NonNullable<Order['metadata']>;
type Said = Readonly<Record<string, Capture | null>>;

/** What each file of the card says, by its name; nothing could be read of the others. */
const saying = (said: Said, asked: MediaFile[] = []): Metadata => ({
  captures: async (files) => {
    asked.push(...files);
    return files.map(({ name }) => said[name] ?? null);
  },
});

async function card(...names: readonly string[]): Promise<World> {
  const box = await world();
  for (const name of names) await box.put(`DCIM/100/${name}`);
  return box;
}

const pathsOf = async (box: World): Promise<readonly string[]> =>
  Object.keys(await box.onDrive()).map((path) => path.replace(/^Photos\//, ''));

const at = (day: string): Capture => ({ at: `${day}T12:00:00` });
const CANON: Capture = { at: '2026-03-04T05:06:07.8', zone: '+01:00', make: 'Canon', model: 'EOS R5' };

const capturesOf = (box: World): Record<string, Capture | undefined> =>
  Object.fromEntries(
    box.journal
      .of('FilesSettled')
      .flatMap(({ copied, duplicates }) => [...copied, ...duplicates])
      .map(({ path, capture }) => [path.slice('DCIM/100/'.length), capture]),
  );

describe('the day of a shot', () => {
  test.each<[what: string, said: Said, day: string]>([
    ['is that of its raw', { 'A.CR3': at('2026-01-01'), 'A.JPG': at('2026-01-02') }, '2026-01-01'],
    ['is that of its JPEG, when the raw says none', { 'A.JPG': at('2026-01-02') }, '2026-01-02'],
    [
      'is that of its JPEG, when the raw knows its camera alone',
      { 'A.CR3': { make: 'Canon' }, 'A.JPG': at('2026-01-02') },
      '2026-01-02',
    ],
    [
      'is that of its pictures, whatever its video says',
      { 'A.MOV': at('2026-01-03'), 'A.JPG': at('2026-01-02') },
      '2026-01-02',
    ],
    ['is that of its video, when the pictures say none', { 'A.MOV': at('2026-01-03') }, '2026-01-03'],
    ['is a day without a time', { 'A.CR3': { at: '2026-01-04' } }, '2026-01-04'],
    ['is that of the file, when nobody says one', {}, '2026-11-21'],
    ['is no path', { 'A.CR3': { at: '../../etc/x' } }, '2026-11-21'],
  ])('%s', async (_what, said, day) => {
    const box = await card('A.CR3', 'A.JPG', 'A.MOV', 'A.XMP');
    await box.backup({ metadata: saying(said) });
    const folder = `${day.slice(0, 4)}/${day}`;
    expect(await pathsOf(box)).toEqual(
      ['A.CR3', 'A.JPG', 'A.MOV', 'A.XMP'].map((name) => `${folder}/${name}`),
    );
  });

  test('of a video alone is its own', async () => {
    const box = await card('B.MP4');
    await box.backup({ metadata: saying({ 'B.MP4': at('2026-01-03') }) });
    expect(await pathsOf(box)).toEqual(['2026/2026-01-03/B.MP4']);
  });
});

describe('what the camera wrote', () => {
  test('is asked of photos, raws and videos, by their names on the card', async () => {
    const box = await card('A.CR3', 'A.XMP', 'B.MP4', 'C.WAV', 'D.TXT', 'E.JPG');
    const asked: MediaFile[] = [];
    await box.backup({ metadata: saying({}, asked) });
    expect(asked.map(({ name }) => name).sort()).toEqual(['A.CR3', 'B.MP4', 'E.JPG']);
    for (const { path } of asked) expect(path).toMatch(/\/\.imagetank\/incoming\/[^/]+$/);
  });

  test('stands in the facts of what was copied, where it wrote something', async () => {
    const box = await card('A.CR3', 'A.XMP', 'B.MP4', 'C.JPG');
    await box.backup({ metadata: saying({ 'A.CR3': CANON, 'B.MP4': {} }) });
    expect(capturesOf(box)).toEqual({
      'A.CR3': CANON,
      'A.XMP': undefined,
      'B.MP4': undefined,
      'C.JPG': undefined,
    });
    const facts = box.journal.of('FilesSettled').flatMap(({ copied }) => copied);
    expect(facts.filter((file) => 'capture' in file)).toHaveLength(1);
  });

  test('stands there in mirror too, where no day is wanted', async () => {
    const box = await card('A.CR3');
    await box.backup({ layout: 'mirror', metadata: saying({ 'A.CR3': CANON }) });
    expect(capturesOf(box)).toEqual({ 'A.CR3': CANON });
  });

  test('of a duplicate is not written down again', async () => {
    const box = await card('A.CR3');
    await box.backup({ metadata: saying({ 'A.CR3': CANON }) });
    await box.insert('SD2');
    await box.put('DCIM/100/A.CR3', 'DCIM/100/A.CR3');
    await box.backup({ metadata: saying({ 'A.CR3': { ...CANON, serial: '2' } }) });
    const [, again] = box.journal.of('FilesSettled');
    expect(again).toMatchObject({ copied: [], duplicates: [{ path: 'DCIM/100/A.CR3' }] });
    expect(again?.duplicates[0]).not.toHaveProperty('capture');
  });

  test('is read again of a file that had to be copied again', async () => {
    const box = await card('A.JPG');
    const asked: MediaFile[] = [];
    let readings = 0;
    const store = altered(box.drive, {
      readBackAll: async (files, after) => {
        const results = await box.drive.readBackAll(files, after);
        readings += 1;
        return readings === 1 ? results.map((result) => ({ ...result, xxh64: '0'.repeat(16) })) : results;
      },
    });
    await box.backup({ drives: [store], metadata: saying({ 'A.JPG': CANON }, asked) });
    expect(asked).toHaveLength(2);
    expect(asked[0]?.path).not.toBe(asked[1]?.path);
    expect(capturesOf(box)).toEqual({ 'A.JPG': CANON });
    expect(await pathsOf(box)).toEqual(['2026/2026-03-04/A.JPG']);
  });
});

describe('a note of the backup says what has no date', () => {
  const notesOf = (end: unknown): unknown => (end as { notes?: unknown }).notes;

  test('one file', async () => {
    const box = await card('A.JPG', 'B.JPG');
    const end = await box.backup({ metadata: saying({ 'B.JPG': at('2026-11-21') }) });
    expect(end).toMatchObject({ type: 'BackupFinished' });
    expect(notesOf(end)).toEqual([
      'DCIM/100/A.JPG has no capture date that can be read: the time of the file counts instead',
    ]);
    expect(Object.keys(await box.onDrive())).toEqual([`${DAY}/A.JPG`, `${DAY}/B.JPG`]);
  });

  test('many files in one line, however many batches and drives there are', async () => {
    const names = Array.from({ length: 300 }, (_, n) => `IMG_${String(n).padStart(4, '0')}.JPG`);
    const box = await card(...names);
    await box.addDrive('SECOND');
    const end = await box.backup({ metadata: saying({}) });
    expect(notesOf(end)).toEqual([
      expect.stringMatching(
        /^DCIM\/100\/IMG_\d+\.JPG, DCIM\/100\/IMG_\d+\.JPG, DCIM\/100\/IMG_\d+\.JPG and 297 others have no capture date that can be read: the time of the file counts instead$/,
      ),
    ]);
    expect(box.journal.of('FilesSettled').flatMap(({ notes = [] }) => notes)).toEqual([]);
  });

  test.each<[what: string, names: readonly string[], said: Said]>([
    ['a shot that another member dates', ['A.CR3', 'A.JPG'], { 'A.JPG': CANON }],
    ['a video that knows UTC alone', ['A.MP4'], { 'A.MP4': {} }],
    ['a video that knows its camera alone', ['A.MP4'], { 'A.MP4': { make: 'GoPro' } }],
    ['sidecars, sound and what is no media', ['A.XMP', 'B.WAV', 'C.TXT'], {}],
  ])('and not %s', async (_what, names, said) => {
    const box = await card(...names);
    expect(await box.backup({ metadata: saying(said) })).not.toHaveProperty('notes');
  });

  test.each<[what: string, name: string, said: Said]>([
    ['a video of which nothing could be read', 'A.MP4', {}],
    ['a photo that knows its camera alone', 'A.JPG', { 'A.JPG': { make: 'NIKON' } }],
    ['a photo that says nothing of use', 'A.JPG', { 'A.JPG': {} }],
    ['a raw of which nothing could be read', 'A.CR3', {}],
  ])('also %s', async (_what, name, said) => {
    const box = await card(name);
    expect(notesOf(await box.backup({ metadata: saying(said) }))).toEqual([
      expect.stringContaining(`${name} has no capture date`),
    ]);
  });

  test('and not one that has a note of its own, because it is blank', async () => {
    const box = await world();
    await box.put('DCIM/100/A.JPG', Buffer.alloc(5000));
    expect(await box.backup({ metadata: saying({}) })).not.toHaveProperty('notes');
  });

  test('also when the backup is interrupted', async () => {
    const box = await card('A.JPG');
    let settled = false;
    await box.backup({
      metadata: saying({}),
      emit: async (fact) => {
        await box.journal.emit(fact);
        settled ||= fact.type === 'FilesSettled';
      },
      stop: () => (settled ? 'shutdown' : null),
    });
    expect(box.journal.last()).toMatchObject({
      type: 'BackupInterrupted',
      notes: [expect.stringContaining('A.JPG has no capture date')],
    });
  });
});
