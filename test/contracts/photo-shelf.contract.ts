import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Fact } from '../../machines/facts.ts';
import { driveId, relativePath } from '../../machines/ids.ts';
import type { Capture, FileOnDrive } from '../../machines/media.ts';
import type { Grouping, PartQuery, PhotoFilter } from '../../services/library/ports.ts';
import {
  adopted,
  file,
  forgotten,
  learned,
  lost,
  planned,
  sealed,
  settled,
  stamped,
  xxh64Of,
} from '../journal/facts.ts';
import type { StoreSubject } from './store-subject.ts';

const D = driveId('D');
const R5 = { make: 'Canon', model: 'Canon EOS R5' } as const;

/** A photo of the card; `content` says which one. */
function photo(
  name: string,
  content: string,
  capture: Capture | null = null,
  folder = 'Photos/2026/2026-11-21',
): FileOnDrive {
  const made = file(`${folder}/${name}`, { content, from: `DCIM/100CANON/${name}` });
  return capture === null ? made : { ...made, capture };
}
const at = (time: string): Capture => ({ at: `2026-11-21T${time}`, ...R5 });
const idOf = (content: string, sizeBytes = 10) => `${xxh64Of(content)}-${sizeBytes}`;

/** What every `PhotoShelf` must answer. */
export function photoShelfContract(name: string, setUp: () => Promise<StoreSubject>): void {
  describe(`PhotoShelf: ${name}`, () => {
    let subject: StoreSubject;
    beforeEach(async () => {
      subject = await setUp();
    });
    afterEach(() => subject.cleanUp());
    const shelf = () => subject.store.shelf;
    const given = (...facts: readonly Fact[]) => subject.store.log.append(stamped(facts));
    const copied = (...files: readonly FileOnDrive[]) => settled('b1', { copied: files });
    const names = (filter: PhotoFilter) =>
      shelf()
        .photos(filter)
        .photos.map((one) => one.name);
    const named = (path: string) => shelf().named({ path }, 9).ids;
    const keys = (by: Grouping) =>
      shelf()
        .groups(by)
        .map(({ key }) => key);
    const day = (key = '2026-11-21') =>
      shelf()
        .groups('day')
        .find((group) => group.key === key);

    it('knows nothing at first', () => {
      for (const by of ['day', 'camera', 'card', 'backup'] as const) expect(shelf().groups(by)).toEqual([]);
      expect(shelf().photos({ name: 'IMG_1.JPG' })).toEqual({ photos: [], next: null });
      expect(shelf().photo(idOf('a'))).toBeNull();
      expect(shelf().photo('no id')).toBeNull();
      expect([named('IMG_1.JPG'), shelf().hashed('00', 9), shelf().failures('x', 9)]).toEqual([[], [], []]);
      expect(shelf().records(idOf('a'), { head: 9, tail: 9 })).toEqual({ seqs: [], total: 0 });
      expect([shelf().sealAfter(D, 0), shelf().driveEvents(D, { after: 0, limit: 9 })]).toEqual([null, []]);
    });

    it('keeps one content as one photo, with all that is known of it', async () => {
      const capture = { at: '2026-11-21T23:59:59.12', zone: '+01:00', ...R5 };
      await given(
        copied(photo('IMG_1.JPG', 'a', capture)),
        settled('b1', { drive: 'E', copied: [photo('IMG_1.JPG', 'a', capture)] }),
        settled('b2', { card: 'B', duplicates: [photo('COPY.JPG', 'a')] }),
      );
      const copy = { state: 'verified', verifiedFrom: 'medium', counts: true };
      const to = 'Photos/2026/2026-11-21';
      expect(shelf().photo(idOf('a'))).toEqual({
        id: idOf('a'),
        xxh64: xxh64Of('a'),
        sizeBytes: 10,
        name: 'IMG_1.JPG',
        day: '2026-11-21',
        dayFrom: 'capture',
        takenAt: '2026-11-21T23:59:59.120',
        zone: '+01:00',
        camera: 'Canon EOS R5',
        cards: ['A', 'B'],
        backups: ['b1', 'b2'],
        copies: [
          { driveId: 'D', to: `${to}/COPY.JPG`, ...copy },
          { driveId: 'D', to: `${to}/IMG_1.JPG`, ...copy },
          { driveId: 'E', to: `${to}/IMG_1.JPG`, ...copy },
        ],
        verifiedCopies: 2,
      });
      for (const filter of [
        { day: '2026-11-21' },
        { camera: 'Canon EOS R5' },
        { card: 'B' },
        { backup: 'b2' },
      ]) {
        expect(shelf().photos(filter).photos).toEqual([shelf().photo(idOf('a'))]);
      }
    });

    describe('a photo that was on the drive before', () => {
      const indexed = (...files: readonly FileOnDrive[]): Fact => ({
        type: 'FilesIndexed',
        driveId: D,
        verifiedFrom: 'medium',
        files: files.map(({ path: _, mtimeMs: __, headXxh64: ___, ...one }) => one),
      });
      const old = photo('IMG_1.JPG', 'a', at('10:00:00'), 'images');

      it('has its day and its camera, and is of no card and no backup', async () => {
        await given(indexed(old, photo('notes.txt', 'n', null, 'images')));
        expect(names({ day: '2026-11-21' })).toEqual(['IMG_1.JPG']);
        expect(names({ camera: 'Canon EOS R5' })).toEqual(['IMG_1.JPG']);
        expect(day()).toMatchObject({ photos: 1, bytes: 10 });
        expect([keys('card'), keys('backup')]).toEqual([[], []]);
        expect(shelf().photo(idOf('a'))).toMatchObject({ verifiedCopies: 1, cards: [], backups: [] });
      });

      it('is counted once when a card turns out to have it, and of that card then', async () => {
        await given(
          indexed(old),
          settled('b1', { duplicates: [{ ...old, path: relativePath('DCIM/IMG_1.JPG') }] }),
        );
        expect(day()).toMatchObject({ photos: 1 });
        expect([names({ card: 'A' }), names({ backup: 'b1' })]).toEqual([['IMG_1.JPG'], ['IMG_1.JPG']]);
      });

      it('that is lost is a photo without a copy', async () => {
        await given(indexed(old), lost('D', 'images/IMG_1.JPG'));
        expect(shelf().photo(idOf('a'))).toMatchObject({ verifiedCopies: 0 });
        expect(names({ day: '2026-11-21' })).toEqual(['IMG_1.JPG']);
      });
    });

    it('tells photos of one size or one hash apart', async () => {
      await given(
        copied(photo('1.JPG', 'a'), { ...photo('2.JPG', 'a'), sizeBytes: 11 }, photo('3.JPG', 'b')),
      );
      expect([idOf('a'), idOf('a', 11), idOf('b')].map((id) => shelf().photo(id)?.name)).toEqual([
        '1.JPG',
        '2.JPG',
        '3.JPG',
      ]);
      expect(day()).toMatchObject({ photos: 3, bytes: 31 });
    });

    describe('the day', () => {
      const dayOf = (content: string) => {
        const { day: of = null, dayFrom = null, takenAt = null } = shelf().photo(idOf(content)) ?? {};
        return [of, dayFrom, takenAt];
      };

      it('is that of the camera, else of the folder, else of the file', async () => {
        const mtime = {
          ...file('Photos/SD/c.JPG', { content: 'c' }),
          mtimeMs: Date.UTC(2020, 1, 29, 23, 59),
        };
        await given(copied(photo('a.JPG', 'a', { at: '2026-11-20T01:00:00' }), photo('b.JPG', 'b'), mtime));
        expect(dayOf('a')).toEqual(['2026-11-20', 'capture', '2026-11-20T01:00:00.000']);
        expect(dayOf('b')).toEqual(['2026-11-21', 'file', null]);
        expect(dayOf('c')).toEqual(['2020-02-29', 'file', null]);
      });

      it('is that of a camera that says no more, at noon', async () => {
        await given(copied(photo('a.JPG', 'a', { at: '2026-11-20' })));
        expect(dayOf('a')).toEqual(['2026-11-20', 'capture', '2026-11-20T12:00:00.000']);
      });

      it('is that under which its backup filed it, in the order and with the time of its own', async () => {
        const night = photo('n.JPG', 'n', { at: '2026-11-22T01:30:00', ...R5 });
        const mtimeMs = Date.UTC(2026, 10, 22, 2, 30);
        const silent = { ...file('Photos/SD/s.MP4', { content: 's' }), mtimeMs, day: '2026-11-21' };
        const inDated = { ...photo('f.MP4', 'f'), mtimeMs: mtimeMs + 1, day: '2026-11-21' };
        await given(
          copied({ ...night, day: '2026-11-21' }, silent, inDated, photo('e.JPG', 'e', at('22:00:00'))),
        );
        expect(dayOf('n')).toEqual(['2026-11-21', 'capture', '2026-11-22T01:30:00.000']);
        expect(dayOf('s')).toEqual(['2026-11-21', 'file', null]);
        expect(names({ day: '2026-11-21' })).toEqual(['f.MP4', 's.MP4', 'n.JPG', 'e.JPG']);
        expect([keys('day'), names({ day: '2026-11-22' })]).toEqual([['2026-11-21'], []]);
        expect(day()).toMatchObject({ photos: 4, bytes: 40 });
      });

      it('is its own where the fact says no day of the calendar', async () => {
        const taken = { at: '2026-11-20T01:00:00' };
        await given(copied({ ...photo('a.JPG', 'a', taken), day: '2026-02-30' }));
        expect(dayOf('a')).toEqual(['2026-11-20', 'capture', '2026-11-20T01:00:00.000']);
      });

      it.each([
        '2026-02-30T10:00:00',
        '2026-11-20T24:00:00',
        '2026-11-20T10:60:00',
        '2026-11-20T10:00:60',
        '0000-00-00T00:00:00',
        'soon',
      ])('is not that of a camera that says %s', async (words) => {
        await given(copied(photo('a.JPG', 'a', { at: words, zone: '+01:00', ...R5 })));
        expect(dayOf('a')).toEqual(['2026-11-21', 'file', null]);
        expect(shelf().photo(idOf('a'))).toMatchObject({ camera: 'Canon EOS R5', zone: null });
      });

      it.each([
        ['Photos/2026/2026-02-30/a.JPG', '2023-11-14'],
        ['Photos/2025/2026-11-21/a.JPG', '2023-11-14'],
        ['Other/2026/2026-11-21/a.JPG', '2023-11-14'],
      ])('of %s is that of the file', async (to, expected) => {
        await given(copied(file(to, { content: 'a' })));
        expect(dayOf('a')[0]).toBe(expected);
      });

      it('moves when a later copy says more, and not back', async () => {
        await given(copied(photo('a.JPG', 'a')));
        await given(settled('b2', { copied: [photo('a.JPG', 'a', { at: '2026-11-19T10:00:00', ...R5 })] }));
        await given(settled('b3', { card: 'B', duplicates: [photo('a.JPG', 'a')] }));
        expect([keys('day'), keys('camera')]).toEqual([['2026-11-19'], ['Canon EOS R5']]);
        expect(names({ day: '2026-11-21' })).toEqual([]);
        expect(day('2026-11-19')).toMatchObject({ photos: 1, bytes: 10, fewestCopies: 1 });
        expect(keys('backup')).toEqual(['b3', 'b2', 'b1']);
        expect(names({ backup: 'b1' })).toEqual(['a.JPG']);
        expect(
          shelf()
            .groups('card')
            .map(({ photos }) => photos),
        ).toEqual([1, 1]);
      });
    });

    it.each([
      [{ make: 'NIKON CORPORATION', model: 'NIKON D750' }, 'NIKON D750'],
      [{ make: 'FUJIFILM', model: 'X100V' }, 'FUJIFILM X100V'],
      [{ make: 'canon', model: 'Canon EOS R5' }, 'Canon EOS R5'],
      [{ make: 'SONY ' }, 'SONY'],
      [{ model: ' X100V' }, 'X100V'],
      [{ serial: '1' }, null],
    ])('calls the camera %j %s', async (words, camera) => {
      await given(copied(photo('a.JPG', 'a', { at: '2026-11-21T10:00:00', ...words })));
      expect(shelf().photo(idOf('a'))?.camera).toBe(camera);
      expect(names({ camera: camera ?? '' })).toEqual(['a.JPG']);
    });

    describe('photos', () => {
      it('come newest first, also across pages, each once', async () => {
        const taken = ['10:00:00', '12:00:00', '10:00:00', '11:00:00.5', '11:00:00'];
        await given(copied(...taken.map((time, n) => photo(`${n}.JPG`, `c${n}`, at(time)))));
        const expected = ['1.JPG', '3.JPG', '4.JPG', '2.JPG', '0.JPG'];
        for (const filter of [
          { day: '2026-11-21' },
          { card: 'A' },
          { backup: 'b1' },
          { camera: 'Canon EOS R5' },
        ]) {
          const found: string[] = [];
          let after: string | null = null;
          do {
            const page = shelf().photos(filter, { after, limit: 2 });
            found.push(...page.photos.map((one) => one.name));
            after = page.next;
          } while (after !== null);
          expect(found).toEqual(expected);
        }
      });

      it('begin at the first page after a place that is none', async () => {
        await given(copied(photo('a.JPG', 'a', at('10:00:00'))));
        expect(shelf().photos({ day: '2026-11-21' }, { after: 'nonsense' }).photos).toHaveLength(1);
      });

      it('are found by any of their names, in any case, also composed otherwise', async () => {
        const numbered = { ...photo('IMG_1.JPG', 'a'), to: relativePath('Photos/20261121/pimg_000001.jpg') };
        await given(copied(numbered, photo('Käse.JPG', 'b'), photo('IMG_1.JPG', 'c')));
        expect(names({ name: 'PIMG_000001.jpg' })).toEqual(['IMG_1.JPG']);
        expect(named('img_1.jpg')).toEqual([idOf('c'), idOf('a')]);
        expect(shelf().named({ path: 'img_1.jpg' }, 1)).toEqual({ ids: [idOf('c')], total: 2 });
        expect(names({ name: 'ka\u0308se.jpg' })).toEqual(['Käse.JPG']);
        expect(names({ name: 'IMG_' })).toEqual([]);
      });

      describe('are found by a part of a name', () => {
        const found = (part: string, of: PartQuery['of'] = null) => {
          const all: string[] = [];
          let after: string | null = null;
          do {
            // Smaller than anything that is asked for: no answer may depend on where a piece ends.
            const page = shelf().withPart({ part, of }, { after, limit: 2, look: 3 });
            expect(page.photos.length).toBeLessThanOrEqual(2);
            expect(page.day === null).toBe(page.next === null);
            all.push(...page.photos.map((one) => one.name));
            after = page.next;
          } while (after !== null);
          return all;
        };
        const on = (name: string, day: string, camera: Capture | null = null) =>
          photo(name, name, camera, `Photos/2026/${day}`);
        const OLD = '2026-11-20';

        it('in any case, day after day, in each the newest first, each once', async () => {
          const four = ['IMG_0121.CR3', 'IMG_0122.CR3', 'IMG_0123.CR3', 'IMG_0124.JPG'];
          await given(
            copied(...four.map((name, n) => photo(name, name, at(`10:00:0${n}`)))),
            settled('b2', {
              copied: [on('MVI_0123.MP4', OLD), on('dsc00123.arw', OLD), on('X.JPG', '2026-11-19')],
            }),
          );
          expect(found('0123')).toEqual(['IMG_0123.CR3', 'dsc00123.arw', 'MVI_0123.MP4']);
          expect(found('iMg_01')).toEqual([...four].reverse());
          expect(found('DSC')).toEqual(['dsc00123.arw']);
          expect(found('.cr3')).toHaveLength(3);
          expect(found('x')).toEqual(['X.JPG']);
          expect([found('9999'), found('IMG_0123.CR33')]).toEqual([[], []]);
        });

        it('only of a day, camera, card or backup where that is asked for', async () => {
          await given(
            copied(on('IMG_1.JPG', OLD, at('10:00:00')), on('IMG_2.JPG', OLD)),
            settled('b2', { card: 'B', copied: [on('IMG_3.JPG', OLD), on('MVI_3.MP4', OLD)] }),
          );
          expect(found('IMG', { by: 'day', key: OLD })).toEqual(['IMG_3.JPG', 'IMG_2.JPG']);
          expect(found('IMG', { by: 'camera', key: 'Canon EOS R5' })).toEqual(['IMG_1.JPG']);
          expect(found('IMG', { by: 'card', key: 'B' })).toEqual(['IMG_3.JPG']);
          expect(found('IMG', { by: 'backup', key: 'b1' })).toEqual(['IMG_1.JPG', 'IMG_2.JPG']);
          expect(found('IMG', { by: 'card', key: 'C' })).toEqual([]);
        });

        it('on the card or of a copy, and not by the folder of a copy', async () => {
          const numbered = {
            ...photo('IMG_1.JPG', 'a'),
            to: relativePath('Photos/20261121/pimg_000001.jpg'),
          };
          await given(copied(numbered, on('Top.JPG', OLD)));
          await given(settled('b2', { copied: [{ ...photo('AGAIN.JPG', 'a') }] }));
          expect([found('PIMG'), found('img_1'), found('again')]).toEqual(Array(3).fill(['IMG_1.JPG']));
          expect([found('Photos'), found('2026'), found('/'), found(`${OLD}/Top`)]).toEqual([[], [], [], []]);
        });

        it('in which nothing is a wildcard, and letters beyond ASCII are as they are told apart elsewhere', async () => {
          const names = [
            'a%b_c.JPG',
            'no!.JPG',
            'a*b?c[d].JPG',
            "o'clock\\.JPG",
            'Käse_1.JPG',
            'KÄSE_2.JPG',
            'abc.JPG',
          ];
          await given(copied(...names.map((name) => on(name, OLD))));
          for (const part of ['%', '_c', '!', '*', '?', '[d]', "'", '\\'])
            expect([part, found(part)]).toEqual([part, [expect.stringContaining(part)]]);
          expect(found('a_b')).toEqual([]);
          expect(found('ka\u0308se')).toEqual(['KÄSE_2.JPG', 'Käse_1.JPG']);
          expect(found('se_1')).toEqual(['Käse_1.JPG']);
          expect(found('kä_')).toEqual([]);
          await given(
            settled('b2', { copied: [{ ...on('abc.JPG', OLD), to: relativePath('Photos/Öl/Ähre.jpg') }] }),
          );
          expect([found('ähre'), found('öl')]).toEqual([['abc.JPG'], []]);
        });

        it('but sidecars, other files and what only a manifest claims are not', async () => {
          await given(copied(photo('IMG_1.XMP', 'x')), learned('D', photo('OLD.JPG', 'o')));
          expect([found('IMG'), found('OLD')]).toEqual([[], []]);
        });

        it('a piece at a time: it says how far it looked, and reads no more than it may', async () => {
          await given(copied(...[1, 2, 3, 4, 5].map((n) => on(`${n}.JPG`, `2026-11-1${n}`))));
          const query = { part: '1.JPG', of: null };
          const first = shelf().withPart(query, { look: 3, limit: 9 });
          expect(first).toMatchObject({ photos: [], next: expect.any(String) });
          expect(first.day).toBe('2026-11-13');
          const second = shelf().withPart(query, { after: first.next, look: 9, limit: 9 });
          expect(second).toMatchObject({ photos: [{ name: '1.JPG' }], next: null, day: null });
          expect(shelf().withPart(query, { after: 'nonsense', look: 9, limit: 9 })).toEqual(second);
        });
      });

      describe('are found by where they lay:', () => {
        const lay = (content: string, from: string, to: string) => ({
          ...photo('x.JPG', content),
          path: relativePath(from),
          to: relativePath(to),
        });
        beforeEach(async () => {
          await given(
            settled('b1', { copied: [lay('a', 'DCIM/100CANON/I.JPG', 'Photos/2026/2026-11-21/I.JPG')] }),
            settled('b2', {
              card: 'B',
              copied: [lay('b', 'DCIM/101CANON/I.JPG', 'Photos/2026/2026-11-21/I_2.JPG')],
            }),
            settled('b3', { copied: [lay('c', 'I.JPG', 'Photos/Kä/I.JPG')] }),
            learned('E', photo('d.JPG', 'd', null, 'Old/100CANON/I.JPG'.slice(0, -6))),
          );
        });

        it.each([
          ['a path on a card', 'DCIM/100CANON/I.JPG', ['c', 'a']],
          ['a path on a drive', 'Photos/2026/2026-11-21/I.JPG', ['c', 'a']],
        ])('%s', (_, path, expected) => {
          expect(
            expected.map((content) => idOf(content)).filter((id) => named(path).includes(id)),
          ).toHaveLength(2);
        });
      });

      it('are not sidecars, other files and empty ones, which are found by name all the same', async () => {
        const empty = { ...photo('EMPTY.JPG', 'e'), sizeBytes: 0 };
        await given(copied(photo('IMG_1.XMP', 'x'), photo('INDEX.CTG', 'y'), empty));
        for (const by of ['day', 'camera', 'card', 'backup'] as const) expect(keys(by)).toEqual([]);
        for (const word of ['IMG_1.XMP', 'INDEX.CTG', 'EMPTY.JPG']) {
          expect(names({ name: word })).toEqual([]);
          expect(named(word)).toHaveLength(1);
        }
        expect(shelf().photo(idOf('x'))).toMatchObject({
          day: null,
          dayFrom: null,
          takenAt: null,
          verifiedCopies: 1,
        });
      });

      it('are found by the beginning of their hash, in any case', async () => {
        const files = ['00abcdef00000001', '00abcdef00000002', '00abcd0000000003'].map((xxh64, n) => ({
          ...photo(`${n}.JPG`, 'x'),
          xxh64,
        }));
        await given(copied(...files));
        expect(shelf().hashed('00ABCDEF', 9)).toEqual(['00abcdef00000002-10', '00abcdef00000001-10']);
        expect(shelf().hashed('00abcd', 2)).toEqual(['00abcd0000000003-10', '00abcdef00000002-10']);
        expect(shelf().hashed('00abcdef00000001', 9)).toHaveLength(1);
      });
    });

    describe('what a manifest claims', () => {
      it('is no photo of the shelf before it was read, and is found by name', async () => {
        await given(learned('D', photo('OLD.JPG', 'o')));
        expect([keys('day'), names({ name: 'OLD.JPG' })]).toEqual([[], []]);
        expect(named('old.jpg')).toEqual([idOf('o')]);
        expect(shelf().photo(idOf('o'))).toMatchObject({
          name: 'OLD.JPG',
          day: null,
          verifiedCopies: 0,
          copies: [{ state: 'claimed', verifiedFrom: null, counts: false }],
        });
        await given(settled('b1', { duplicates: [photo('OLD.JPG', 'o')] }));
        expect(day()).toEqual({
          key: '2026-11-21',
          photos: 1,
          bytes: 10,
          fewestCopies: 1,
          photosWithFewest: 1,
        });
      });
    });

    describe('groups', () => {
      it('count photos, bytes, and the verified copies of the photo that has the fewest', async () => {
        await given(
          copied(photo('1.JPG', 'a'), photo('2.JPG', 'b'), photo('3.JPG', 'c')),
          settled('b1', { drive: 'E', copied: [photo('1.JPG', 'a')] }),
          // The same once more on a drive that has it is no further copy.
          settled('b2', {
            copied: [photo('1_2.JPG', 'a'), photo('4.JPG', 'd', null, 'Photos/2026/2026-11-22')],
          }),
        );
        expect(day()).toEqual({
          key: '2026-11-21',
          photos: 3,
          bytes: 30,
          fewestCopies: 1,
          photosWithFewest: 2,
        });
        await given(settled('b3', { drive: 'E', duplicates: [photo('2.JPG', 'b'), photo('3.JPG', 'c')] }));
        expect(day()).toMatchObject({ fewestCopies: 2, photosWithFewest: 3 });
        await given(lost('D', 'Photos/2026/2026-11-21/1.JPG', 'Photos/2026/2026-11-21/2.JPG'));
        // Of the first another copy lies there.
        expect(day()).toMatchObject({ fewestCopies: 1, photosWithFewest: 1 });
        await given(lost('E', 'Photos/2026/2026-11-21/2.JPG'));
        expect(day()).toMatchObject({ photos: 3, fewestCopies: 0, photosWithFewest: 1 });
        expect(shelf().groups('backup')).toMatchObject([
          { key: 'b3', photos: 2, fewestCopies: 0 },
          { key: 'b2', photos: 2, fewestCopies: 1 },
          { key: 'b1', photos: 3, fewestCopies: 0 },
        ]);
        expect(names({ day: '2026-11-21' })).toContain('2.JPG');
      });

      it('do not count a copy that only the cache vouches for, except on a folder', async () => {
        await given(adopted('D'), adopted('F', 'folder'));
        await given(settled('b1', { verifiedFrom: 'cache', copied: [photo('1.JPG', 'a')] }));
        expect(day()).toMatchObject({ fewestCopies: 0 });
        expect(shelf().photo(idOf('a'))?.copies).toMatchObject([{ state: 'verified', counts: false }]);
        await given(settled('b1', { drive: 'F', verifiedFrom: 'cache', copied: [photo('1.JPG', 'a')] }));
        expect(day()).toMatchObject({ fewestCopies: 1 });
        await given(settled('b2', { drive: 'F', verifiedFrom: 'cache', duplicates: [photo('1.JPG', 'a')] }));
        expect(day()).toMatchObject({ fewestCopies: 1 });
        await given(settled('b2', { duplicates: [photo('1.JPG', 'a')] }));
        expect(day()).toMatchObject({ fewestCopies: 2 });
      });

      it('lose the copies of a drive that is forgotten, and no photo', async () => {
        await given(
          copied(photo('1.JPG', 'a'), photo('2.JPG', 'b'), photo('2b.JPG', 'b')),
          settled('b1', { drive: 'E', copied: [photo('1.JPG', 'a')] }),
          forgotten('D'),
        );
        expect(day()).toEqual({
          key: '2026-11-21',
          photos: 2,
          bytes: 20,
          fewestCopies: 0,
          photosWithFewest: 1,
        });
        expect(shelf().photo(idOf('a'))).toMatchObject({ verifiedCopies: 1, copies: [{ driveId: 'E' }] });
        await given(settled('b2', { duplicates: [photo('2.JPG', 'b')] }));
        expect(day()).toMatchObject({ fewestCopies: 1, photosWithFewest: 2 });
      });

      it('follow a path that holds something else now', async () => {
        await given(copied(photo('1.JPG', 'a')), settled('b2', { duplicates: [photo('1.JPG', 'b')] }));
        expect(shelf().photo(idOf('a'))).toMatchObject({ copies: [], verifiedCopies: 0 });
        expect(day()).toMatchObject({ photos: 2, fewestCopies: 0, photosWithFewest: 1 });
      });

      it('are days by date, and all others as they were first heard of, page by page', async () => {
        const on = (n: number) => photo(`${n}.JPG`, `c${n}`, null, `Photos/2026/2026-11-${10 + n}`);
        for (const n of [2, 9, 1]) {
          await given(settled(`b${n}`, { card: `card ${n}`, copied: [on(n)] }));
        }
        expect(keys('day')).toEqual(['2026-11-19', '2026-11-12', '2026-11-11']);
        expect(keys('card')).toEqual(['card 1', 'card 9', 'card 2']);
        expect(keys('backup')).toEqual(['b1', 'b9', 'b2']);
        const page = (by: Grouping, after: string) =>
          shelf()
            .groups(by, { after, limit: 1 })
            .map(({ key }) => key);
        expect([page('day', '2026-11-19'), page('card', 'card 1')]).toEqual([['2026-11-12'], ['card 9']]);
        expect([page('day', '2026-11-11'), page('card', 'card 2')]).toEqual([[], []]);
      });
    });

    describe('what a life is told from', () => {
      it('is the records that settle, claim or lose it, and no other', async () => {
        await given(
          planned('b1'),
          copied(photo('1.JPG', 'a'), photo('2.JPG', 'b')),
          copied(photo('3.JPG', 'c')),
          learned('D', photo('old.JPG', 'a')),
          lost('D', 'Photos/2026/2026-11-21/2.JPG'),
          lost('D', 'Photos/2026/2026-11-21/1.JPG'),
          settled('b2', { copied: [photo('1.JPG', 'a')] }),
        );
        const records = (head: number, tail: number) => shelf().records(idOf('a'), { head, tail });
        expect(records(9, 9)).toEqual({ seqs: [2, 4, 6, 7], total: 4 });
        expect(records(1, 1)).toEqual({ seqs: [2, 7], total: 4 });
        expect(records(1, 2)).toEqual({ seqs: [2, 6, 7], total: 4 });
      });

      it('is told of files that failed, by their names', async () => {
        const failing = (...failed: readonly string[]) => settled('b1', { failed });
        await given(
          failing('DCIM/IMG_1.JPG', 'MISC/img_1.jpg'),
          failing('DCIM/IMG_2.JPG'),
          failing('X/IMG_1.JPG'),
        );
        expect(shelf().failures('Img_1.jpg', 9)).toEqual([3, 1]);
        expect(shelf().failures('IMG_1.JPG', 1)).toEqual([3]);
      });

      it('is the first seal that covers the record, of that drive', async () => {
        await given(
          copied(photo('1.JPG', 'a')),
          sealed('D', 0, []),
          sealed('E', 1, []),
          sealed('D', 1, []),
          sealed('D', 4, []),
        );
        expect([shelf().sealAfter(D, 1), shelf().sealAfter(D, 2), shelf().sealAfter(D, 5)]).toEqual([
          4,
          5,
          null,
        ]);
      });

      it('is what happened to whole drives, the last ones in order', async () => {
        await given(
          { type: 'VerificationStarted', driveId: D },
          sealed('D', 0, []),
          { type: 'VerificationFinished', driveId: D, files: 1, altered: 0, missing: 0 },
          { type: 'VerificationStarted', driveId: driveId('E') },
          forgotten('D'),
        );
        const events = [
          { seq: 1, what: 'verification-started' },
          { seq: 3, what: 'verification-finished' },
          { seq: 5, what: 'forgotten' },
        ];
        expect(shelf().driveEvents(D, { after: 0, limit: 9 })).toEqual(events);
        expect(shelf().driveEvents(D, { after: 1, limit: 9 })).toEqual(events.slice(1));
        expect(shelf().driveEvents(D, { after: 0, limit: 2 })).toEqual(events.slice(1));
      });

      it('calls cards and drives what they were called last', async () => {
        await given(
          planned('b1'),
          { ...planned('b2'), label: 'NEW' },
          planned('b3', { card: 'B' }),
          adopted('E'),
          adopted('D'),
        );
        expect(shelf().places('card')).toEqual([
          { id: 'A', label: 'NEW' },
          { id: 'B', label: 'label B' },
        ]);
        expect(
          shelf()
            .places('drive')
            .map(({ label }) => label),
        ).toEqual(['drive D', 'drive E']);
      });
    });
  });
}
