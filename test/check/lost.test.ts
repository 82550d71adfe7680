import { describe, expect, it } from 'vitest';
import { DriveError } from '../../services/errors.ts';
import { copyOf, DRIVE, rel } from '../manifest/memory-drive.ts';
import { A, B, Scene, SECOND } from './scene.ts';

const AT_A = `Photos/${A}`;
const AT_B = `Photos/${B}`;
const LATER_MS = 1_700_000_100_000;
/** As long as the content of `Scene.backedUp`. */
const othersAs = (path: string): string => `content_of ${path}`;

const scene = () => new Scene().backedUp(A);
const filesOf = ({ lost }: Scene) => lost.flatMap(({ files }) => files);

describe('a copy on an attached drive loses its verified mark', () => {
  it('where other bytes lie in its place, though they are as many', async () => {
    const tried = scene();
    tried.drive.put(AT_A, othersAs(A), LATER_MS);
    expect(await tried.why()).toBe('altered');
    expect(tried.lost).toEqual([
      {
        type: 'CopiesLost',
        backupId: null,
        by: 'check',
        driveId: DRIVE,
        files: [{ to: AT_A, why: 'altered' }],
      },
    ]);
  });

  it('where it has another size: nothing has to be read for that', async () => {
    const tried = scene();
    tried.drive.put(AT_A, 'short');
    tried.drive.onRead = () => expect.unreachable();
    expect(await tried.why()).toBe('altered');
    expect(filesOf(tried)).toEqual([{ to: AT_A, why: 'altered' }]);
  });

  it('where it is gone', async () => {
    const tried = scene();
    tried.drive.files.delete(AT_A);
    expect(await tried.why()).toBe('not-on-drive');
    expect(filesOf(tried)).toEqual([{ to: AT_A, why: 'missing' }]);
  });

  it('on each drive by itself, also where enough others are good', async () => {
    const tried = scene();
    const other = tried.withSecond(true);
    other.put(AT_A, othersAs(A), LATER_MS);
    expect(await tried.check({ copies: 1 })).toMatchObject({ safe: true });
    expect(tried.lost).toMatchObject([{ driveId: SECOND, files: [{ to: AT_A, why: 'altered' }] }]);
  });

  it('once, though several files of the card rely on it', async () => {
    const tried = scene();
    // Told at once, so that what follows waits for the same batch.
    const first = 'DCIM/100CANON/IMG_0000.CR3';
    tried.backedUp(first);
    tried.card.put(B, `content of ${A}`);
    for (const path of [`Photos/${first}`, AT_A]) tried.drive.files.delete(path);
    await tried.check();
    expect(tried.lost.map(({ files }) => files.map(({ to }) => to))).toEqual([[`Photos/${first}`], [AT_A]]);
  });
});

describe('a copy keeps its mark', () => {
  const keeps = async (tried: Scene) => {
    const why = await tried.why();
    expect(tried.lost).toEqual([]);
    return why;
  };

  it('where it is as recorded: then it is not read', async () => {
    const tried = scene();
    tried.drive.onRead = () => expect.unreachable();
    expect(await keeps(tried)).toBeNull();
  });

  it('where it was only touched: it is no proof that the card may go, and the next backup reads it', async () => {
    const tried = scene();
    tried.drive.put(AT_A, `content of ${A}`, LATER_MS);
    expect(await keeps(tried)).toBe('unverified');
  });

  it('where it cannot be read: nobody knows what is there', async () => {
    const tried = scene();
    tried.drive.put(AT_A, othersAs(A), LATER_MS);
    tried.drive.unreadable.set(AT_A, 'drive-failing');
    expect(await keeps(tried)).toBe('unverified');
  });

  it('where its drive goes away while it is read: the check ends', async () => {
    const tried = scene();
    tried.drive.put(AT_A, othersAs(A), LATER_MS);
    tried.drive.unreadable.set(AT_A, 'drive-lost');
    await expect(tried.check()).rejects.toMatchObject({ exitCode: 74, code: 'drive-lost' });
    expect(tried.lost).toEqual([]);
  });

  it('where its drive cannot be asked', async () => {
    const tried = scene();
    tried.drive.stat = () => Promise.reject(new DriveError('drive-failing', 'EIO'));
    await expect(tried.check()).rejects.toMatchObject({ exitCode: 74 });
    expect(tried.lost).toEqual([]);
  });

  it.each(['away', 'unusable'])('on a drive that is %s', async (how) => {
    const tried = scene();
    const other = tried.withSecond(false);
    other.files.delete(AT_A);
    if (how === 'unusable') tried.unusable.add(SECOND);
    expect(await keeps(tried)).toBeNull();
  });

  it('where only a manifest claims it: nobody verified it', async () => {
    const tried = scene().change({ state: 'claimed' });
    tried.drive.files.delete(AT_A);
    expect(await keeps(tried)).toBe('unverified');
  });

  it('where a backup put it there again while the check was at work', async () => {
    const tried = scene();
    tried.drive.put(AT_A, othersAs(A), LATER_MS);
    tried.drive.onRead = () => tried.change({ toMtimeMs: LATER_MS });
    expect(await keeps(tried)).toBe('altered');
  });
});

