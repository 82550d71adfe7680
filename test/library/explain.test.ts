import { beforeEach, describe, expect, test } from 'vitest';
import { memoryStore } from '../../adapters/memory/memory-store.ts';
import type { Fact } from '../../machines/facts.ts';
import { driveId, relativePath } from '../../machines/ids.ts';
import type { Capture, FileOnDrive } from '../../machines/media.ts';
import { Library } from '../../services/library/library.ts';
import { PhotoDetail } from '../../services/library/shapes.ts';
import type { Store } from '../../services/ports.ts';
import {
  adopted,
  file,
  finished,
  forgotten,
  learned,
  planned,
  sealed,
  settled,
  stampAt,
  stamped,
  xxh64Of,
} from '../journal/facts.ts';

const TO = 'Photos/2026/2026-11-21/IMG_1.JPG';
const FROM = 'DCIM/100CANON/IMG_1.JPG';
const CAPTURE: Capture = { at: '2026-11-21T10:00:00', make: 'Canon', model: 'R5', serial: '042' };
const D = driveId('D');

let store: Store;
let library: Library;
let second = 0;
beforeEach(() => {
  store = memoryStore();
  library = new Library(store);
  second = 0;
});

async function given(...facts: readonly Fact[]): Promise<void> {
  await store.log.append(stamped(facts, second));
  second += facts.length;
}
const photo = (content = 'a', { to = TO, from = FROM } = {}): FileOnDrive => ({
  ...file(to, { content, from }),
  capture: CAPTURE,
});
const lostAs = (why: 'altered' | 'missing', to = TO, backupId: string | null = null): Fact =>
  ({ type: 'CopiesLost', backupId, driveId: D, files: [{ to: relativePath(to), why }] }) as Fact;
const verification = (...words: readonly ('Started' | 'Finished')[]): Fact[] =>
  words.map((word) =>
    word === 'Started'
      ? { type: 'VerificationStarted', driveId: D }
      : { type: 'VerificationFinished', driveId: D, files: 1, altered: 0, missing: 0 },
  );
const life = (name = 'IMG_1.JPG') => library.explain({ name }).lives[0];
const chapters = (name?: string) => life(name)?.chapters ?? [];
const told = (name?: string) => chapters(name).map(({ what, seq }) => `${seq} ${what}`);

describe('the day of a photo that does not say when it was taken', () => {
  const raw = file('Photos/2026/2026-11-20/IMG_1.NEF', { content: 'n', from: 'DCIM/100CANON/IMG_1.NEF' });

  test('is from its shot where another file of it told, in the first record that shows it', async () => {
    await given(settled('b1', { copied: [raw, photo()] }), settled('b2', { duplicates: [raw] }));
    expect(life('IMG_1.NEF')).toMatchObject({ dayFrom: 'shot', dayBy: 'IMG_1.JPG' });
    expect(life()).toMatchObject({ dayFrom: 'capture' });
    expect(life()).not.toHaveProperty('dayBy');
  });

  test('is from the file where no other told; also when a later record has one that does', async () => {
    await given(settled('b1', { copied: [raw] }), settled('b2', { copied: [photo()], duplicates: [raw] }));
    expect(life('IMG_1.NEF')).toMatchObject({ dayFrom: 'file' });
  });

  test('is from a file of its shot that the record does not name', async () => {
    await given(settled('b1', { copied: [{ ...raw, day: '2026-11-18' }] }));
    expect(life('IMG_1.NEF')).toMatchObject({ day: '2026-11-18', dayFrom: 'shot' });
    expect(life('IMG_1.NEF')).not.toHaveProperty('dayBy');
  });
});

