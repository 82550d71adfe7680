import { Buffer } from 'node:buffer';
import { xxh64 } from '@node-rs/xxhash';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { relativePath } from '../../machines/ids.ts';
import { isCardError } from '../../services/errors.ts';
import type { CardPath, CardReader, ScannedEntry } from '../../services/media-ports.ts';

export interface CardReaderSubject {
  readonly reader: CardReader;
  readonly root: string;
  /** Puts a file on the card, its folders too. A Buffer is a path that is not UTF-8. */
  put(path: string | Buffer, content: Uint8Array, mtimeMs: number): Promise<void>;
  /** The card is pulled: its root is there no longer. */
  pull(): Promise<void>;
  cleanUp(): Promise<void>;
}

export async function scanAll(reader: CardReader, root: string): Promise<ScannedEntry[]> {
  const entries: ScannedEntry[] = [];
  for await (const entry of reader.scan(root)) entries.push(entry);
  return entries;
}

export const at = (path: string): CardPath => ({ path: relativePath(path) });
/** Milliseconds; even seconds, which FAT can hold. */
const TAKEN_MS = Date.UTC(2010, 2, 1, 21, 51, 2);

/** What every `CardReader` must do. */
export function cardReaderContract(name: string, setUp: () => Promise<CardReaderSubject>): void {
  describe(`CardReader: ${name}`, () => {
    let subject: CardReaderSubject;
    beforeEach(async () => {
      subject = await setUp();
    });
    afterEach(() => subject.cleanUp());

    const codeOf = (action: Promise<unknown>): Promise<unknown> =>
      action.then(
        () => 'no error',
        (error: unknown) => (isCardError(error) ? error.code : error),
      );

    it('lists nothing of an empty card', async () => {
      expect(await scanAll(subject.reader, subject.root)).toEqual([]);
    });

    it('lists files with size and time, depth first, names in byte order', async () => {
      for (const path of [
        'b.txt',
        'DCIM/100/B.JPG',
        'DCIM/100/a.JPG',
        'DCIM.txt',
        'é.txt',
        'DCIM/101/C.JPG',
      ]) {
        await subject.put(path, Buffer.from(path), TAKEN_MS);
      }
      expect(await scanAll(subject.reader, subject.root)).toEqual(
        ['DCIM/100/B.JPG', 'DCIM/100/a.JPG', 'DCIM/101/C.JPG', 'DCIM.txt', 'b.txt', 'é.txt'].map((path) => ({
          kind: 'file',
          path,
          sizeBytes: Buffer.byteLength(path),
          mtimeMs: TAKEN_MS,
        })),
      );
    });

    it('lists an empty file', async () => {
      await subject.put('DCIM/EMPTY.JPG', Buffer.alloc(0), TAKEN_MS);
      expect(await scanAll(subject.reader, subject.root)).toMatchObject([{ kind: 'file', sizeBytes: 0 }]);
    });

    it('keeps the bytes of a name that is not UTF-8, and opens it by them', async () => {
      const raw = Buffer.concat([Buffer.from('DCIM/f'), Buffer.from([0xe4]), Buffer.from('r.JPG')]);
      await subject.put(raw, Buffer.from('umlaut'), TAKEN_MS);
      const [entry] = await scanAll(subject.reader, subject.root);
      expect(entry).toMatchObject({ path: 'DCIM/f\uFFFDr.JPG', pathBase64: raw.toString('base64') });
      expect(await content(entry!)).toBe('umlaut');
    });

    it('keeps names with newlines, blanks, quotes and emoji as they are', async () => {
      const names = ['a\nb.JPG', ' blank .JPG', '"q\'.JPG', '📷.JPG', '-rf', '\\.JPG', 'e\u0301.JPG'];
      for (const name of names) await subject.put(name, Buffer.from(name), TAKEN_MS);
      const entries = await scanAll(subject.reader, subject.root);
      expect(new Set(entries.map((entry) => entry.path))).toEqual(new Set(names));
      for (const entry of entries) {
        expect(entry).not.toHaveProperty('pathBase64');
        expect(await content(entry)).toBe(entry.path);
      }
    });

    it('gives size and time of an open file as the scan gave them', async () => {
      await subject.put('A.JPG', Buffer.from('abc'), TAKEN_MS);
      const [entry] = await scanAll(subject.reader, subject.root);
      const file = await subject.reader.open(subject.root, at('A.JPG'));
      expect({ sizeBytes: file.sizeBytes, mtimeMs: file.mtimeMs }).toEqual({
        sizeBytes: 3,
        mtimeMs: TAKEN_MS,
      });
      expect(entry).toMatchObject({ sizeBytes: file.sizeBytes, mtimeMs: file.mtimeMs });
      await file.close();
    });

    it('reads from a position, up to the end, and then nothing', async () => {
      await subject.put('A.JPG', Buffer.from('0123456789'), TAKEN_MS);
      const file = await subject.reader.open(subject.root, at('A.JPG'));
      const buffer = Buffer.alloc(4);
      expect(await file.read(buffer, 0)).toBe(4);
      expect(buffer.toString()).toBe('0123');
      expect(await file.read(buffer, 8)).toBe(2);
      expect(buffer.toString('utf8', 0, 2)).toBe('89');
      expect(await file.read(buffer, 10)).toBe(0);
      await file.close();
    });

    it('sees that a file changed after it was opened', async () => {
      await subject.put('A.JPG', Buffer.from('before'), TAKEN_MS);
      const file = await subject.reader.open(subject.root, at('A.JPG'));
      expect(await file.changed()).toBe(false);
      await subject.put('A.JPG', Buffer.from('beyond'), TAKEN_MS + 2000);
      expect(await file.changed()).toBe(true);
      await file.close();
    });

    it('sees that a file grew, its time set back', async () => {
      await subject.put('A.JPG', Buffer.from('before'), TAKEN_MS);
      const file = await subject.reader.open(subject.root, at('A.JPG'));
      await subject.put('A.JPG', Buffer.from('before and after'), TAKEN_MS);
      expect(await file.changed()).toBe(true);
      await file.close();
    });

    it('calls a missing file unreadable while the card is there', async () => {
      expect(await codeOf(subject.reader.open(subject.root, at('NONE.JPG')))).toBe('unreadable');
    });

    it.each(['../secret', '/etc/passwd', 'DCIM/../../secret', ''])('does not open %j', async (path) => {
      const raw = { path: at('A').path, pathBase64: Buffer.from(path).toString('base64') };
      expect(await codeOf(subject.reader.open(subject.root, raw))).toBe('unreadable');
    });

    describe('the starts of many files', () => {
      const sizes = [0, 1, 100, 4096, 70_000];
      const pathOf = (n: number): string => `DCIM/10${n % 2}/${n}.JPG`;
      const bytesOf = (n: number): Buffer => Buffer.alloc(sizes[n] ?? 0, `file ${n}`);
      beforeEach(async () => {
        for (const n of sizes.keys()) await subject.put(pathOf(n), bytesOf(n), TAKEN_MS);
      });
      const all = sizes.map((_, n) => at(pathOf(n)));

      it('come with size and time, each up to the bytes asked for, in order', async () => {
        const starts = await subject.reader.readStarts(subject.root, all, 4096);
        const plain = starts.files.map((start) =>
          isCardError(start) ? start : { ...start, bytes: Buffer.from(start.bytes) },
        );
        expect(plain).toEqual(
          sizes.map((sizeBytes, n) => ({
            sizeBytes,
            mtimeMs: TAKEN_MS,
            bytes: bytesOf(n).subarray(0, 4096),
            steady: true,
            file: expect.any(String),
          })),
        );
        const opened = all.map(async (one) => {
          const file = await subject.reader.open(subject.root, one);
          await file.close();
          return file.file;
        });
        const files = await Promise.all(opened);
        expect(plain.map((start) => (isCardError(start) ? null : start.file))).toEqual(files);
        expect(new Set(files).size).toBe(sizes.length);
        starts.release();
      });

      it('have memory of their own until they are released, and share it afterwards', async () => {
        const first = await subject.reader.readStarts(subject.root, [at(pathOf(2))], 100);
        const second = await subject.reader.readStarts(subject.root, [at(pathOf(3))], 100);
        expect([textOf(first), textOf(second)]).toEqual([
          bytesOf(2).toString(),
          bytesOf(3).toString('utf8', 0, 100),
        ]);
        first.release();
        // Twice is no fault: it must not be handed to two readers then.
        first.release();
        const [third, fourth] = [
          await subject.reader.readStarts(subject.root, [at(pathOf(2))], 100),
          await subject.reader.readStarts(subject.root, [at(pathOf(4))], 100),
        ];
        expect([textOf(third), textOf(second), textOf(fourth)]).toEqual([
          bytesOf(2).toString(),
          bytesOf(3).toString('utf8', 0, 100),
          bytesOf(4).toString('utf8', 0, 100),
        ]);
        for (const each of [second, third, fourth]) each.release();
      });

      it('hold what has room, and call the others unsteady', async () => {
        const mib = 1024 * 1024;
        for (const n of [0, 1, 2, 3, 4, 5])
          await subject.put(`BIG/${n}`, Buffer.alloc(mib, `${n}`), TAKEN_MS);
        const files = [0, 1, 2, 3, 4, 5].map((n) => at(`BIG/${n}`));
        const starts = await subject.reader.readStarts(subject.root, files, mib);
        const steady = starts.files.map((start) => !isCardError(start) && start.steady);
        expect(steady.slice(0, 4)).toEqual([true, true, true, true]);
        for (const [n, start] of starts.files.entries()) {
          if (isCardError(start)) throw start;
          if (start.steady) expect(Buffer.from(start.bytes).equals(Buffer.alloc(mib, `${n}`))).toBe(true);
          else expect(start.bytes.length).toBeLessThan(mib);
        }
        starts.release();
      });

      it('are errors for what cannot be opened, one by one', async () => {
        const raw = { path: at('A').path, pathBase64: Buffer.from('../secret').toString('base64') };
        const files = [at('NONE.JPG'), at(pathOf(1)), raw, at('DCIM'), at('NONE/A.JPG')];
        const starts = await subject.reader.readStarts(subject.root, files, 100);
        expect(starts.files.map((start) => (isCardError(start) ? start.code : 'read'))).toEqual([
          'unreadable',
          'read',
          'unreadable',
          'unreadable',
          'unreadable',
        ]);
        starts.release();
      });

      it('of a card that was pulled are gone', async () => {
        await scanAll(subject.reader, subject.root);
        await subject.pull();
        const starts = await subject.reader.readStarts(subject.root, all, 100);
        expect(starts.files.map((start) => (isCardError(start) ? start.code : 'read'))).toEqual(
          sizes.map(() => 'gone'),
        );
        starts.release();
      });

      function textOf(starts: Awaited<ReturnType<CardReader['readStarts']>>): string {
        const [start] = starts.files;
        return start === undefined || isCardError(start) ? 'none' : Buffer.from(start.bytes).toString();
      }
    });

    describe('a second reading', () => {
      it.each([0, 1, 4097, 9 * 1024 * 1024 + 1])('of %i bytes hashes all of them', async (size) => {
        const bytes = Buffer.alloc(size, 'camera');
        await subject.put('A.MOV', bytes, TAKEN_MS);
        expect(await subject.reader.readBack(subject.root, at('A.MOV'))).toMatchObject({
          xxh64: xxh64(bytes).toString(16).padStart(16, '0'),
          sizeBytes: size,
        });
      });

      it('tells a file that is not there from a card that is gone', async () => {
        await subject.put('A.JPG', Buffer.from('a'), TAKEN_MS);
        await scanAll(subject.reader, subject.root);
        expect(await codeOf(subject.reader.readBack(subject.root, at('NONE.JPG')))).toBe('unreadable');
        await subject.pull();
        expect(await codeOf(subject.reader.readBack(subject.root, at('A.JPG')))).toBe('gone');
      });
    });

    it('is present until it is pulled, then gone for every question', async () => {
      await subject.put('A.JPG', Buffer.from('a'), TAKEN_MS);
      await scanAll(subject.reader, subject.root);
      expect(await subject.reader.isPresent(subject.root)).toBe(true);
      await subject.pull();
      expect(await subject.reader.isPresent(subject.root)).toBe(false);
      expect(await codeOf(subject.reader.open(subject.root, at('A.JPG')))).toBe('gone');
      expect(await codeOf(scanAll(subject.reader, subject.root))).toBe('gone');
    });

    it('does not end a scan well when the card is pulled in its middle', async () => {
      for (const path of ['A/1', 'B/1', 'C/1']) await subject.put(path, Buffer.from('x'), TAKEN_MS);
      const scan = subject.reader.scan(subject.root)[Symbol.asyncIterator]();
      await scan.next();
      await subject.pull();
      const rest = async (): Promise<void> => {
        while (!(await scan.next()).done);
      };
      expect(await codeOf(rest())).toBe('gone');
    });

    async function content(path: CardPath): Promise<string> {
      const file = await subject.reader.open(subject.root, path);
      const buffer = Buffer.alloc(file.sizeBytes);
      const bytes = await file.read(buffer, 0);
      await file.close();
      return buffer.toString('utf8', 0, bytes);
    }
  });
}
