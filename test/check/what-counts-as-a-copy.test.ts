import { describe, expect, it, test } from 'vitest';
import { driveId } from '../../machines/ids.ts';
import { NOTHING_OFFSITE, type OffsiteCopies } from '../../services/check/offsite.ts';
import { copyOf, DRIVE, hashOf, rel } from '../manifest/memory-drive.ts';
import { A, B, Scene, SECOND } from './scene.ts';

const scene = () => new Scene();
type Changes = Parameters<Scene['check']>[0];

describe('the asked number of drives', () => {
  /** One file on two attached drives; then something happens to the second one. */
  const cases: readonly [what: string, happens: (tried: Scene) => void, copies: number][] = [
    ['nothing', () => undefined, 2],
    ['it is away: the record stands', (tried) => tried.stores.delete(SECOND), 2],
    ['it was forgotten', (tried) => away(tried).forgotten(), 1],
    ['it is attached and cannot be used, or failed last', (tried) => away(tried).unusable.add(SECOND), 1],
    ['its copy was deleted', (tried) => tried.stores.get(SECOND)?.files.delete(`Photos/${A}`), 1],
    ['its copy was altered', (tried) => tried.stores.get(SECOND)?.put(`Photos/${A}`, 'other'), 1],
    [
      'its copy was touched',
      (tried) => tried.stores.get(SECOND)?.put(`Photos/${A}`, `content of ${A}`, 1),
      1,
    ],
    ['its copy was read back from the cache', (tried) => tried.change({ verifiedFrom: 'cache' }, SECOND), 1],
    ['only its manifest claims the copy', (tried) => tried.change({ state: 'claimed' }, SECOND), 1],
    ['nobody knows when its copy was written', (tried) => tried.change({ toMtimeMs: null }, SECOND), 1],
    ['its copy has another hash', (tried) => tried.change({ xxh64: hashOf('other') }, SECOND), 1],
    ['its copy has another size', (tried) => tried.change({ sizeBytes: 1 }, SECOND), 1],
    ['its copy is the other one’s second copy', (tried) => tried.change({ driveId: DRIVE }, SECOND), 1],
  ];
  function away(tried: Scene): Scene {
    tried.stores.delete(SECOND);
    return tried;
  }

  it.each(cases)('when %s', async (_, happens, copies) => {
    const tried = scene().backedUp(A);
    tried.withSecond(true);
    happens(tried);
    expect(await tried.check({ copies })).toMatchObject({ safe: true, missing: [] });
    expect(await tried.check({ copies: copies + 1 })).toMatchObject({
      safe: false,
      verified: 0,
      missing: [{ path: A, why: 'too-few-copies', copies, drives: copies === 2 ? [DRIVE, SECOND] : [DRIVE] }],
    });
  });

  it('asks a drive once that has the content many times', async () => {
    const tried = scene().backedUp(A);
    for (let copy = 0; copy < 10; copy += 1) tried.backedUp(`${copy}.CR3`, `content of ${A}`);
    for (let copy = 0; copy < 10; copy += 1) tried.card.files.delete(`${copy}.CR3`);
    let asked = 0;
    const { stat } = tried.drive;
    tried.drive.stat = (path) => {
      asked += 1;
      return stat.call(tried.drive, path);
    };
    expect(await tried.why()).toBeNull();
    expect(asked).toBe(1);
  });

  it('is asked of each file by itself', async () => {
    const tried = scene().backedUp(A);
    tried.withSecond(true);
    tried.backedUp(B);
    expect(await tried.check({ copies: 2 })).toMatchObject({
      safe: false,
      verified: 1,
      drives: [{ files: 2 }, { files: 1 }],
      missing: [{ path: B, why: 'too-few-copies', copies: 1, drives: [DRIVE] }],
    });
  });
});