describe('the chapters of a life', () => {
  test('what is known of a copy, with the labels of card and drive, and how its backup ended', async () => {
    const twice = {
      secondReading: 'medium',
      notes: [`${FROM} is blank`, 'DCIM/other.JPG is blank'],
    } as const;
    await given(
      adopted('D'),
      planned('b1'),
      { ...settled('b1', { copied: [photo()] }), ...twice },
      finished('b1'),
    );
    expect(chapters()).toEqual([
      {
        what: 'copied',
        seq: 3,
        at: stampAt(2).at,
        clock: 'synced',
        backup: { id: 'b1', outcome: 'done' },
        card: { id: 'A', label: 'label A' },
        path: FROM,
        drive: { id: 'D', label: 'drive D' },
        to: TO,
        verifiedFrom: 'medium',
        modifiedAt: '2023-11-14T22:13:20.123Z',
        secondReading: 'medium',
        notes: [`${FROM} is blank`],
      },
    ]);
    expect(life()).toMatchObject({
      capture: CAPTURE,
      takenAt: '2026-11-21T10:00:00.000',
      camera: 'Canon R5',
      cards: [{ id: 'A', label: 'label A' }],
      copies: [{ drive: { id: 'D', label: 'drive D' }, path: TO, verified: true }],
      omitted: 0,
    });
  });

  test('all of them, in order, and the copies as they are now', async () => {
    await given(
      learned('D', photo('a', { to: 'Photos/old.JPG' })),
      settled('b1', { copied: [photo()] }),
      sealed('D', 2, ['Photos/ascmhl/0001.mhl', 'Other/ascmhl/0001.mhl']),
      settled('b2', { card: 'B', duplicates: [photo('a', { from: 'DCIM/1.JPG' })] }),
      ...verification('Started', 'Finished'),
      lostAs('altered'),
      settled('b3', { copied: [photo('a', { to: 'Photos/2026/2026-11-21/IMG_1_2.JPG' })] }),
    );
    expect(told()).toEqual([
      '1 claimed',
      '2 copied',
      '3 sealed',
      '4 found',
      '6 reread',
      '7 lost',
      '8 copied',
    ]);
    expect(chapters()[2]).toMatchObject({ manifest: 'Photos/ascmhl/0001.mhl' });
    expect(chapters()[5]).toMatchObject({ why: 'altered', backup: null });
    expect(life()?.copies).toMatchObject([
      { path: 'Photos/2026/2026-11-21/IMG_1_2.JPG', verified: true },
      { path: 'Photos/old.JPG', verified: false, state: 'claimed' },
    ]);
  });

  test('that lay on the drive before, where it was indexed', async () => {
    const { sizeBytes, xxh64 } = photo();
    const files = [
      {
        to: relativePath('images/old.JPG'),
        sizeBytes,
        xxh64,
        toMtimeMs: 1_700_000_000_000,
        capture: CAPTURE,
      },
    ];
    await given({ type: 'FilesIndexed', driveId: driveId('D'), verifiedFrom: 'medium', files });
    const found = life('old.jpg');
    expect(found?.chapters).toMatchObject([
      { what: 'indexed', verifiedFrom: 'medium', to: 'images/old.JPG', drive: { id: 'D' } },
    ]);
    expect(found).toMatchObject({ capture: CAPTURE, copies: [{ path: 'images/old.JPG', verified: true }] });
  });

  test('of one record only its own files: not those of another content, size or path', async () => {
    const other = photo('b', { to: 'Photos/b.JPG', from: 'DCIM/b.JPG' });
    await given(
      settled('b1', { copied: [photo(), other, { ...photo('a', { to: 'Photos/c.JPG' }), sizeBytes: 11 }] }),
    );
    await given(lostAs('missing', 'Photos/b.JPG'));
    expect(told('IMG_1.JPG')).toHaveLength(1);
    expect(told('b.JPG')).toEqual(['1 copied', '2 lost']);
  });

  test('that a backup found it bad, and copied it again to the same place', async () => {
    await given(
      settled('b1', { copied: [photo()] }),
      lostAs('missing', TO, 'b2'),
      settled('b2', { copied: [photo()] }),
    );
    expect(told()).toEqual(['1 copied', '2 lost', '3 copied']);
    expect(chapters()[1]).toMatchObject({ why: 'missing', backup: { id: 'b2', outcome: null } });
  });

  test('a card that is seen again and again is one chapter, until something else happens there', async () => {
    const again = (id: string) => settled(id, { duplicates: [photo()] });
    await given(settled('b1', { copied: [photo()] }), again('b2'), again('b3'), again('b4'));
    await given(settled('b5', { card: 'B', duplicates: [photo()] }), lostAs('altered'), again('b6'));
    expect(told()).toEqual(['1 copied', '2 found', '5 found', '6 lost', '7 found']);
    expect(chapters()[1]).toMatchObject({ times: 3, lastAt: stampAt(3).at, backup: { id: 'b2' } });
  });

  test('a very long life has its beginning and its end', async () => {
    const cards = Array.from({ length: 100 }, (_, n) =>
      settled(`b${n}`, { card: `C${n}`, duplicates: [photo()] }),
    );
    await given(...cards);
    expect(life()).toMatchObject({ omitted: 20 });
    expect(told().slice(18, 22)).toEqual(['19 found', '20 found', '41 found', '42 found']);
    expect(told().at(-1)).toBe('100 found');
  });
});

