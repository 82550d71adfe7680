import { Buffer } from 'node:buffer';
import { xxh64 } from '@node-rs/xxhash';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RelativePath, relativePath } from '../../machines/ids.ts';
import { isDriveError } from '../../services/errors.ts';
import type { DriveStore, IncomingFile, ScannedEntry, Sighting } from '../../services/media-ports.ts';

export interface DriveStoreSubject {
  readonly store: DriveStore;
  /** What lies on the drive under this path, by no way of the store's; null when there is nothing. */
  content(path: string): Promise<Buffer | null>;
  /** Puts a file there behind the store's back, its folders too. */
  put(path: string, content: Uint8Array, mtimeMs: number): Promise<void>;
  /** Another adopted drive takes its place at the same path. */
  swap(): Promise<void>;
  cleanUp(): Promise<void>;
}

export const p = (path: string): RelativePath => relativePath(path);
export const hashOf = (bytes: Uint8Array): string => xxh64(bytes).toString(16).padStart(16, '0');
/** The `DriveError`'s reason, or whatever else was thrown. */
export const reasonOf = (action: Promise<unknown>): Promise<unknown> =>
  action.then(
    (value) => ({ value }),
    (error: unknown) => (isDriveError(error) ? error.reason : error),
  );

/** Even seconds, which FAT can hold. */
const TAKEN_MS = Date.UTC(2010, 2, 1, 21, 51, 2);
const PHOTO = p('Photos/2010/2010-03-01/A.JPG');