describe('what was found is told', () => {
  /** Many copies that are gone, and what was told after each of them. */
  async function many(files: number, msBetween: number): Promise<readonly number[]> {
    const tried = new Scene();
    for (let number = 0; number < files; number += 1) {
      const path = `DCIM/100CANON/IMG_${String(number).padStart(4, '0')}.CR3`;
      tried.backedUp(path);
      tried.drive.files.delete(`Photos/${path}`);
    }
    tried.card.onRead = () => {
      tried.clock.nowMs += msBetween;
    };
    await tried.check();
    return tried.lost.map((fact) => fact.files.length);
  }

  it('at once for the first, then in batches', async () => {
    expect(await many(400, 0)).toEqual([1, 256, 143]);
  });

  it('within a second', async () => {
    // A block and the end of each file: two reads.
    expect(await many(5, 250)).toEqual([1, 2, 2]);
  });

  it('when nobody waits for the answer any more: what was measured, and no more', async () => {
    const tried = scene().backedUp(B);
    tried.drive.files.delete(AT_A);
    tried.drive.files.delete(AT_B);
    const work = tried.work()[Symbol.asyncIterator]();
    tried.card.onRead = (path) => {
      if (path === B) tried.card.pull();
    };
    await expect(
      (async () => {
        for (let next = await work.next(); next.done !== true; next = await work.next());
      })(),
    ).rejects.toMatchObject({ code: 'card-removed' });
    expect(filesOf(tried)).toEqual([{ to: AT_A, why: 'missing' }]);
  });

  it('also of a batch that is not full when the check ends early', async () => {
    const tried = scene().backedUp(B).backedUp('DCIM/100CANON/IMG_0003.CR3');
    for (const path of [AT_A, AT_B]) tried.drive.files.delete(path);
    tried.card.onRead = (path) => {
      if (path.endsWith('IMG_0003.CR3')) tried.card.pull();
    };
    await expect(tried.check()).rejects.toMatchObject({ code: 'card-removed' });
    expect(filesOf(tried).map(({ to }) => to)).toEqual([AT_A, AT_B]);
  });
});

describe('a copy that was found altered before', () => {
  const foundAt = (to: string) => () => [{ driveId: DRIVE, to: rel(to) }];

  it('is still said to be altered, as long as a file lies there', async () => {
    const tried = scene();
    tried.catalogue.rows = [];
    expect(await tried.why({ alteredBefore: foundAt(AT_A) })).toBe('altered');
    tried.drive.files.delete(AT_A);
    expect(await tried.why({ alteredBefore: foundAt(AT_A) })).toBe('not-on-drive');
    expect(tried.lost).toEqual([]);
  });

  it('is not asked for where a good one counts, or where something better known is wrong', async () => {
    const tried = scene();
    const alteredBefore = () => expect.unreachable();
    expect(await tried.why({ alteredBefore })).toBeNull();
    expect(await tried.why({ alteredBefore, copies: 2 })).toBe('too-few-copies');
    tried.change({ state: 'claimed' });
    expect(await tried.why({ alteredBefore })).toBe('unverified');
  });

  it('is nothing to a sidecar of another name, or on a drive that is away', async () => {
    const tried = new Scene();
    const edit = 'DCIM/100APPLE/IMG_0001.AAE';
    tried.card.put(edit, 'an edit');
    tried.drive.put('Photos/IMG_0002.AAE', 'other');
    tried.drive.put('Photos/IMG_0001.AAE', 'other');
    expect(await tried.why({ alteredBefore: foundAt('Photos/IMG_0002.AAE') })).toBe('not-on-drive');
    expect(await tried.why({ alteredBefore: foundAt('Photos/IMG_0001.AAE') })).toBe('altered');
    tried.stores.delete(DRIVE);
    expect(await tried.why({ alteredBefore: foundAt('Photos/IMG_0001.AAE') })).toBe('not-on-drive');
  });
});

it('a copy elsewhere on the drive that is good makes the card safe, and the bad one is told', async () => {
  const tried = scene();
  tried.drive.put('Photos/other.CR3', `content of ${A}`);
  tried.catalogue.rows.push(copyOf(tried.drive, 'Photos/other.CR3'));
  tried.drive.files.delete(AT_A);
  expect(await tried.why()).toBeNull();
  expect(filesOf(tried)).toEqual([{ to: AT_A, why: 'missing' }]);
});
