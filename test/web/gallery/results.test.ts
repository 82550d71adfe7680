import { describe, expect, test } from 'vitest';
import {
  byDay,
  filterOf,
  fits,
  isWanting,
  NOTHING_WANTED,
  Results,
} from '../../../adapters/web/gallery/results.ts';
import { FakeBox, photo, photosOf } from './photos.ts';

const wanting = (more: Partial<typeof NOTHING_WANTED>) => ({ ...NOTHING_WANTED, ...more });

test('nothing is wanted until a word is given', () => {
  expect(isWanting(NOTHING_WANTED)).toBe(false);
  expect(isWanting(wanting({ card: 'card-1' }))).toBe(true);
});

describe('the box is asked by one thing, and a part of a name in it', () => {
  test.each([
    [{ name: '0123' }, { find: '0123' }],
    [
      { name: '0123', day: '2025-05-03', card: 'c', camera: 'm' },
      { find: '0123', day: '2025-05-03' },
    ],
    [
      { name: '0123', camera: 'm' },
      { find: '0123', camera: 'm' },
    ],
    [{ day: '2025-05-03', card: 'c', camera: 'm' }, { day: '2025-05-03' }],
    [{ card: 'c', camera: 'm' }, { card: 'c' }],
    [{ camera: 'm' }, { camera: 'm' }],
  ])('%j by %j', (wanted, filter) => {
    expect(filterOf(wanting(wanted))).toEqual(filter);
  });
});

describe('a photo fits', () => {
  const one = photo('A1');
  test.each([
    // Found by the name of a copy.
    [{ name: 'PIMG_000001' }, true],
    [{ day: '2025-05-03' }, true],
    [{ day: '2025-05-04' }, false],
    [{ camera: 'SONY ILCE-7M3' }, true],
    [{ camera: 'unknown' }, false],
    [{ card: 'card-1' }, true],
    [{ card: 'card-2' }, false],
    [{ card: 'card-1', camera: 'NIKON D750' }, false],
  ])('%j: %s', (wanted, does) => {
    expect(fits(one, wanting(wanted))).toBe(does);
  });

  test('without a camera, where those are wanted', () => {
    expect(fits(photo('A1', { camera: null }), wanting({ camera: 'unknown' }))).toBe(true);
  });
});

describe('results', () => {
  const days = { '2025-05-03': photosOf('2025-05-03', 3), '2025-05-02': photosOf('2025-05-02', 2) };
  const given = (wanted: Partial<typeof NOTHING_WANTED>, box = new FakeBox(days)) => {
    const changes = { count: 0 };
    const results = new Results(box, wanting(wanted), () => {
      changes.count += 1;
    });
    return { box, results, changes };
  };

  test('are days of what has come so far', async () => {
    const { results } = given({ card: 'card-1' });
    await results.more();
    expect(results.sections.map(({ day, count }) => [day, count])).toEqual([['2025-05-03', 2]]);
    await results.more();
    expect(results.sections.map(({ day, count }) => [day, count])).toEqual([
      ['2025-05-03', 3],
      ['2025-05-02', 1],
    ]);
    await results.more();
    expect(results.isWhole).toBe(true);
    expect(results.sections[1]?.photos).toHaveLength(2);
    expect(results.sections[0]?.safety).toBeNull();
  });

  test('pages in which nothing fits are passed over', async () => {
    const { results, box } = given({ card: 'card-1', camera: 'NIKON D750' });
    await results.more();
    expect(results.isWhole).toBe(true);
    expect(results.sections).toEqual([]);
    expect(box.asked).toHaveLength(3);
  });

  test('but not without an end at a time', async () => {
    const many = new FakeBox({ '2025-05-03': photosOf('2025-05-03', 100) });
    const { results, box } = given({ card: 'card-1', camera: 'NIKON D750' }, many);
    await results.more();
    expect(box.asked).toHaveLength(10);
    expect(results.isWhole).toBe(false);
  });

  test('two who ask at once get one answer, and overlapping pages no photo twice', async () => {
    const { results, box } = given({ card: 'card-1' });
    await Promise.all([results.more(), results.more()]);
    expect(box.asked).toHaveLength(1);
    box.photos = async () => ({ photos: photosOf('2025-05-03', 3), next: null });
    await results.more();
    expect(results.sections[0]?.photos.map(({ id }) => id)).toEqual([
      '2025-05-03#1',
      '2025-05-03#2',
      '2025-05-03#3',
    ]);
  });

  test('a search says how far it came while it finds nothing', async () => {
    const { results, box, changes } = given({ name: '0123' });
    const seen: (string | null)[] = [];
    let days = ['2024-01-01', '2023-01-01', null];
    box.photos = async () => {
      const [searchedTo = null, ...rest] = days;
      days = rest;
      seen.push(results.searchedTo);
      return { photos: [], next: searchedTo, searchedTo };
    };
    await results.more();
    expect([seen, results.searchedTo, results.isWhole]).toEqual([
      [null, '2024-01-01', '2023-01-01'],
      null,
      true,
    ]);
    expect(changes.count).toBe(3);
  });

  test('what nobody looks for any more is not asked for, and is no trouble', async () => {
    const { results, box, changes } = given({ name: '0123' });
    box.photos = (_filter, _after, gone) =>
      new Promise((_, reject) => gone?.addEventListener('abort', () => reject(gone.reason)));
    const searching = results.more();
    results.stop();
    await searching;
    await results.more();
    expect([results.trouble, changes.count]).toEqual([null, 0]);
  });

  test('trouble is told, and asked again it goes on where it was', async () => {
    const { results, box, changes } = given({ card: 'card-1' });
    await results.more();
    box.fails = true;
    await results.more();
    expect(results.trouble).toBeInstanceOf(TypeError);
    box.fails = false;
    await results.more();
    expect(results.trouble).toBeNull();
    expect(box.asked.at(-1)).toBe('{"card":"card-1"} after 2025-05-03#2');
    expect(changes.count).toBe(3);
  });
});

test('photos without a day are a section of their own', () => {
  expect(byDay([photo('a', { day: null }), photo('b'), photo('c', { day: null })])).toEqual([
    { day: '', count: 2, photos: [photo('a', { day: null }), photo('c', { day: null })], safety: null },
    { day: '2025-05-03', count: 1, photos: [photo('b')], safety: null },
  ]);
});
