import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isDriveError } from '../../services/errors.ts';
import type { UploadStore } from '../../services/uploads/ports.ts';
import { recordOf } from '../uploads/kit.ts';

export interface UploadSubject {
  readonly store: UploadStore;
  /** Every file of the inbox, by its path below it. */
  inbox(): Readonly<Record<string, string>>;
  /** As a client of the drive. */
  put(path: string, content: string): void;
  mtimeMsOf(path: string): number | null;
  cleanUp(): Promise<void>;
}

const [ONE, OTHER, THIRD] = ['1', '2', '3'].map((digit) => `${digit}0000000-0000-4000-8000-000000000000`) as [
  string,
  string,
  string,
];
const TO = { folder: 'phone-1', name: 'A.JPG' };
const TAKEN_MS = Date.UTC(2026, 10, 1, 12);

/** What every `UploadStore` must do. */
export function uploadStoreContract(name: string, setUp: () => Promise<UploadSubject>): void {
  describe(`UploadStore: ${name}`, () => {
    let subject: UploadSubject;
    let store: UploadStore;
    beforeEach(async () => {
      subject = await setUp();
      store = subject.store;
    });
    afterEach(() => subject.cleanUp());

    const failure = (work: Promise<unknown>) =>
      work.then(
        () => 'nothing failed',
        (error: unknown) => (isDriveError(error) ? 'DriveError' : error),
      );

    it('begins with an empty file and its record, and tells of nothing else', async () => {
      expect(await store.list(10)).toEqual([]);
      expect(await store.get(ONE)).toBeNull();
      const record = recordOf({ metadata: 'filename QQ==', mtimeMs: 1.5 });
      await store.create(ONE, record);
      expect(await store.get(ONE)).toEqual({ id: ONE, record, bytes: 0 });
      expect(await store.list(10)).toEqual([{ id: ONE, record, bytes: 0 }]);
      expect(await store.get(OTHER)).toBeNull();
    });

    it('lists as many as are asked for', async () => {
      for (const id of [THIRD, ONE, OTHER]) await store.create(id, recordOf());
      const ids = async (max: number) => (await store.list(max)).map(({ id }) => id);
      expect(await ids(3)).toEqual([ONE, OTHER, THIRD]);
      expect(await ids(2)).toEqual([ONE, OTHER]);
    });

    it('one that is there is not begun again', async () => {
      const record = recordOf();
      await store.create(ONE, record);
      await store.write(ONE, 0, Buffer.from('abc'));
      await expect(store.create(ONE, recordOf({ name: 'other' }))).rejects.toThrow('EEXIST');
      expect(await store.get(ONE)).toEqual({ id: ONE, record, bytes: 3 });
    });

    it('another record takes the place of the first, and the bytes stay', async () => {
      await store.create(ONE, recordOf());
      await store.write(ONE, 0, Buffer.from('abc'));
      await store.sync(ONE);
      await store.save(ONE, recordOf({ syncedBytes: 3 }));
      expect(await store.get(ONE)).toEqual({ id: ONE, record: recordOf({ syncedBytes: 3 }), bytes: 3 });
    });

    it('writes where it is told, over what came before and was not told', async () => {
      await store.create(ONE, recordOf());
      await store.write(ONE, 0, Buffer.from('abcXYZ'));
      await store.write(ONE, 3, Buffer.from('def'));
      await store.sync(ONE);
      await store.settle(ONE, recordOf(), TO);
      expect(subject.inbox()).toEqual({ 'phone-1/A.JPG': 'abcdef' });
    });

    it('moves it into the inbox, cut to its size, with its time, and nothing is left staged', async () => {
      const record = recordOf({ sizeBytes: 3, mtimeMs: TAKEN_MS });
      await store.create(ONE, record);
      await store.write(ONE, 0, Buffer.from('abc and what a power cut left'));
      expect(await store.settle(ONE, record, TO)).toBe('phone-1/A.JPG');
      expect(subject.inbox()).toEqual({ 'phone-1/A.JPG': 'abc' });
      expect(subject.mtimeMsOf('phone-1/A.JPG')).toBe(TAKEN_MS);
      expect(await store.get(ONE)).toBeNull();
      expect(await store.list(10)).toEqual([]);
    });

    it('does not make one longer that is shorter than its size', async () => {
      await store.create(ONE, recordOf({ sizeBytes: 6 }));
      await store.write(ONE, 0, Buffer.from('abcde'));
      await expect(store.settle(ONE, recordOf({ sizeBytes: 6 }), TO)).rejects.toMatchObject({
        reason: 'drive-failing',
      });
      expect(subject.inbox()).toEqual({});
    });

    it('one without bytes is a file, too', async () => {
      await store.create(ONE, recordOf({ sizeBytes: 0 }));
      await store.settle(ONE, recordOf({ sizeBytes: 0 }), TO);
      expect(subject.inbox()).toEqual({ 'phone-1/A.JPG': '' });
    });

    it('replaces nothing: a name that is taken is followed by a number', async () => {
      subject.put('phone-1/A.JPG', 'of somebody');
      for (const id of [ONE, OTHER]) {
        await store.create(id, recordOf({ sizeBytes: 1 }));
        await store.write(id, 0, Buffer.from(id));
        await store.settle(id, recordOf({ sizeBytes: 1 }), TO);
      }
      expect(subject.inbox()).toEqual({
        'phone-1/A.JPG': 'of somebody',
        'phone-1/A (2).JPG': '1',
        'phone-1/A (3).JPG': '2',
      });
    });

    it('removes one and no other; what is not there is no error', async () => {
      await store.create(ONE, recordOf());
      await store.create(OTHER, recordOf());
      await store.remove(ONE);
      await store.remove(ONE);
      expect((await store.list(10)).map(({ id }) => id)).toEqual([OTHER]);
    });

    it('of what is not there nothing is written, synced or moved', async () => {
      await store.create(OTHER, recordOf());
      expect(await failure(store.write(ONE, 0, Buffer.from('abc')))).toBe('DriveError');
      expect(await failure(store.sync(ONE))).toBe('DriveError');
      expect(await failure(store.settle(ONE, recordOf(), TO))).toBe('DriveError');
      expect(await store.get(ONE)).toBeNull();
      expect(subject.inbox()).toEqual({});
    });

    it.each(['../drive', '..', 'x', '', `${ONE}/..`])('%j is no id', async (id) => {
      expect(await failure(store.get(id))).toBe('DriveError');
      expect(await failure(store.create(id, recordOf()))).toBe('DriveError');
      expect(await failure(store.write(id, 0, Buffer.from('x')))).toBe('DriveError');
      expect(await failure(store.remove(id))).toBe('DriveError');
    });

    it('knows its drive and how much room it has', async () => {
      const { freeBytes, sizeBytes } = await store.room();
      expect(sizeBytes).toBeGreaterThan(0);
      expect(freeBytes).toBeLessThanOrEqual(sizeBytes);
      expect(store.drive.path).toMatch(/^\//);
    });
  });
}
