import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Fact } from '../../machines/facts.ts';
import { backupId, cardId, driveId, relativePath } from '../../machines/ids.ts';
import type { FileOnDrive } from '../../machines/media.ts';
import { file, forgotten, learned, lost, sealed, settled, stamped, xxh64Of } from '../journal/facts.ts';
import type { StoreSubject } from './store-subject.ts';

const D = driveId('D');
const E = driveId('E');
const A = cardId('A');
const B = cardId('B');

const indexedFile = (to: string) => ({
  to: relativePath(to),
  sizeBytes: 10,
  xxh64: xxh64Of(to),
  toMtimeMs: 1_700_000_000_000,
});

/** What every `Catalogue` must answer. */
export function catalogueContract(name: string, setUp: () => Promise<StoreSubject>): void {
  describe(`Catalogue: ${name}`, () => {
    let subject: StoreSubject;
    beforeEach(async () => {
      subject = await setUp();
    });
    afterEach(() => subject.cleanUp());
    const catalogue = () => subject.store.catalogue;
    const given = (...facts: readonly Fact[]) => subject.store.log.append(stamped(facts));
    const copied = (...files: readonly FileOnDrive[]) => settled('b1', { copied: files });
    const at = (to: string, drive = D) => catalogue().copyAt(drive, relativePath(to));
    const seen = (from: string, card = A, drive = D) => catalogue().findSeen(drive, card, relativePath(from));
    const paths = (copies: Iterable<{ readonly to: string; readonly driveId: string }>) =>
      [...copies].map((copy) => `${copy.driveId}:${copy.to}`);

    it('knows nothing at first', () => {
      expect(catalogue().hasSize(D, 10)).toBe(false);
      expect(catalogue().findContent(D, 10, xxh64Of('a'))).toEqual([]);
      expect(catalogue().findEverywhere(10, xxh64Of('a'))).toEqual([]);
      expect(at('a.jpg')).toBeNull();
      expect(seen('DCIM/a.jpg')).toBeNull();
      expect([...catalogue().copiesOf({ driveId: D })]).toEqual([]);
      expect(catalogue().cardsBelow(D, relativePath('Photos'))).toEqual([]);
    });

    it('keeps a copied file as a verified copy of its backup', async () => {
      await given(copied(file('a.jpg', { content: 'a' })));
      const copy = {
        driveId: D,
        to: 'a.jpg',
        sizeBytes: 10,
        xxh64: xxh64Of('a'),
        toMtimeMs: 1_700_000_000_000,
        state: 'verified',
        verifiedFrom: 'medium',
        backupId: 'b1',
      };
      expect(at('a.jpg')).toEqual(copy);
      expect(catalogue().findContent(D, 10, xxh64Of('a'))).toEqual([copy]);
      expect(catalogue().findEverywhere(10, xxh64Of('a'))).toEqual([copy]);
      expect(seen('DCIM/a.jpg')).toEqual({
        cardId: A,
        path: 'DCIM/a.jpg',
        sizeBytes: 10,
        mtimeMs: 1_700_000_000_123.5,
        headXxh64: xxh64Of('head'),
        copy,
      });
    });

    it('knows the shots of all cards by name and minute, copied or found there', async () => {
      const shot = (name: string, mtimeMs: number) => ({
        ...file(`${name}.CR3`, { content: `${name}${mtimeMs}` }),
        path: relativePath(`DCIM/100CANON/${name}.CR3`),
        mtimeMs,
      });
      const [first, second] = [shot('IMG_0231', 600_000), shot('IMG_0232', 1_260_030)];
      expect(catalogue().wasShotSeen('IMG_0231', 0, 2e12)).toBe(false);
      await given(settled('b1', { copied: [first, first], duplicates: [second] }), forgotten('D'));
      const was = (name: string, fromMs: number, toMs: number) => catalogue().wasShotSeen(name, fromMs, toMs);
      expect([was('IMG_0231', 600_000, 600_000), was('IMG_0231', 0, 1e12)]).toEqual([true, true]);
      expect([was('IMG_0231', 0, 599_999), was('IMG_0231', 660_000, 1e12)]).toEqual([false, false]);
      expect([was('IMG_0232', 1_260_000, 1_260_000), was('IMG_0233', 0, 1e12)]).toEqual([true, false]);
      // The counter came round.
      await given(copied(shot('IMG_0231', 9_000_000)));
      expect([was('IMG_0231', 9_000_000, 1e12), was('IMG_0231', 0, 600_000)]).toEqual([true, true]);
      subject.store.rebuild();
      expect([was('IMG_0231', 9_000_000, 1e12), was('IMG_0232', 0, 1e12)]).toEqual([true, true]);
    });

    it('answers for the drive, size and content that were asked, for no other', async () => {
      await given(copied(file('a.jpg', { content: 'a' })));
      expect([catalogue().hasSize(D, 10), catalogue().hasSize(D, 11), catalogue().hasSize(E, 10)]).toEqual([
        true,
        false,
        false,
      ]);
      expect(catalogue().findContent(D, 11, xxh64Of('a'))).toEqual([]);
      expect(catalogue().findContent(D, 10, xxh64Of('b'))).toEqual([]);
      expect(catalogue().findContent(E, 10, xxh64Of('a'))).toEqual([]);
      expect(catalogue().findEverywhere(11, xxh64Of('a'))).toEqual([]);
      expect(catalogue().findEverywhere(10, xxh64Of('b'))).toEqual([]);
      expect([at('A.JPG'), at('a.jpg', E)]).toEqual([null, null]);
      expect([seen('DCIM/b.jpg'), seen('DCIM/a.jpg', B), seen('DCIM/a.jpg', A, E)]).toEqual([
        null,
        null,
        null,
      ]);
    });

    it('leaves the copy to the backup that made it when another finds it there', async () => {
      await given(
        copied(file('a.jpg')),
        settled('b2', { card: 'B', verifiedFrom: 'cache', duplicates: [file('a.jpg', { from: 'X/1.jpg' })] }),
      );
      expect(at('a.jpg')).toMatchObject({ backupId: 'b1', verifiedFrom: 'cache', state: 'verified' });
      expect(paths(catalogue().copiesOf({ backupId: backupId('b2') }))).toEqual([]);
      expect(seen('X/1.jpg', B)?.copy.backupId).toBe('b1');
      expect(seen('DCIM/a.jpg')?.copy.backupId).toBe('b1');
    });

    it('gives a file found there that nobody is known to have made to the backup that found it', async () => {
      await given(settled('b2', { duplicates: [file('a.jpg')] }));
      expect(at('a.jpg')).toMatchObject({ backupId: 'b2', state: 'verified' });
    });

    it('lets a claim be no more than a claim, until a backup has re-read it', async () => {
      await given(learned('D', file('a.jpg')));
      expect(at('a.jpg')).toEqual({
        driveId: D,
        to: 'a.jpg',
        sizeBytes: 10,
        xxh64: file('a.jpg').xxh64,
        toMtimeMs: null,
        state: 'claimed',
        verifiedFrom: null,
        backupId: null,
      });
      await given(settled('b2', { duplicates: [file('a.jpg')] }));
      expect(at('a.jpg')).toMatchObject({ state: 'verified', verifiedFrom: 'medium', backupId: null });
    });

    it('never demotes a verified copy by a claim, not even by one of other content', async () => {
      await given(copied(file('a.jpg')));
      const before = at('a.jpg');
      await given(learned('D', file('a.jpg', { content: 'other', sizeBytes: 99 })));
      expect(at('a.jpg')).toEqual(before);
      expect(catalogue().hasSize(D, 99)).toBe(false);
    });

    it('replaces an older claim by a newer one', async () => {
      await given(learned('D', file('a.jpg')), learned('D', file('a.jpg', { sizeBytes: 99 })));
      expect(at('a.jpg')).toMatchObject({ sizeBytes: 99, state: 'claimed' });
    });

    it('keeps what was indexed as a verified copy of no backup, and leaves a known one to its backup', async () => {
      const indexed = {
        to: relativePath('images/a.jpg'),
        sizeBytes: 10,
        xxh64: xxh64Of('a'),
        toMtimeMs: 1_700_000_000_000,
      };
      await given(
        copied(file('b.jpg', { content: 'b' })),
        { type: 'DriveContentLearned', driveId: D, files: [{ ...indexed, sizeBytes: 11 }] },
        {
          type: 'FilesIndexed',
          driveId: D,
          verifiedFrom: 'cache',
          files: [indexed, { ...indexed, to: relativePath('b.jpg'), xxh64: xxh64Of('b') }],
        },
      );
      const copy = { driveId: D, ...indexed, state: 'verified', verifiedFrom: 'cache', backupId: null };
      expect(at('images/a.jpg')).toEqual(copy);
      expect(at('b.jpg')).toMatchObject({ backupId: 'b1', verifiedFrom: 'cache' });
      expect(catalogue().findContent(D, 10, xxh64Of('a'))).toEqual([copy]);
    });

    it('lets the counter go on behind what was indexed', async () => {
      const files = [{ ...indexedFile('images/pimg_000041.jpg'), number: 41 }, indexedFile('images/a.jpg')];
      await given({ type: 'FilesIndexed', driveId: D, verifiedFrom: 'medium', files });
      expect(catalogue().highestNumber()).toBe(41);
    });

    it('lists the copies of one folder, and of none whose name only begins alike', async () => {
      const names = [
        'images/a.jpg',
        'images/é/b.jpg',
        'images!/c.jpg',
        'images2/d.jpg',
        'imag.jpg',
        'zoo/e.jpg',
      ];
      await given({
        type: 'FilesIndexed',
        driveId: D,
        verifiedFrom: 'medium',
        files: names.map(indexedFile),
      });
      const below = (folder: string) =>
        paths(catalogue().copiesOf({ driveId: D, below: relativePath(folder) }));
      expect(below('images')).toEqual(['D:images/a.jpg', 'D:images/é/b.jpg']);
      expect(below('zoo')).toEqual(['D:zoo/e.jpg']);
      expect(below('none')).toEqual([]);
    });

    it('drops lost copies, of that drive only, and what was seen there', async () => {
      await given(
        copied(file('a.jpg'), file('b.jpg')),
        settled('b1', { drive: 'E', copied: [file('a.jpg')] }),
        lost('D', 'a.jpg', 'never-there.jpg'),
      );
      expect(paths(catalogue().copiesOf({ backupId: backupId('b1') }))).toEqual(['E:a.jpg', 'D:b.jpg']);
      expect(seen('DCIM/a.jpg')).toBeNull();
      expect(seen('DCIM/b.jpg')?.copy.to).toBe('b.jpg');
      expect(seen('DCIM/a.jpg', A, E)?.copy.to).toBe('a.jpg');
    });

    // Uncompressed raw files all have one size: this was the way to a wrong green light.
    it('does not find a file again by a name that other content of its size has taken', async () => {
      const second = file('a.jpg', { content: 'second', from: 'DCIM/other.jpg' });
      await given(copied(file('a.jpg', { content: 'first' })), lost('D', 'a.jpg'));
      await given(settled('b2', { card: 'B', copied: [second] }));
      expect(seen('DCIM/a.jpg')).toBeNull();
      expect(seen('DCIM/other.jpg', B)?.copy.xxh64).toBe(xxh64Of('second'));
      expect(catalogue().cardsBelow(D, relativePath('Photos'))).toEqual([]);
    });

    it('does not find a file again by a name that content of another size has taken', async () => {
      await given(copied(file('a.jpg')), lost('D', 'a.jpg'), learned('D', file('a.jpg', { sizeBytes: 11 })));
      expect(seen('DCIM/a.jpg')).toBeNull();
    });

    it('finds a file again when the same content came back under its name', async () => {
      await given(copied(file('a.jpg')), lost('D', 'a.jpg'), learned('D', file('a.jpg')));
      expect(seen('DCIM/a.jpg')?.copy.state).toBe('claimed');
    });

    it('remembers the last content seen under a path of a card', async () => {
      await given(
        copied(file('a.jpg', { from: 'DCIM/1.jpg' })),
        copied(file('b.jpg', { from: 'DCIM/1.jpg', sizeBytes: 20 })),
      );
      expect(seen('DCIM/1.jpg')).toMatchObject({ sizeBytes: 20, copy: { to: 'b.jpg' } });
      expect(at('a.jpg')).not.toBeNull();
    });

    it('forgets a drive and nothing else', async () => {
      await given(
        copied(file('a.jpg')),
        settled('b1', { drive: 'E', copied: [file('a.jpg')] }),
        forgotten('D'),
      );
      expect(paths(catalogue().copiesOf({ driveId: D }))).toEqual([]);
      expect(seen('DCIM/a.jpg')).toBeNull();
      expect(paths(catalogue().findEverywhere(10, file('a.jpg').xxh64))).toEqual(['E:a.jpg']);
    });

    it('lists verified copies first, then by the bytes of the path, then by drive', async () => {
      const same = (to: string) => file(to, { content: 'same' });
      await given(
        learned('D', same('a.jpg')),
        settled('b1', { copied: ['😀', 'ｆ.jpg', 'z', 'B', 'é'].map(same) }),
        settled('b1', { drive: 'C', copied: [same('z')] }),
      );
      expect(paths(catalogue().findContent(D, 10, xxh64Of('same')))).toEqual([
        'D:B',
        'D:z',
        'D:é',
        'D:ｆ.jpg',
        'D:😀',
        'D:a.jpg',
      ]);
      expect(paths(catalogue().findEverywhere(10, xxh64Of('same'))).slice(0, 3)).toEqual([
        'D:B',
        'C:z',
        'D:z',
      ]);
      expect(paths(catalogue().copiesOf({ driveId: D })).at(-1)).toBe('D:😀');
    });

    it('lists more than a page of copies, each once, also where a page ends between two drives', async () => {
      const names = Array.from({ length: 701 }, (_, n) => `P/${String(n).padStart(4, '0')}.jpg`);
      const files = ['P/.jpg', ...names].map((to) => file(to));
      for (const drive of ['D', 'E']) await given(settled('b1', { drive, copied: files }));
      await given(settled('b2', { copied: [file('Q/1.jpg')] }));
      const both = ['P/.jpg', ...names].flatMap((to) => [`D:${to}`, `E:${to}`]);
      expect(paths(catalogue().copiesOf({ backupId: backupId('b1') }))).toEqual(both);
      // 999 rows, so that the next page begins with the second drive's copy of one path.
      await given(lost('D', 'P/.jpg'));
      expect(paths(catalogue().copiesOf({ backupId: backupId('b1') }))).toEqual(both.slice(1));
      expect(paths(catalogue().copiesOf({ driveId: E }))).toEqual(
        both.filter((path) => path.startsWith('E:')),
      );
      expect(paths(catalogue().copiesOf({ driveId: D }))).toHaveLength(702);
    });

    it('names the cards below a folder, and not below one that merely begins alike', async () => {
      const below = (card: string, to: string) => settled('b1', { card, copied: [file(to, { from: to })] });
      await given(
        below('B', 'Photos/SD/DCIM/1.jpg'),
        below('A', 'Photos/SD/2.jpg'),
        below('A', 'Photos/SD/3.jpg'),
        below('C', 'Photos/SD (2)/1.jpg'),
        below('E', 'Photos/SD0/1.jpg'),
        below('F', 'Photos/SD'),
        settled('b1', { card: 'G', drive: 'E', copied: [file('Photos/SD/1.jpg')] }),
      );
      expect(catalogue().cardsBelow(D, relativePath('Photos/SD'))).toEqual(['A', 'B']);
      await given(lost('D', 'Photos/SD/DCIM/1.jpg'));
      expect(catalogue().cardsBelow(D, relativePath('Photos/SD'))).toEqual(['A']);
      expect(catalogue().cardsBelow(E, relativePath('Photos/SD'))).toEqual(['G']);
    });

    describe('what no manifest lists yet', () => {
      const waiting = (upTo = Number.MAX_SAFE_INTEGER, drive = D) => paths(catalogue().unsealed(drive, upTo));
      const generations = (drive = D) => [...catalogue().sealedGenerations(drive)].sort();

      it('is every copy that a backup made, of that drive, in order of path', async () => {
        await given(
          copied(file('b.jpg'), file('a.jpg')),
          settled('b1', { drive: 'E', copied: [file('c.jpg')] }),
        );
        expect(waiting()).toEqual(['D:a.jpg', 'D:b.jpg']);
        expect(waiting(undefined, E)).toEqual(['E:c.jpg']);
        expect(generations()).toEqual([]);
      });

      it('is what was indexed below Photos and Other; another folder has a history of its own', async () => {
        const files = ['Photos/a.jpg', 'Other/b.jpg', 'images/c.jpg', 'Photosx/d.jpg'].map(indexedFile);
        await given({ type: 'FilesIndexed', driveId: D, verifiedFrom: 'medium', files });
        expect(waiting()).toEqual(['D:Other/b.jpg', 'D:Photos/a.jpg']);
      });

      it('ends with the seal, up to the record that it names and no further', async () => {
        await given(
          copied(file('a.jpg')),
          copied(file('b.jpg')),
          settled('b1', { drive: 'E', copied: [file('a.jpg')] }),
        );
        expect(waiting(1)).toEqual(['D:a.jpg']);
        await given(sealed('D', 1, ['Photos/ascmhl/0001_x.mhl']));
        expect(waiting()).toEqual(['D:b.jpg']);
        expect(waiting(undefined, E)).toEqual(['E:a.jpg']);
        expect([generations(), generations(E)]).toEqual([['Photos/ascmhl/0001_x.mhl'], []]);
      });

      it('adds generations to those of earlier seals, or forgets those', async () => {
        await given(sealed('D', 1, ['1']), sealed('D', 2, ['1', '2']), sealed('E', 2, ['e']));
        expect(generations()).toEqual(['1', '2']);
        await given(sealed('D', 3, ['3'], 'all'));
        expect([generations(), generations(E)]).toEqual([['3'], ['e']]);
      });

      it('is not what a manifest claims, nor what was found there as it was', async () => {
        await given(learned('D', file('claimed.jpg')), copied(file('sealed.jpg')));
        await given(sealed('D', 2, []));
        await given(settled('b2', { duplicates: [file('claimed.jpg'), file('sealed.jpg')] }));
        expect(waiting()).toEqual([]);
      });

      it('is what was found there and never known, or with other content or size', async () => {
        await given(learned('D', file('1.jpg', { content: 'old' })), learned('D', file('2.jpg')));
        const found = [file('1.jpg', { content: 'new' }), file('2.jpg', { sizeBytes: 11 }), file('3.jpg')];
        await given(settled('b2', { duplicates: found }));
        expect(waiting()).toEqual(['D:1.jpg', 'D:2.jpg', 'D:3.jpg']);
      });

      it('is what waits already and is found once more, as of its first record', async () => {
        await given(copied(file('a.jpg')), settled('b2', { duplicates: [file('a.jpg')] }));
        expect(waiting(1)).toEqual(['D:a.jpg']);
      });

      it('is what was copied again to a path that had been sealed', async () => {
        await given(copied(file('a.jpg')), sealed('D', 1, []), lost('D', 'a.jpg'));
        expect(waiting()).toEqual([]);
        await given(copied(file('a.jpg')));
        expect([waiting(3), waiting(4)]).toEqual([[], ['D:a.jpg']]);
      });

      it('is nothing that was lost, also when a manifest claims it afterwards', async () => {
        await given(copied(file('a.jpg')), lost('D', 'a.jpg'), learned('D', file('a.jpg')));
        await given(settled('b2', { duplicates: [file('a.jpg')] }));
        expect(waiting()).toEqual([]);
      });

      it('is forgotten with the drive', async () => {
        await given(copied(file('a.jpg')), sealed('D', 0, ['1']), sealed('E', 0, ['e']), forgotten('D'));
        expect([waiting(), generations(), generations(E)]).toEqual([[], [], ['e']]);
        await given(learned('D', file('a.jpg')), settled('b2', { duplicates: [file('a.jpg')] }));
        expect(waiting()).toEqual([]);
      });

      it('is listed page by page, each copy once', async () => {
        const names = Array.from({ length: 1201 }, (_, n) => `P/${String(n).padStart(4, '0')}.jpg`);
        await given(copied(...names.map((to) => file(to))));
        expect(waiting()).toEqual(names.map((to) => `D:${to}`));
      });
    });

    describe('the further hash of a copy', () => {
      const md5 = { format: 'md5', value: 'd41d8cd98f00b204e9800998ecf8427e' } as const;
      const c4 = { format: 'c4', value: `c4${'1'.repeat(88)}` } as const;

      it('is kept as the backup computed it', async () => {
        await given(copied({ ...file('a.jpg'), hash: c4 }, file('b.jpg')));
        expect(at('a.jpg')?.hash).toEqual(c4);
        expect(at('b.jpg')).not.toHaveProperty('hash');
        expect([...catalogue().unsealed(D, 9)].map(({ hash }) => hash)).toEqual([c4, undefined]);
      });

      it('outlives a later look that computed none, and gives way to one that did', async () => {
        await given(copied({ ...file('a.jpg'), hash: c4 }), settled('b2', { duplicates: [file('a.jpg')] }));
        expect(at('a.jpg')?.hash).toEqual(c4);
        await given(settled('b3', { duplicates: [{ ...file('a.jpg'), hash: md5 }] }));
        expect(at('a.jpg')?.hash).toEqual(md5);
      });

      it('is never that of other content', async () => {
        await given(copied({ ...file('a.jpg'), hash: c4 }, { ...file('b.jpg'), hash: c4 }));
        await given(
          settled('b2', {
            duplicates: [file('a.jpg', { content: 'new' })],
            copied: [file('b.jpg', { sizeBytes: 11 })],
          }),
        );
        expect([at('a.jpg'), at('b.jpg')].map((copy) => copy?.hash)).toEqual([undefined, undefined]);
      });
    });

    describe('the counter', () => {
      const number = (to: string, given: number) => ({ ...file(to), number: given });
      const highest = () => catalogue().highestNumber();

      it('begins with nothing, also where files have no number', async () => {
        expect(highest()).toBe(0);
        await given(copied(file('a.jpg')));
        expect(highest()).toBe(0);
      });

      it('is the highest of all, wherever it was recorded', async () => {
        await given(copied(number('a.jpg', 7), file('b.jpg'), number('c.jpg', 5)));
        expect(highest()).toBe(7);
        await given(settled('b2', { drive: 'E', copied: [number('a.jpg', 9)] }));
        expect(highest()).toBe(9);
        await given(settled('b3', { duplicates: [number('d.jpg', 12)] }));
        expect(highest()).toBe(12);
        await given({
          type: 'DriveContentLearned',
          driveId: E,
          files: [{ ...file('e.jpg'), number: 1_000_000 }],
        });
        expect(highest()).toBe(1_000_000);
      });

      it('never goes back', async () => {
        await given(copied(number('a.jpg', 7)), copied(number('b.jpg', 3)));
        expect(highest()).toBe(7);
        await given(lost('D', 'a.jpg'), lost('D', 'b.jpg'), forgotten('D'));
        expect(highest()).toBe(7);
        subject.store.rebuild();
        expect(highest()).toBe(7);
        await given(copied(number('c.jpg', 8)));
        expect(highest()).toBe(8);
      });
    });

    it('takes folder and path apart by their own edges', async () => {
      await given(settled('b1', { card: 'x\ny', copied: [file('a.jpg', { from: 'z' })] }));
      expect(seen('y\nz', cardId('x'))).toBeNull();
      expect(seen('z', cardId('x\ny'))).not.toBeNull();
    });
  });
}