describe('what is not claimed', () => {
  test('that a manifest has it, where the seal is of another drive, of before, or after it was lost', async () => {
    await given(
      settled('b1', { copied: [photo()] }),
      sealed('D', 0, []),
      sealed('E', 1, []),
      lostAs('missing'),
    );
    await given(sealed('D', 4, []));
    expect(told()).toEqual(['1 copied', '4 lost']);
  });

  test('in which of several manifests it is', async () => {
    await given(settled('b1', { copied: [photo()] }), sealed('D', 1, ['Photos/1.mhl', 'Photos/2.mhl']));
    expect(chapters()[1]).toMatchObject({ what: 'sealed', manifest: null });
  });

  test('that the only manifest that was named is the one, where all were named', async () => {
    await given(settled('b1', { copied: [photo()] }), sealed('D', 1, ['Photos/1.mhl'], 'all'));
    expect(chapters()[1]).toMatchObject({ what: 'sealed', manifest: null });
  });

  test('that a verification passed over it, which began before it came', async () => {
    await given(
      ...verification('Started'),
      settled('b1', { copied: [photo()] }),
      ...verification('Finished'),
    );
    expect(told()).toEqual(['2 copied']);
  });

  test('that a verification passed over it, which found it bad or was never finished', async () => {
    await given(settled('b1', { copied: [photo()] }), ...verification('Started'), lostAs('altered'));
    await given(...verification('Finished', 'Started'));
    expect(told()).toEqual(['1 copied', '3 lost']);
  });

  test('anything of a drive after it was forgotten', async () => {
    await given(settled('b1', { copied: [photo()] }), forgotten('D'), sealed('D', 2, []));
    await given(...verification('Started', 'Finished'));
    expect(told()).toEqual(['1 copied', '2 forgotten']);
    expect(life()).toMatchObject({ copies: [], verifiedCopies: 0 });
  });
});

