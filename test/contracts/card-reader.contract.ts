import { Buffer } from 'node:buffer';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { relativePath } from '../../machines/ids.ts';
import { isCardError } from '../../services/errors.ts';
import type { CardPath, CardReader, ScannedEntry } from '../../services/ports.ts';

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
