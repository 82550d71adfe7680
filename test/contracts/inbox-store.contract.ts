import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { backupId, type RelativePath } from '../../machines/ids.ts';
import { type InboxFile, type InboxStore, inodeOf } from '../../services/inbox/ports.ts';

export interface InboxSubject {
  readonly store: InboxStore;
  /** As a client of the drive: paths below its top. What it returns writes on into the open file. */
  write(path: string, content: string): (more: string) => void;
  link(from: string, to: string): void;
  delete(path: string): void;
  /** Every regular file below the inbox, `taken` and Photos, with its content. */
  files(): Readonly<Record<string, string>>;
  removeInbox(): void;
  cleanUp(): Promise<void>;
}

const ID = backupId('20261121-57');
const TAKEN = `.imagetank/taken/${ID}`;

/** What every `InboxStore` must do. */
export function inboxStoreContract(name: string, setUp: () => Promise<InboxSubject>): void {
  describe(`InboxStore: ${name}`, () => {
    let subject: InboxSubject;
    beforeEach(async () => {
      subject = await setUp();
    });
    afterEach(() => subject.cleanUp());

    const files = async (): Promise<readonly InboxFile[]> => (await subject.store.look(100))?.files ?? [];
    const only = async (): Promise<InboxFile> => {
      const [file, ...others] = await files();
      if (file === undefined || others.length > 0) throw new Error('not exactly one file');
      return file;
    };
    const takeOnly = async () => {
      const [end] = await subject.store.take([await only()], ID);
      const {
        files: [taken],
      } = await subject.store.taken(100);
      if (taken === undefined) throw new Error('nothing was taken');
      return { end, taken };
    };

    it('tells files in folders, in byte order, with size and time', async () => {
      subject.write('inbox/b.jpg', 'two');
      subject.write('inbox/DCIM/100/a.jpg', 'one!');
      const found = await files();
      expect(found.map(({ path, sizeBytes }) => [path, sizeBytes])).toEqual([
        ['DCIM/100/a.jpg', 4],
        ['b.jpg', 3],
      ]);
      expect(found.every(({ mtimeMs }) => mtimeMs > 0)).toBe(true);
      expect(new Set(found.map(inodeOf)).size).toBe(2);
    });

    it('an empty inbox has no files, and none is none', async () => {
      expect(await subject.store.look(100)).toEqual({ files: [], unreadable: 0, more: false });
      subject.removeInbox();
      expect(await subject.store.look(100)).toBeNull();
      expect(await subject.store.taken(100)).toEqual({ files: [], unreadable: 0, more: false });
    });

    it('says that there are more files than were asked for', async () => {
      for (const name of ['a', 'b', 'c']) subject.write(`inbox/${name}`, name);
      const look = await subject.store.look(2);
      expect(look?.files.map(({ path }) => path)).toEqual(['a', 'b']);
      expect(look?.more).toBe(true);
      expect((await subject.store.look(3))?.more).toBe(false);
    });

    it('says that more was taken than was asked for', async () => {
      for (const name of ['a', 'b']) subject.write(`${TAKEN}/${name}`, name);
      expect(await subject.store.taken(1)).toMatchObject({ files: [{ path: 'a' }], more: true });
      expect(await subject.store.taken(2)).toMatchObject({ more: false });
    });

    it('a mark stays while nothing happens and is another one after each change', async () => {
      const write = subject.write('inbox/a.jpg', 'one');
      const { mark } = await only();
      expect((await only()).mark).toBe(mark);
      write('more');
      expect((await only()).mark).not.toBe(mark);
    });

    it('moves a file out of the inbox; who has it open goes on writing to it', async () => {
      const write = subject.write('inbox/DCIM/a.jpg', 'one');
      const { end, taken } = await takeOnly();
      expect(subject.files()).toEqual({ [`${TAKEN}/DCIM/a.jpg`]: 'one' });
      expect(end).toEqual({ end: 'taken', mark: taken.mark });
      expect(taken).toMatchObject({ path: 'DCIM/a.jpg', backupId: ID, sizeBytes: 3 });
      write(' two');
      expect(subject.files()).toEqual({ [`${TAKEN}/DCIM/a.jpg`]: 'one two' });
    });

    it('leaves a file alone that is not what its mark says, and takes the others', async () => {
      const write = subject.write('inbox/a.jpg', 'one');
      subject.write('inbox/b.jpg', 'two');
      subject.write('inbox/c.jpg', 'three');
      const seen = await files();
      write('more');
      subject.delete('inbox/b.jpg');
      const ends = await subject.store.take(seen, ID);
      expect(ends.map(({ end }) => end)).toEqual(['changed', 'changed', 'taken']);
      expect(subject.files()).toEqual({ 'inbox/a.jpg': 'onemore', [`${TAKEN}/c.jpg`]: 'three' });
    });

    it('another file under the same name, of the same size, is another file', async () => {
      subject.write('inbox/a.jpg', 'one');
      const seen = await only();
      subject.delete('inbox/a.jpg');
      subject.write('inbox/other', 'filler');
      subject.write('inbox/a.jpg', 'two');
      expect(await subject.store.take([seen], ID)).toEqual([{ end: 'changed' }]);
      expect(subject.files()).toEqual({ 'inbox/a.jpg': 'two', 'inbox/other': 'filler' });
    });

    it('never replaces what was taken before under that name', async () => {
      subject.write('inbox/a.jpg', 'one');
      await takeOnly();
      subject.write('inbox/a.jpg', 'two');
      expect(await subject.store.take([await only()], ID)).toMatchObject([{ end: 'refused' }]);
      expect(subject.files()).toEqual({ 'inbox/a.jpg': 'two', [`${TAKEN}/a.jpg`]: 'one' });
    });

    it('deletes what was taken, only while it is what its mark says', async () => {
      const write = subject.write('inbox/DCIM/a.jpg', 'one');
      const { taken } = await takeOnly();
      write('more');
      expect(await subject.store.remove([taken])).toEqual([false]);
      expect(Object.values(subject.files())).toEqual(['onemore']);
      expect(await subject.store.remove((await subject.store.taken(100)).files)).toEqual([true]);
      expect(subject.files()).toEqual({});
      expect(await subject.store.remove([taken])).toEqual([false]);
    });

    it('puts a file back under its own name, and under a free one when that is taken', async () => {
      subject.write('inbox/DCIM/a.jpg', 'one');
      const { taken } = await takeOnly();
      subject.write('inbox/DCIM/a.jpg', 'two');
      const as = (await subject.store.putBack(taken))?.path;
      expect(as).toBe(`DCIM/a (${ID}).jpg`);
      expect(subject.files()).toEqual({ 'inbox/DCIM/a.jpg': 'two', [`inbox/${as}`]: 'one' });
      expect(await subject.store.putBack(taken)).toBeNull();
    });

    it('what was taken is put back where it was when its name is free', async () => {
      subject.write('inbox/a', 'one');
      const { taken } = await takeOnly();
      expect((await subject.store.putBack(taken))?.path).toBe('a');
      expect(subject.files()).toEqual({ 'inbox/a': 'one' });
    });

    it('an inbox that was tidied away meanwhile is made again: nothing stays hidden', async () => {
      subject.write('inbox/DCIM/a.jpg', 'one');
      const { taken } = await takeOnly();
      subject.removeInbox();
      expect((await subject.store.putBack(taken))?.path).toBe('DCIM/a.jpg');
      expect(subject.files()).toEqual({ 'inbox/DCIM/a.jpg': 'one' });
    });

    it('identifies files of the drive: a hard link has the inode of its other name', async () => {
      subject.write('Photos/a.jpg', 'one');
      subject.link('Photos/a.jpg', 'inbox/a.jpg');
      const [found, missing] = await subject.store.identify([
        'Photos/a.jpg' as RelativePath,
        'Photos/b.jpg' as RelativePath,
      ]);
      expect(found?.inode).toBe(inodeOf(await only()));
      expect(found?.sizeBytes).toBe(3);
      expect(missing).toBeNull();
    });
  });
}