describe('whom a name means', () => {
  const day = (n: number): Capture => ({ ...CAPTURE, at: `2026-11-2${n}T10:00:00` });
  /** The counter came around: three photos of one name, the newest recorded first. */
  async function three(): Promise<void> {
    for (const n of [3, 1, 2]) {
      const made = photo(`c${n}`, {
        to: `Photos/2026/2026-11-2${n}/IMG_1.JPG`,
        from: `DCIM/10${n}CANON/IMG_1.JPG`,
      });
      await given(
        planned(`b${n}`, { card: `K${n}` }),
        settled(`b${n}`, { card: `K${n}`, copied: [{ ...made, capture: day(n) }] }),
      );
    }
  }
  const days = (question: Parameters<Library['explain']>[0]) =>
    library.explain(question).lives.map((one) => one.day?.slice(-2));

  test('all photos of that name in any case, newest first, bounded', async () => {
    await three();
    expect(days({ name: 'img_1.jpg' })).toEqual(['23', '22', '21']);
    const two = library.explain({ name: 'IMG_1.JPG', limit: 2 });
    expect([two.lives.length, two.more]).toEqual([2, 1]);
  });

  test('narrowed by card, by label or id, and by day', async () => {
    await three();
    expect(days({ name: 'IMG_1.JPG', card: 'K2' })).toEqual(['22']);
    expect(days({ name: 'IMG_1.JPG', card: 'LABEL k3' })).toEqual(['23']);
    expect(days({ name: 'IMG_1.JPG', day: '2026-11-21' })).toEqual(['21']);
    expect(() => library.explain({ name: 'IMG_1.JPG', day: '2026-11-21', card: 'K2' })).toThrow(
      expect.objectContaining({ exitCode: 66, hint: 'ask without --card and --day' }),
    );
  });

  test('of a card that nobody knows is an error that says so, and how to list those that are known', async () => {
    await three();
    const unknown = {
      exitCode: 66,
      code: 'unknown-card',
      message: 'nope: no such card is known',
      hint: 'see them all with: imagetank library list --by card',
    };
    expect(() => library.explain({ name: 'IMG_1.JPG', card: 'nope' })).toThrow(
      expect.objectContaining(unknown),
    );
    for (const card of ['K2', 'label k2'])
      expect(() => library.explain({ name: 'IMG_9.JPG', card })).toThrow(
        expect.objectContaining({ code: 'unknown-photo' }),
      );
  });

  test('of a card of which nothing was ever read is about the name', async () => {
    await given(planned('b9', { card: 'K9' }));
    expect(() => library.explain({ name: 'IMG_1.JPG', card: 'K9' })).toThrow(
      expect.objectContaining({ code: 'unknown-photo' }),
    );
  });

  test.each([
    ['DCIM/102CANON/IMG_1.JPG', '22'],
    ['dcim/102canon/img_1.jpg', '22'],
    ['/media/pi/SD32GB-03/DCIM/103CANON/IMG_1.JPG', '23'],
    ['103CANON/IMG_1.JPG', '23'],
    ['Photos/2026/2026-11-21/IMG_1.JPG', '21'],
    ['/media/pi/PDRIVE/Photos/2026/2026-11-21/IMG_1.JPG', '21'],
    ['./DCIM/101CANON/IMG_1.JPG', '21'],
  ])('the one at the path %s', async (name, expected) => {
    await three();
    expect(days({ name })).toEqual([expected]);
    expect(library.explain({ name }).more).toBe(0);
  });

  test('nobody at a path that only ends alike', async () => {
    await three();
    for (const name of ['M/102CANON/IMG_1.JPG', '02CANON/IMG_1.JPG', 'DCIM/109CANON/IMG_1.JPG']) {
      expect(() => library.explain({ name })).toThrow(expect.objectContaining({ exitCode: 66 }));
    }
  });

  test('the beginning of an XXH64, and an id', async () => {
    await three();
    const hash = xxh64Of('c2');
    for (const name of [hash, hash.toUpperCase(), `${hash}-10`]) expect(days({ name })).toEqual(['22']);
    expect(days({ name: hash.slice(0, 12) })).toEqual(['23', '22', '21']);
    expect(() => library.explain({ name: hash.slice(0, 5) })).toThrow(
      expect.objectContaining({ code: 'unknown-photo' }),
    );
  });

  test('a sidecar too, which the shelf does not list', async () => {
    await given(settled('b1', { copied: [photo('x', { from: 'DCIM/IMG_1.XMP', to: 'Photos/IMG_1.XMP' })] }));
    expect(told('img_1.xmp')).toEqual(['1 copied']);
    expect(library.groups('day').groups).toEqual([]);
  });
});

describe('a file that could not be copied', () => {
  test('is told, also when nothing else is known of that name', async () => {
    await given(planned('b1'), settled('b1', { failed: ['DCIM/IMG_7.JPG', 'DCIM/IMG_8.JPG'] }));
    expect(library.explain({ name: 'img_7.jpg' })).toEqual({
      name: 'img_7.jpg',
      lives: [],
      more: 0,
      failures: [
        {
          seq: 2,
          at: stampAt(1).at,
          clock: 'synced',
          backup: { id: 'b1', outcome: null },
          card: { id: 'A', label: 'label A' },
          path: 'DCIM/IMG_7.JPG',
          drive: { id: 'D', label: 'D' },
          reason: 'card-unreadable',
          detail: 'EIO',
          salvagedTo: null,
        },
      ],
    });
  });

  test('is narrowed like a photo: by path and card, and has no day', async () => {
    await given(
      settled('b1', { failed: ['DCIM/1/IMG_7.JPG'] }),
      settled('b2', { card: 'B', failed: ['DCIM/2/IMG_7.JPG'] }),
    );
    const paths = (question: Parameters<Library['explain']>[0]) =>
      library.explain(question).failures.map(({ path }) => path);
    expect(paths({ name: 'IMG_7.JPG' })).toEqual(['DCIM/2/IMG_7.JPG', 'DCIM/1/IMG_7.JPG']);
    expect(paths({ name: 'DCIM/1/IMG_7.JPG' })).toEqual(['DCIM/1/IMG_7.JPG']);
    expect(paths({ name: 'IMG_7.JPG', card: 'B' })).toEqual(['DCIM/2/IMG_7.JPG']);
    expect(() => library.explain({ name: 'IMG_7.JPG', day: '2026-11-21' })).toThrow();
  });
});