/** What every `DriveStore` must do. */
export function driveStoreContract(name: string, setUp: () => Promise<DriveStoreSubject>): void {
  describe(`DriveStore: ${name}`, () => {
    let subject: DriveStoreSubject;
    let store: DriveStore;
    beforeEach(async () => {
      subject = await setUp();
      store = subject.store;
    });
    afterEach(() => subject.cleanUp());

    async function incoming(...blocks: readonly Uint8Array[]): Promise<IncomingFile> {
      const file = await store.createIncoming();
      for (const block of blocks) await file.write(block);
      await file.flush(TAKEN_MS);
      return file;
    }
    const text = async (path: string): Promise<string | undefined> =>
      (await subject.content(path))?.toString('utf8');
    const incomingNames = (): Promise<readonly string[]> => store.list(p('.imagetank/incoming'));

    describe('a file on its way', () => {
      it('lies under its final name, with its time, only after it is placed', async () => {
        const file = await incoming(Buffer.from('abc'), Buffer.from('def'));
        expect(await store.stat(PHOTO)).toBeNull();
        expect(await file.place(PHOTO)).toBe('placed');
        await store.settle([PHOTO]);
        expect(await text(PHOTO)).toBe('abcdef');
        expect(await store.stat(PHOTO)).toMatchObject({ sizeBytes: 6, mtimeMs: TAKEN_MS });
        expect(await incomingNames()).toEqual([]);
      });

      it.each([
        0,
        1,
        4095,
        4096,
        4097,
        1024 * 1024,
        2 * 1024 * 1024 + 5,
      ])('of %i bytes reads back as written', async (size) => {
        const bytes = Buffer.from(Array.from({ length: size }, (_, n) => (n * 31) % 251));
        const file = await incoming(bytes);
        const expected = { xxh64: hashOf(bytes), sizeBytes: size };
        expect(await file.readBack()).toMatchObject(expected);
        await file.place(PHOTO);
        expect(await store.readBack(PHOTO)).toMatchObject(expected);
        const head = bytes.subarray(0, 65_536);
        expect(await store.readHead(PHOTO, 65_536)).toMatchObject({
          xxh64: hashOf(head),
          sizeBytes: head.length,
        });
      });

      it('gives a hash with leading zeros 16 digits', async () => {
        // Found by trying numbers: the hash of this text begins with a zero.
        const bytes = Buffer.from(textWithSmallHash());
        const { xxh64: hash } = await (await incoming(bytes)).readBack();
        expect(hash).toMatch(/^0[0-9a-f]{15}$/);
      });

      it('never replaces what is there', async () => {
        await subject.put(PHOTO, Buffer.from('the first'), TAKEN_MS);
        const file = await incoming(Buffer.from('the second'));
        expect(await file.place(PHOTO)).toBe('taken');
        expect(await text(PHOTO)).toBe('the first');
        expect(await file.place(p('Photos/2010/2010-03-01/A_2.JPG'))).toBe('placed');
        expect(await text('Photos/2010/2010-03-01/A_2.JPG')).toBe('the second');
      });

      it('finds a folder in its way taken', async () => {
        await subject.put('Photos/A.JPG/inside', Buffer.from('x'), TAKEN_MS);
        expect(await (await incoming(Buffer.from('y'))).place(p('Photos/A.JPG'))).toBe('taken');
      });

      it('gives a name to one only of many that ask at once', async () => {
        const files = await Promise.all([1, 2, 3, 4, 5].map((n) => incoming(Buffer.from(`file ${n}`))));
        const ends = await Promise.all(files.map((file) => file.place(PHOTO)));
        expect(ends.filter((end) => end === 'placed')).toHaveLength(1);
        expect(await text(PHOTO)).toBe(`file ${ends.indexOf('placed') + 1}`);
      });

      it('leaves nothing behind when it is discarded, at any time, twice', async () => {
        const open = await store.createIncoming();
        await open.write(Buffer.from('x'));
        const flushed = await incoming(Buffer.from('y'));
        for (const file of [open, flushed]) {
          await file.discard();
          await file.discard();
        }
        expect(await incomingNames()).toEqual([]);
      });

      it('stays when it is discarded after it was placed', async () => {
        const file = await incoming(Buffer.from('x'));
        await file.place(PHOTO);
        await file.discard();
        expect(await text(PHOTO)).toBe('x');
      });

      it('is moved on to another name, never replacing, and stays where it was when that is taken', async () => {
        const [first, second, third] = [1, 2, 3].map((n) => p(`Photos/2010/2010-03-01/A_${n}.JPG`)) as [
          RelativePath,
          RelativePath,
          RelativePath,
        ];
        await subject.put(second, Buffer.from('somebody else’s'), TAKEN_MS);
        const file = await incoming(Buffer.from('mine'));
        expect(await file.place(first)).toBe('placed');
        expect(await file.place(second)).toBe('taken');
        expect(await text(first)).toBe('mine');
        expect(await file.place(third)).toBe('placed');
        await file.discard();
        await store.settle([third]);
        expect(await store.list(p('Photos/2010/2010-03-01'))).toEqual(['A_2.JPG', 'A_3.JPG']);
        expect(await text(second)).toBe('somebody else’s');
        expect(await store.readBack(third)).toMatchObject({ xxh64: hashOf(Buffer.from('mine')) });
        expect(await incomingNames()).toEqual([]);
      });

      it('cannot be placed, nor read back, before it is flushed', async () => {
        const file = await store.createIncoming();
        await file.write(Buffer.from('x'));
        await expect(file.place(PHOTO)).rejects.toThrow();
        await expect(file.readBack()).rejects.toThrow();
        expect(await store.stat(PHOTO)).toBeNull();
        await file.discard();
      });

      it('takes no bytes after it was flushed', async () => {
        const file = await incoming(Buffer.from('x'));
        await expect(file.write(Buffer.from('y'))).rejects.toThrow();
        await file.discard();
      });
    });

    it.each([
      -1500, -2_145_916_800_000,
    ])('a time before 1970 (%d ms) is kept as any other', async (mtimeMs) => {
      const [small] = await store.writeAll([{ bytes: Buffer.from('x'), mtimeMs }]);
      await store.flushAll(small === undefined ? [] : [small]);
      const large = await store.createIncoming();
      await large.write(Buffer.from('y'));
      await large.flush(mtimeMs);
      const paths = [p('Photos/1.JPG'), p('Photos/2.JPG')];
      expect(await small?.place(paths[0]!)).toBe('placed');
      expect(await large.place(paths[1]!)).toBe('placed');
      expect(await store.statAll(paths)).toMatchObject([{ mtimeMs }, { mtimeMs }]);
    });

    describe('many small files at once', () => {
      const texts = Array.from({ length: 12 }, (_, n) => (n === 3 ? '' : `file ${n} `.repeat(n * 500)));
      const batch = texts.map((each) => ({ bytes: Buffer.from(each), mtimeMs: TAKEN_MS }));
      const names = texts.map((_, n) => p(`Photos/2010/2010-03-0${(n % 3) + 1}/${n}.JPG`));

      async function flushed(
        files: Parameters<DriveStore['writeAll']>[0] = batch,
      ): Promise<readonly IncomingFile[]> {
        const parts = await store.writeAll(files);
        await store.flushAll(parts);
        return parts;
      }
      const movesOf = (parts: readonly IncomingFile[]) =>
        parts.map((file, at) => ({ file, to: names[at] ?? p('Photos/none') }));

      it('are written, read back, placed, settled and looked at in the order they came', async () => {
        const parts = await flushed();
        const backs = await store.readBackAll(parts);
        expect(backs).toMatchObject(
          batch.map(({ bytes }) => ({ xxh64: hashOf(bytes), sizeBytes: bytes.length })),
        );
        expect(await store.placeAll(movesOf(parts))).toEqual(texts.map(() => 'placed'));
        await store.settle(names);
        const found = await store.statAll(names);
        expect(found).toMatchObject(
          batch.map(({ bytes }) => ({ sizeBytes: bytes.length, mtimeMs: TAKEN_MS })),
        );
        expect(new Set(found.map((each) => each?.file)).size).toBe(names.length);
        for (const [at, each] of texts.entries()) expect(await text(names[at]!)).toBe(each);
        expect(await incomingNames()).toEqual([]);
      });

      it('may be none', async () => {
        expect(await flushed([])).toEqual([]);
        expect(await store.readBackAll([])).toEqual([]);
        expect(await store.placeAll([])).toEqual([]);
        expect(await store.statAll([])).toEqual([]);
        await store.settle([]);
      });

      it('may lie in shared memory, some of it', async () => {
        const memory = new SharedArrayBuffer(100);
        new Uint8Array(memory).fill(0x61);
        const bytes = new Uint8Array(memory, 10, 20);
        const parts = await flushed([{ bytes, mtimeMs: TAKEN_MS }, ...batch.slice(1, 2)]);
        expect((await store.readBackAll(parts)).map(({ xxh64 }) => xxh64)).toEqual([
          hashOf(Buffer.alloc(20, 'a')),
          hashOf(batch[1]!.bytes),
        ]);
      });

      it('are read back together with large ones, in order', async () => {
        const large = await incoming(Buffer.alloc(5 * 1024 * 1024, 'x'));
        const [a, b] = await flushed(batch.slice(0, 2));
        const backs = await store.readBackAll([a!, large, b!]);
        expect(backs.map(({ sizeBytes }) => sizeBytes)).toEqual([0, 5 * 1024 * 1024, texts[1]!.length]);
      });

      it('are not read back or placed before they are flushed, nor flushed twice', async () => {
        const parts = await store.writeAll(batch);
        await expect(store.readBackAll(parts)).rejects.toThrow();
        await expect(store.placeAll(movesOf(parts))).rejects.toThrow();
        await store.flushAll(parts);
        await expect(store.flushAll(parts)).rejects.toThrow();
        expect(await store.statAll(names)).toEqual(texts.map(() => null));
      });

      it('take no name that is taken, not by each other either', async () => {
        await subject.put(names[1]!, Buffer.from('the first'), TAKEN_MS);
        const parts = await flushed(batch.slice(0, 4));
        const moves = movesOf(parts).map((move, at) => (at === 3 ? { ...move, to: names[0]! } : move));
        expect(await store.placeAll(moves)).toEqual(['placed', 'taken', 'placed', 'taken']);
        expect(await text(names[1]!)).toBe('the first');
        await Promise.all(parts.map((part) => part.discard()));
        expect(await text(names[0]!)).toBe(texts[0]);
        expect(await incomingNames()).toEqual([]);
      });

      it('stop at the first that cannot be placed', async () => {
        await subject.put('Photos/file', Buffer.from('x'), TAKEN_MS);
        const parts = await flushed(batch.slice(0, 3));
        const moves = movesOf(parts).map((move, at) =>
          at === 1 ? { ...move, to: p('Photos/file/x') } : move,
        );
        expect(await reasonOf(store.placeAll(moves))).toBe('drive-not-writable');
        expect(await store.statAll(names.slice(0, 3))).toMatchObject([{ sizeBytes: 0 }, null, null]);
        await Promise.all(parts.map((part) => part.discard()));
        expect(await text(names[0]!)).toBe(texts[0]);
        expect(await incomingNames()).toEqual([]);
      });

      it('are left alone while others are cleared away', async () => {
        const parts = await flushed();
        expect(await store.clearIncoming()).toBe(0);
        expect(await store.placeAll(movesOf(parts))).toHaveLength(texts.length);
      });

      it('are not settled when one is not there', async () => {
        const parts = await flushed();
        await store.placeAll(movesOf(parts));
        expect(await reasonOf(store.settle([...names, p('Photos/none')]))).toBe('drive-failing');
      });

      it('are neither written nor placed on another drive in the place of this one', async () => {
        const parts = await flushed();
        await subject.swap();
        expect(await reasonOf(store.writeAll(batch))).toBe('drive-lost');
        expect(await reasonOf(store.placeAll(movesOf(parts)))).toBe('drive-lost');
        expect(await reasonOf(store.readBackAll(parts))).toBe('drive-lost');
        expect(await reasonOf(store.statAll(names))).toBe('drive-lost');
        expect(await reasonOf(store.settle(names))).toBe('drive-lost');
        expect(await subject.content(names[0]!)).toBeNull();
      });
    });

    describe('clearing', () => {
      it('removes what an earlier run left, and counts it', async () => {
        await subject.put('.imagetank/incoming/old-1.part', Buffer.from('x'), TAKEN_MS);
        await subject.put('.imagetank/incoming/old-2.part', Buffer.from('y'), TAKEN_MS);
        expect(await store.clearIncoming()).toBe(2);
        expect(await store.clearIncoming()).toBe(0);
        expect(await incomingNames()).toEqual([]);
      });

      it('removes it once where two backups begin together', async () => {
        const left = Array.from({ length: 40 }, (_, at) => `.imagetank/incoming/old-${at}.part`);
        for (const path of left) await subject.put(path, Buffer.from('x'), TAKEN_MS);
        const removed = await Promise.all([store.clearIncoming(), store.clearIncoming()]);
        expect(removed.reduce((sum, count) => sum + count)).toBe(left.length);
        expect(await incomingNames()).toEqual([]);
      });

      it('leaves alone what a running backup still writes', async () => {
        const file = await incoming(Buffer.from('x'));
        expect(await store.clearIncoming()).toBe(0);
        expect(await file.place(PHOTO)).toBe('placed');
      });
    });

    describe('looking', () => {
      it('lists the names in a folder, none where there is no folder', async () => {
        await subject.put('Photos/b', Buffer.from('x'), TAKEN_MS);
        await subject.put('Photos/a/c', Buffer.from('x'), TAKEN_MS);
        expect([...(await store.list(p('Photos')))].sort()).toEqual(['a', 'b']);
        expect(await store.list(p('None'))).toEqual([]);
        expect(await store.list(p('Photos/b'))).toEqual([]);
      });

      it('knows the size and time of files only', async () => {
        await subject.put('Photos/a/c', Buffer.from('xyz'), TAKEN_MS);
        const [seen] = await store.sightAll([p('Photos/a/c')]);
        expect(seen?.file).toEqual(expect.any(String));
        const found = { sizeBytes: 3, mtimeMs: TAKEN_MS, file: seen?.file };
        expect(await store.stat(p('Photos/a/c'))).toEqual(found);
        expect(await store.stat(p('Photos/a'))).toBeNull();
        expect(await store.stat(p('Photos/none'))).toBeNull();
        expect(await store.stat(p('Photos/a/c/d'))).toBeNull();
      });

      it('walks files depth first in byte order, nothing where there is no folder', async () => {
        for (const path of ['Photos/b', 'Photos/B', 'Photos/a/2', 'Photos/a/1', 'Photos/a.txt', 'Other/x']) {
          await subject.put(path, Buffer.from(path), TAKEN_MS);
        }
        const seen: unknown[] = [];
        for await (const file of store.walk(p('Photos'))) seen.push(file);
        expect(seen).toEqual(
          ['Photos/B', 'Photos/a/1', 'Photos/a/2', 'Photos/a.txt', 'Photos/b'].map((path) => ({
            path,
            sizeBytes: path.length,
            mtimeMs: TAKEN_MS,
          })),
        );
        for await (const file of store.walk(p('None'))) expect(file).toBe('nothing');
      });

      it('knows how much room there is', async () => {
        expect(await store.sizeBytes()).toBeGreaterThan(0);
        expect(await store.freeBytes()).toBeGreaterThan(0);
        expect(await store.freeBytes()).toBeLessThanOrEqual(await store.sizeBytes());
      });

      it('reads back what lies there now, not what was written', async () => {
        await (await incoming(Buffer.from('abc'))).place(PHOTO);
        await subject.put(PHOTO, Buffer.from('abd'), TAKEN_MS);
        expect((await store.readBack(PHOTO)).xxh64).toBe(hashOf(Buffer.from('abd')));
      });

      it('reads back at a pace, block by block, and ends with what stops it', async () => {
        const bytes = Buffer.alloc(9 * 1024 * 1024 + 1, 5);
        await subject.put(PHOTO, bytes, TAKEN_MS);
        const blocks: number[] = [];
        const back = await store.readBack(PHOTO, async (sizeBytes) => void blocks.push(sizeBytes));
        expect(back).toMatchObject({ xxh64: hashOf(bytes), sizeBytes: bytes.length });
        expect(blocks.reduce((sum, block) => sum + block, 0)).toBe(bytes.length);
        expect(Math.max(...blocks)).toBeLessThanOrEqual(4 * 1024 * 1024);
        const why = new Error('stopped');
        expect(await reasonOf(store.readBack(PHOTO, () => Promise.reject(why)))).toBe(why);
      });

      it('does not read back what is not there', async () => {
        expect(await reasonOf(store.readBack(p('Photos/none')))).toBe('drive-failing');
      });
    });

    describe('texts', () => {
      it('are written under a new name only', async () => {
        const [first, second] = [p('Photos/ascmhl/0001.mhl'), p('Photos/ascmhl/0002.mhl')];
        expect(await store.writeNew([first], ['o', 'ne'])).toBe(first);
        expect(await store.writeNew([first], ['two'])).toBeNull();
        expect(await store.writeNew([first, second], ['two'])).toBe(second);
        expect([await store.readText(first), await store.readText(second)]).toEqual(['one', 'two']);
        expect(await incomingNames()).toEqual([]);
      });

      it('are read back letter by letter; null when there is no file', async () => {
        const letters = 'ä📷\u0000\nlast';
        await store.writeNew([p('Photos/x.txt')], [letters]);
        expect(await store.readText(p('Photos/x.txt'))).toBe(letters);
        expect(await store.readText(p('Photos'))).toBeNull();
        expect(await store.readText(p('Photos/none.txt'))).toBeNull();
      });

      it('of imagetank itself are replaced', async () => {
        for (const path of ['Photos/ascmhl/chain.xml', '.imagetank/state.json']) {
          await store.replaceOwn(p(path), 'one');
          await store.replaceOwn(p(path), 'two');
          expect(await text(path)).toBe('two');
        }
        expect(await incomingNames()).toEqual([]);
      });

      it.each([
        'Photos/A.JPG',
        'ascmhl',
        'Photos/ascmhl.txt',
        'Photos/my.ascmhl/x',
        '.imagetank',
        'Photos/.imagetank/x',
        '.imagetank/drive.json',
      ])('that are not imagetank’s own are neither replaced nor continued: %s', async (path) => {
        const before = await subject.content(path);
        await expect(store.replaceOwn(p(path), 'x')).rejects.toThrow(RangeError);
        await expect(store.appendOwn(p(path), ['x'])).rejects.toThrow(RangeError);
        expect(await subject.content(path)).toEqual(before);
      });

      it('are continued line by line', async () => {
        const path = p('.imagetank/journal.jsonl');
        await store.appendOwn(path, ['{"a":1}', '{"b":2}']);
        await store.appendOwn(path, []);
        await store.appendOwn(path, ['{"c":3}']);
        expect(await text(path)).toBe('{"a":1}\n{"b":2}\n{"c":3}\n');
      });

      it.each([
        ['one\ntwo\n{"torn', 'one\ntwo\nnew\n'],
        ['{"torn', 'new\n'],
        ['', 'new\n'],
        ['one\n', 'one\nnew\n'],
        [`one\n${'x'.repeat(200_000)}`, 'one\nnew\n'],
        [`${'x'.repeat(200_000)}\n`, `${'x'.repeat(200_000)}\nnew\n`],
      ])('lose a torn last line first (%#)', async (before, after) => {
        await subject.put('.imagetank/journal.jsonl', Buffer.from(before), TAKEN_MS);
        await store.appendOwn(p('.imagetank/journal.jsonl'), ['new']);
        expect(await text('.imagetank/journal.jsonl')).toBe(after);
      });

      it('get whole lines from many writers at once', async () => {
        const path = p('.imagetank/journal.jsonl');
        const lines = Array.from({ length: 20 }, (_, n) => `{"n":${n}}`);
        await Promise.all(lines.map((line) => store.appendOwn(path, [line])));
        expect((await text(path))?.split('\n').filter(Boolean).sort()).toEqual([...lines].sort());
      });

      it('refuse a line that is two', async () => {
        await expect(store.appendOwn(p('.imagetank/journal.jsonl'), ['a\nb'])).rejects.toThrow(RangeError);
      });
    });

    describe('another drive in its place', () => {
      it('is never written', async () => {
        const [early, late] = [await incoming(Buffer.from('x')), await store.createIncoming()];
        await subject.put('.imagetank/journal.jsonl', Buffer.from('line\n'), TAKEN_MS);
        await subject.swap();
        expect(await reasonOf(store.createIncoming())).toBe('drive-lost');
        expect(await reasonOf(early.place(PHOTO))).toBe('drive-lost');
        expect(await reasonOf(store.settle([PHOTO]))).toBe('drive-lost');
        expect(await reasonOf(store.writeNew([PHOTO], ['x']))).toBe('drive-lost');
        expect(await reasonOf(store.replaceOwn(p('.imagetank/x'), 'x'))).toBe('drive-lost');
        expect(await reasonOf(store.appendOwn(p('.imagetank/journal.jsonl'), ['x']))).toBe('drive-lost');
        expect(await reasonOf(store.clearIncoming())).toBe('drive-lost');
        expect(await reasonOf(store.sync())).toBe('drive-lost');
        expect(await subject.content(PHOTO)).toBeNull();
        expect(await subject.content('.imagetank/journal.jsonl')).toBeNull();
        await late.discard();
      });
    });

    describe('a scan of a folder', () => {
      const entries = async (folder: string): Promise<readonly ScannedEntry[]> => {
        const all: ScannedEntry[] = [];
        for await (const entry of store.scan(p(folder))) all.push(entry);
        return all;
      };

      it('lists what lies there, depth first, with its path on the drive', async () => {
        await subject.put('images/2019/b.jpg', Buffer.from('bb'), TAKEN_MS);
        await subject.put('images/a.jpg', Buffer.from('a'), TAKEN_MS);
        await subject.put('images2/c.jpg', Buffer.from('c'), TAKEN_MS);
        expect(await entries('images')).toEqual([
          { kind: 'file', path: 'images/2019/b.jpg', sizeBytes: 2, mtimeMs: TAKEN_MS },
          { kind: 'file', path: 'images/a.jpg', sizeBytes: 1, mtimeMs: TAKEN_MS },
        ]);
      });

      it('is refused for what is no folder', async () => {
        await subject.put('images/a.jpg', Buffer.from('a'), TAKEN_MS);
        expect(await reasonOf(entries('none'))).toBe('drive-failing');
        expect(isDriveError(await entries('images/a.jpg').catch((error: unknown) => error))).toBe(true);
      });
    });

    describe('a sighting', () => {
      const sight = async (path: string): Promise<Sighting | null> =>
        (await store.sightAll([p(path)]))[0] ?? null;

      it('stays the same while nobody touches the file, and has what stat has', async () => {
        await subject.put('images/a.jpg', Buffer.from('a'), TAKEN_MS);
        const first = await sight('images/a.jpg');
        expect(first).toMatchObject({ sizeBytes: 1, mtimeMs: TAKEN_MS });
        await store.readBack(p('images/a.jpg'));
        expect(await sight('images/a.jpg')).toEqual(first);
      });

      it.each([
        ['written longer', 'aa', TAKEN_MS],
        ['written at another time', 'b', TAKEN_MS + 2000],
      ])('is another one after the file was %s', async (_, content, mtimeMs) => {
        await subject.put('images/a.jpg', Buffer.from('a'), TAKEN_MS);
        const first = await sight('images/a.jpg');
        await subject.put('images/a.jpg', Buffer.from(content), mtimeMs);
        expect((await sight('images/a.jpg'))?.version).not.toBe(first?.version);
      });

      it('tells two files apart, and is null where there is none', async () => {
        await subject.put('images/a.jpg', Buffer.from('a'), TAKEN_MS);
        await subject.put('images/b.jpg', Buffer.from('a'), TAKEN_MS);
        const [a, b, none, folder] = await store.sightAll(
          ['images/a.jpg', 'images/b.jpg', 'images/c.jpg', 'images'].map(p),
        );
        expect(a?.file).not.toBe(b?.file);
        expect([none, folder]).toEqual([null, null]);
      });
    });

    it('syncs its file system', async () => {
      await store.sync();
    });
  });
}

function textWithSmallHash(): string {
  for (let n = 0; ; n += 1) if (hashOf(Buffer.from(`${n}`)).startsWith('0')) return `${n}`;
}
