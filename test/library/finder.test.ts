import { beforeEach, describe, expect, test } from 'vitest';
import { memoryStore } from '../../adapters/memory/memory-store.ts';
import { VirtualClock } from '../../adapters/memory/virtual-clock.ts';
import { Finder, LOOK_AT_ONCE, MAX_LOOKED, MAX_SEARCHES } from '../../services/library/finder.ts';
import { Library } from '../../services/library/library.ts';
import type { PartPage, PhotoShelf } from '../../services/library/ports.ts';
import { NO_RESTS, TimedRests } from '../../services/library/rests.ts';
import { file, settled, stamped } from '../journal/facts.ts';

const QUERY = { part: '0123', of: null } as const;

/** Finds nothing, without an end, and counts how often it was asked. */
class EndlessShelf implements Pick<PhotoShelf, 'withPart'> {
  readonly asked: (string | null)[] = [];
  onAsked: () => void = () => undefined;

  withPart(...[, { after = null }]: Parameters<PhotoShelf['withPart']>): PartPage {
    this.asked.push(after);
    this.onAsked();
    return { photos: [], next: `${this.asked.length}`, day: '2019-05-03' };
  }
}

let shelf: EndlessShelf;
beforeEach(() => {
  shelf = new EndlessShelf();
});

/** Runs what waits for no timer. */
const settle = async () => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};

describe('a search', () => {
  test('ends when it has looked at enough, and says how far it came', async () => {
    const finder = new Finder(shelf, NO_RESTS);
    const found = await finder.find(QUERY, {});
    const pieces = MAX_LOOKED / LOOK_AT_ONCE;
    expect(found).toEqual({ photos: [], next: `${pieces}`, day: '2019-05-03' });
    expect(shelf.asked).toHaveLength(pieces);
    await finder.find(QUERY, { after: found.next });
    expect(shelf.asked[pieces]).toBe(found.next);
  });

  test('ends when nobody waits for it any more', async () => {
    const gone = new AbortController();
    shelf.onAsked = () => gone.abort();
    const { next } = await new Finder(shelf, NO_RESTS).find(QUERY, {}, gone.signal);
    expect([shelf.asked, next]).toEqual([[null], '1']);
  });

  test('gives way after 2 ms of work, for 2 ms, and for nine times as long as it works while a copy is made', async () => {
    const clock = new VirtualClock({ startMs: 0 });
    let copying = false;
    const gone = new AbortController();
    shelf.onAsked = () => clock.advance(1);
    const searching = new Finder(shelf, new TimedRests(clock, () => copying)).find(QUERY, {}, gone.signal);
    await settle();
    expect(shelf.asked).toHaveLength(2);
    clock.advance(1);
    await settle();
    expect(shelf.asked).toHaveLength(2);
    copying = true;
    clock.advance(1);
    await settle();
    expect(shelf.asked).toHaveLength(4);
    clock.advance(17);
    await settle();
    expect(shelf.asked).toHaveLength(4);
    gone.abort();
    clock.advance(1);
    await searching;
  });

  test('waits for the one before it; more than a few are refused, and room comes back', async () => {
    const clock = new VirtualClock({ startMs: 0 });
    const finder = new Finder(shelf, new TimedRests(clock, () => false));
    shelf.onAsked = () => clock.advance(2);
    const gone = new AbortController();
    const searches = Array.from({ length: MAX_SEARCHES }, () => finder.find(QUERY, {}, gone.signal));
    await settle();
    expect(shelf.asked).toHaveLength(1);
    await expect(finder.find(QUERY, {})).rejects.toMatchObject({ code: 'too-many-searches', exitCode: 75 });
    gone.abort();
    clock.advance(2);
    await Promise.all(searches);
    // Those that nobody waits for do not even begin.
    expect(shelf.asked).toHaveLength(1);
    const last = finder.find(QUERY, { after: 'again' }, gone.signal);
    expect(await last).toMatchObject({ next: 'again' });
  });

  test('that breaks leaves the next one alone', async () => {
    const finder = new Finder(shelf, NO_RESTS);
    shelf.onAsked = () => {
      throw new Error('disk I/O error');
    };
    await expect(finder.find(QUERY, {})).rejects.toThrow('disk I/O error');
    shelf.onAsked = () => undefined;
    expect(await finder.find(QUERY, {})).toMatchObject({ photos: [] });
  });
});

describe('the library', () => {
  const names = async (library: Library, ...[part, filter, page]: Parameters<Library['find']>) =>
    (await library.find(part, filter, page)).photos.map(({ name }) => name);

  async function given(): Promise<Library> {
    const store = memoryStore();
    const files = ['IMG_0001.CR3', 'IMG_0002.CR3', 'MVI_0001.MP4'].map((name) =>
      file(`Photos/2026/2026-11-21/${name}`, { content: name }),
    );
    await store.log.append(stamped([settled('b1', { copied: files })]));
    return new Library(store);
  }

  test('finds a part of a name, also in a day or card that is named as people name it', async () => {
    const library = await given();
    expect(await names(library, '0001')).toEqual(['MVI_0001.MP4', 'IMG_0001.CR3']);
    expect(await names(library, 'img', { day: '2026-11-21' })).toEqual(['IMG_0002.CR3', 'IMG_0001.CR3']);
    expect(await names(library, 'mvi', { camera: 'unknown' })).toEqual(['MVI_0001.MP4']);
    const { searchedTo, next, photos } = await library.find('img', {}, { limit: 1 });
    expect([photos.length, searchedTo, typeof next]).toEqual([1, '2026-11-21', 'string']);
    expect(await names(library, 'img', {}, { after: next })).toEqual(['IMG_0001.CR3']);
  });

  test('refuses two things, a name beside a part of one, and what is no day', async () => {
    const library = await given();
    for (const filter of [{ name: 'IMG_0001.CR3' }, { day: '2026-11-21', card: 'A' }, { day: 'today' }]) {
      await expect(library.find('img', filter)).rejects.toMatchObject({ exitCode: 64 });
    }
    await expect(library.find('img', { card: 'nobody' })).rejects.toMatchObject({ exitCode: 66 });
  });
});