describe('how many were looked at now', () => {
  const told = async (tried: Scene, changes: Changes) => {
    const { safe, copies, drives } = await tried.check(changes);
    return { safe, ...copies, states: drives.map(({ label, state, files }) => `${label} ${state} ${files}`) };
  };

  it('is all while every drive is attached', async () => {
    const tried = scene().backedUp(A);
    tried.withSecond(true);
    expect(await told(tried, { copies: 2 })).toEqual({
      safe: true,
      asked: 2,
      required: 2,
      lookedAt: 2,
      onRecord: 0,
      states: ['IMAGETANK attached 1', 'BACKUP2 attached 1'],
    });
  });

  it('leaves out those that are away', async () => {
    const tried = scene().backedUp(A);
    tried.withSecond(false);
    const states = ['IMAGETANK attached 1', 'BACKUP2 away 1'];
    expect(await told(tried, { copies: 2 })).toMatchObject({ safe: true, lookedAt: 1, onRecord: 1, states });
    // One is enough here, and that one was looked at.
    expect(await told(tried, { copies: 1 })).toMatchObject({ safe: true, lookedAt: 1, onRecord: 0, states });
    tried.stores.clear();
    expect(await told(tried, { copies: 'all' })).toMatchObject({ required: 1, lookedAt: 0, onRecord: 1 });
  });

  it('is that of the file with the fewest', async () => {
    const tried = scene().backedUp(A).backedUp(B);
    tried.withSecond(false);
    tried.drive.files.delete(`Photos/${B}`);
    expect(await told(tried, { copies: 1 })).toMatchObject({
      safe: true,
      lookedAt: 0,
      onRecord: 1,
      states: ['IMAGETANK attached 1', 'BACKUP2 away 2'],
    });
  });

  it('names one that cannot be used, and none that is away and has nothing of the card', async () => {
    const tried = scene().backedUp(A);
    tried.withSecond(false);
    tried.drives.push({ ...tried.drive.drive, id: driveId('third'), label: 'EMPTY' });
    tried.unusable.add(SECOND);
    const { states } = await told(tried, { copies: 1 });
    expect(states).toEqual(['IMAGETANK attached 1', 'BACKUP2 unusable 0']);
  });

  it('is never more than there are attached, however many are asked for; without a copy that counts none is on record', async () => {
    const tried = scene().backedUp(A);
    expect(await told(tried, { copies: 9 })).toMatchObject({
      safe: false,
      required: 9,
      lookedAt: 1,
      onRecord: 0,
    });
    tried.withSecond(true);
    expect(await told(tried, { copies: 1 })).toMatchObject({ safe: true, lookedAt: 1, onRecord: 0 });
    tried.stores.clear();
    expect(await told(tried, { copies: 9 })).toMatchObject({ safe: false, lookedAt: 0, onRecord: 0 });
  });

  it('counts nothing for a file that cannot be read', async () => {
    const tried = scene().backedUp(A);
    tried.card.unreadable.add(A);
    const { missing, drives } = await tried.check();
    expect(missing).toEqual([{ path: A, why: 'unreadable', copies: 0, drives: [] }]);
    expect(drives).toMatchObject([{ files: 0 }]);
  });
});

describe('what is nothing without its name', () => {
  const edit = 'DCIM/100APPLE/IMG_0002.AAE';

  it.each([
    'AAE',
    'xmp',
    'THM',
    'LRV',
  ])('a sidecar (%s) beside another photo is no copy of this one', async (ext) => {
    const tried = scene();
    const [one, other] = [`DCIM/100APPLE/IMG_0001.${ext}`, `DCIM/100APPLE/IMG_0002.${ext}`];
    tried.backedUp(one, 'the same edit').card.put(other, 'the same edit');
    expect(await tried.check()).toMatchObject({
      safe: false,
      missing: [{ path: other, why: 'not-on-drive' }],
    });
    tried.backedUp(other, 'the same edit');
    expect(await tried.check()).toMatchObject({ safe: true, verified: 2 });
  });

  it('a sidecar that a backup gave another name is safe, for this card', async () => {
    const tried = scene().backedUp(edit, 'an edit', 'Photos/2026/IMG_0002_2.AAE');
    expect(await tried.why()).toBe('not-on-drive');
    const [copy] = tried.catalogue.rows;
    if (copy === undefined) throw new Error('no copy');
    tried.saw(edit, copy);
    expect(await tried.why()).toBeNull();
    tried.change({ state: 'claimed' });
    expect(await tried.why()).toBe('unverified');
  });

  it('a photo is its content', async () => {
    const tried = scene().backedUp(A, 'x', 'Photos/2026/other.jpg');
    expect(await tried.why()).toBeNull();
  });

  it('a name alone is nothing: another content of the same name is no copy', async () => {
    const tried = scene().backedUp(A, 'first');
    tried.card.put(A, 'other');
    expect(await tried.why()).toBe('not-on-drive');
    tried.backedUp(edit, 'first').card.put(edit, 'other');
    expect((await tried.check()).missing).toMatchObject([{ path: edit, why: 'not-on-drive' }, { path: A }]);
  });
});

describe('a drive', () => {
  it.each([
    '.imagetank/drive.json',
    'backup/.imagetank/drive.json',
  ])('is not held against itself: %s', async (path) => {
    const tried = scene().backedUp(A);
    tried.card.put(path, '{}');
    await expect(tried.check()).rejects.toMatchObject({ exitCode: 64, code: 'is-a-drive' });
  });

  it('is not taken for one by a name that only ends alike', async () => {
    const tried = scene().backedUp(A).backedUp('my.imagetank/drive.json');
    expect(await tried.check()).toMatchObject({ safe: true, files: 2 });
  });
});