describe('photos of a group', () => {
  test('are asked for by one thing at a time', () => {
    for (const filter of [{}, { day: '2026-11-21', name: 'x' }]) {
      expect(() => library.photos(filter)).toThrow(expect.objectContaining({ exitCode: 64 }));
    }
  });

  test('of a camera by its name or a part of it, of a card by label or id; what is not clear is asked back', async () => {
    const by = (content: string, model: string) => ({
      ...photo(content, { to: `Photos/${content}.JPG` }),
      capture: { ...CAPTURE, model },
    });
    await given(
      planned('b1'),
      settled('b1', { copied: [by('1', 'Canon R5'), by('2', 'Canon R5 C'), by('3', 'Canon M50')] }),
    );
    await given(
      planned('b2', { card: 'B' }),
      settled('b2', { card: 'B', copied: [{ ...file('Photos/4.JPG') }] }),
    );
    const contents = (filter: Parameters<Library['photos']>[0]) =>
      library.photos(filter).photos.map(({ copies }) => copies[0]?.path);
    expect(contents({ camera: 'canon r5' })).toEqual(['Photos/1.JPG']);
    expect(contents({ camera: 'm50' })).toEqual(['Photos/3.JPG']);
    expect(contents({ camera: 'unknown' })).toEqual(['Photos/4.JPG']);
    expect(contents({ card: 'LABEL b' })).toEqual(['Photos/4.JPG']);
    expect(contents({ card: 'B' })).toEqual(['Photos/4.JPG']);
    expect(() => library.photos({ camera: 'r5' })).toThrow(
      expect.objectContaining({ exitCode: 65, hint: 'name one by Canon R5 C or Canon R5' }),
    );
    expect(() => library.photos({ camera: 'Nikon' })).toThrow(expect.objectContaining({ exitCode: 66 }));
    await given({ ...planned('b3', { card: 'C' }), label: 'label B' });
    expect(() => library.photos({ card: 'label B' })).toThrow(expect.objectContaining({ exitCode: 65 }));
    expect(() => library.photos({ card: 'none' })).toThrow(
      expect.objectContaining({ exitCode: 66, code: 'unknown-card' }),
    );
  });

  test('a day that is none is no question', async () => {
    await given(settled('b1', { copied: [photo()] }));
    for (const day of ['21.11.2026', '2026-02-30', '2026-11']) {
      const bad = expect.objectContaining({ exitCode: 64, code: 'bad-day' });
      expect(() => library.photos({ day })).toThrow(bad);
      expect(() => library.explain({ name: 'IMG_1.JPG', day })).toThrow(bad);
    }
  });

  test('groups carry labels for people, and where the next page begins', async () => {
    await given(planned('b1'), settled('b1', { copied: [file('Photos/2.JPG'), photo()] }));
    expect(library.groups('card').groups).toMatchObject([
      { by: 'card', key: 'A', label: 'label A', photos: 2 },
    ]);
    expect(library.groups('backup').groups).toMatchObject([{ key: 'b1', label: 'label A' }]);
    expect(library.groups('camera').groups.map(({ label }) => label)).toEqual(['Canon R5', 'unknown']);
    expect(library.groups('day', { limit: 1 })).toMatchObject({
      groups: [{ key: '2026-11-21' }],
      next: '2026-11-21',
    });
    expect(library.groups('day', { limit: 2, after: '2026-11-21' })).toMatchObject({
      groups: [{ key: '2023-11-14' }],
      next: null,
    });
  });
});

describe('one photo by its id', () => {
  test('is told with what the camera wrote and what it is, without its story', async () => {
    await given(settled('b1', { copied: [photo()] }));
    const { id = '' } = life() ?? {};
    const detail = library.photo(id);
    expect(PhotoDetail.strict().parse(detail)).toEqual(detail);
    expect(detail).toMatchObject({
      id,
      name: 'IMG_1.JPG',
      kind: 'photo',
      mediaType: 'image/jpeg',
      capture: CAPTURE,
      verifiedCopies: 1,
    });
  });

  test('that nobody knows', () => {
    expect(() => library.photo(`${'0'.repeat(16)}-7`)).toThrow(
      expect.objectContaining({ code: 'unknown-photo', exitCode: 66 }),
    );
  });
});