describe('off-site', () => {
  /** As a later version will have it: contents that lie verified elsewhere. */
  const cloud = (...contents: readonly string[]): OffsiteCopies => ({
    holders: ({ xxh64, sizeBytes }) =>
      contents.some((content) => hashOf(content) === xxh64 && content.length === sizeBytes) ? ['cloud'] : [],
  });

  it('is not asked for: nothing is said of it', async () => {
    expect(await scene().backedUp(A).check()).not.toHaveProperty('offsite');
  });

  test('today nothing is recorded, so no card is safe', async () => {
    const tried = scene().backedUp(A).backedUp(B);
    expect(await tried.check({ offsite: NOTHING_OFFSITE })).toMatchObject({
      safe: false,
      verified: 0,
      offsite: { verified: 0 },
      missing: [
        { path: A, why: 'not-offsite', copies: 1, drives: [DRIVE] },
        { path: B, why: 'not-offsite' },
      ],
    });
  });

  it('is asked of each file', async () => {
    const tried = scene().backedUp(A).backedUp(B);
    const half = await tried.check({ offsite: cloud(`content of ${A}`) });
    expect(half).toMatchObject({
      safe: false,
      verified: 1,
      offsite: { verified: 1 },
      missing: [{ path: B }],
    });
    const both = await tried.check({ offsite: cloud(`content of ${A}`, `content of ${B}`) });
    expect(both).toMatchObject({ safe: true, verified: 2, offsite: { verified: 2 } });
  });

  it('stands for no drive', async () => {
    const tried = scene().backedUp(A);
    const offsite = cloud(`content of ${A}`);
    expect(await tried.check({ offsite, copies: 2 })).toMatchObject({
      safe: false,
      offsite: { verified: 1 },
      missing: [{ why: 'too-few-copies' }],
    });
    tried.catalogue.rows = [];
    expect(await tried.why({ offsite })).toBe('not-on-drive');
  });
});

test('a file with a raw name is named by its bytes', async () => {
  const tried = scene();
  const raw = { path: rel('DCIM/\ufffd'), pathBase64: 'RENJTS//' };
  tried.card.others.push({ kind: 'unreadable', ...raw, detail: 'EIO' });
  expect((await tried.check()).missing).toEqual([{ ...raw, why: 'unreadable', copies: 0, drives: [] }]);
});

test('an empty file of another card’s name counts no more than its name', async () => {
  const tried = scene();
  tried.drive.put('Photos/other.txt', '');
  tried.catalogue.rows.push(copyOf(tried.drive, 'Photos/other.txt'));
  tried.card.put('DCIM/M.CTG', '');
  expect(await tried.why()).toBe('not-on-drive');
});

describe('one file under several names', () => {
  const onCard = (tried: Scene, file: string) => tried.card.put(A, `content of ${A}`, undefined, file);
  const fileOf = (tried: Scene, id = DRIVE) => tried.stores.get(id)!.files.get(`Photos/${A}`)!.file;

  it('is no copy of itself: a hard link on the drive goes with the card', async () => {
    const tried = scene().backedUp(A);
    onCard(tried, fileOf(tried));
    expect(await tried.why({ copies: 1 })).toBe('hard-link');
  });

  it('does not keep a real copy on the same drive from counting', async () => {
    const tried = scene().backedUp(A);
    onCard(tried, fileOf(tried));
    tried.drive.put('Photos/copy.CR3', `content of ${A}`);
    tried.catalogue.rows.push(copyOf(tried.drive, 'Photos/copy.CR3'));
    expect(await tried.why({ copies: 1 })).toBeNull();
  });

  it('is one copy on two drives', async () => {
    const tried = scene().backedUp(A);
    tried.withSecond(true).files.get(`Photos/${A}`)!.file = fileOf(tried);
    expect(await tried.check({ copies: 1 })).toMatchObject({
      safe: true,
      drives: [{ files: 1 }, { files: 0 }],
    });
    expect(await tried.check({ copies: 2 })).toMatchObject({
      safe: false,
      missing: [{ why: 'too-few-copies', copies: 1, drives: [DRIVE] }],
    });
  });

  it('is worth a word less than a copy that was altered, and more than one that nobody verified', async () => {
    const tried = scene().backedUp(A);
    onCard(tried, fileOf(tried));
    const second = tried.withSecond(true);
    tried.change({ state: 'claimed' }, SECOND);
    expect(await tried.why({ copies: 1 })).toBe('hard-link');
    tried.change({ state: 'verified' }, SECOND);
    second.put(`Photos/${A}`, 'other');
    expect(await tried.why({ copies: 1 })).toBe('altered');
  });
});
