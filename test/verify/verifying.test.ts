import { NEVER } from 'rxjs';
import { beforeEach, describe, expect, it } from 'vitest';
import { memoryStore } from '../../adapters/memory/memory-store.ts';
import type { Fact } from '../../machines/facts.ts';
import { driveId, relativePath } from '../../machines/ids.ts';
import type { Drive } from '../../machines/media.ts';
import { PLAIN_VERIFY } from '../../services/appliance.ts';
import { DriveError, UserError } from '../../services/errors.ts';
import { RereadLog } from '../../services/manifest/reread-log.ts';
import type { DriveStore } from '../../services/media-ports.ts';
import type { Copy, Store } from '../../services/ports.ts';
import { driveReader } from '../../services/verify/drive-reader.ts';
import { AT_ONCE } from '../../services/verify/run.ts';
import { ejected, Verifications } from '../../services/verify/verifications.ts';
import { Verifying, type VerifyingParts } from '../../services/verifying.ts';
import { stampAt, stamped } from '../journal/facts.ts';
import { daemonStarted, devicesKnown, given } from '../machines/story.ts';
import { copyOf, hashOf, ListCatalogue, MemoryDrive } from '../manifest/memory-drive.ts';
import { JournalDrive } from './journal-drive.ts';
import { follow, resultOf } from './work.ts';

const FULL = { ...PLAIN_VERIFY, full: true };

let one: JournalDrive;
let other: JournalDrive;
let verifications: Verifications;
let sealed: Parameters<SealReread>[];
/** Of the last `verifying`. */
let rows: Copy[];
let facts: Fact[];
/** That manifests have beside XXH64. */
let hash: VerifyingParts['hash'];
let now: string;
let journal: Store;
/** What the journal says to an order; null: it takes everything. */
let refused: UserError | null;
beforeEach(async () => {
  one = new JournalDrive();
  other = new JournalDrive(new MemoryDrive({ id: driveId('other'), label: 'OTHER', path: '/other' }));
  await one.backup('Photos/a.jpg', 'Photos/b.jpg');
  await other.backup('Photos/c.jpg');
  verifications = new Verifications({ stamp: () => stampAt(0), setTimer: () => () => undefined });
  sealed = [];
  facts = [];
  hash = null;
  now = '2026-11-21T10:00:00.000Z';
  journal = memoryStore();
  refused = null;
});

type SealReread = VerifyingParts['sealReread'];

/** Both drives are attached, and one catalogue knows them. */
function verifying(
  sealReread: SealReread = seal,
  openFolder: VerifyingParts['openFolder'] = async () => driveReader(one.drive),
): Verifying {
  const boxes = [one, other];
  const catalogue = new ListCatalogue(boxes.flatMap(({ catalogue: { rows } }) => rows));
  rows = catalogue.rows;
  const attached = boxes.map(({ drive }) => ({ type: 'DriveAttached', drive: drive.drive }) as const);
  const { state } = given(daemonStarted(), devicesKnown(), ...attached);
  const { history, log } = journal;
  const take = async (fact: Fact) => {
    facts.push(fact);
    verifications.follow({ fact, at: '2026-11-21T10:00:00.000Z', seq: facts.length });
  };
  const runtime: VerifyingParts['runtime'] = {
    state,
    expectToRecord: () => {
      if (refused !== null) throw refused;
    },
    order: async (fact) => {
      runtime.expectToRecord();
      await take(fact);
      return {} as never;
    },
  };
  return new Verifying({
    runtime,
    store: { history, log, catalogue: catalogue as unknown as Store['catalogue'] },
    openDrive: async ({ id }: Drive): Promise<DriveStore> => {
      const found = boxes.find(({ drive }) => drive.drive.id === id);
      if (found === undefined) throw new DriveError('drive-lost', 'not here');
      return found.drive;
    },
    openFolder,
    emit: take,
    clock: { ...AT_ONCE.clock, stamp: () => ({ ...stampAt(0), at: now }) },
    verifications,
    backups: { isBusy: () => false, changed$: NEVER },
    hash,
    labelOf: (id) => `label of ${id}`,
    sealReread,
  });
}

const lost = () => facts.flatMap((fact) => (fact.type === 'CopiesLost' ? fact.files : []));

const seal: SealReread = async (...call) => void sealed.push(call);

describe('every attached drive', () => {
  it('is read one behind the other, each by its name; the results are added up', async () => {
    one.drive.put('Photos/a.jpg', 'altered');
    one.drive.put('Photos/a_2.jpg', 'content of Photos/a.jpg');
    one.catalogue.rows.push(copyOf(one.drive, 'Photos/a_2.jpg'));
    other.drive.files.delete('Photos/c.jpg');
    const { result, progress } = await follow(verifying().verify(null));
    const superseded = [{ path: 'Photos/a.jpg', by: 'Photos/a_2.jpg' }];
    const clean = { ok: false, altered: [], missing: [], new: [] };
    expect(result).toEqual({
      ok: false,
      files: 4,
      altered: ['Photos/a.jpg'],
      missing: ['Photos/c.jpg'],
      new: [],
      superseded,
      drives: [
        {
          ...clean,
          id: one.drive.drive.id,
          label: 'IMAGETANK',
          files: 3,
          altered: ['Photos/a.jpg'],
          superseded,
        },
        { ...clean, id: other.drive.drive.id, label: 'OTHER', files: 1, missing: ['Photos/c.jpg'] },
      ],
    });
    expect([...new Set(progress.map(({ drive }) => drive))]).toEqual(['IMAGETANK', 'OTHER']);
  });

  it('names what was renamed on any of them', async () => {
    one.drive.put('Photos/x.jpg', 'content of Photos/a.jpg');
    one.drive.files.delete('Photos/a.jpg');
    other.drive.put('Photos/y.jpg', 'content of Photos/c.jpg');
    other.drive.files.delete('Photos/c.jpg');
    expect(await resultOf(verifying().verify(null))).toMatchObject({
      ok: false,
      files: 3,
      altered: [],
      missing: ['Photos/a.jpg', 'Photos/c.jpg'],
      new: ['Photos/x.jpg', 'Photos/y.jpg'],
      renamed: [
        { from: 'Photos/a.jpg', to: 'Photos/x.jpg' },
        { from: 'Photos/c.jpg', to: 'Photos/y.jpg' },
      ],
    });
  });

  it('that is clean has nothing that was copied again', async () => {
    const clean = { ok: true, altered: [], missing: [], new: [] };
    expect(await resultOf(verifying().verify(null))).toEqual({
      ...clean,
      files: 3,
      drives: [
        { ...clean, id: one.drive.drive.id, label: 'IMAGETANK', files: 2 },
        { ...clean, id: other.drive.drive.id, label: 'OTHER', files: 1 },
      ],
    });
  });
});

describe('a good copy beside a bad one', () => {
  it.each([
    [
      'on another drive',
      (drive: JournalDrive) =>
        other.catalogue.rows.push({ ...copyOf(drive.drive, 'Photos/a_2.jpg'), driveId: driveId('other') }),
    ],
    [
      'that a manifest merely claims',
      (drive: JournalDrive) =>
        drive.catalogue.rows.push(copyOf(drive.drive, 'Photos/a_2.jpg', { state: 'claimed' })),
    ],
  ])('is none when it is one %s', async (_name, add) => {
    one.drive.put('Photos/a_2.jpg', 'content of Photos/a.jpg');
    add(one);
    one.drive.put('Photos/a.jpg', 'altered');
    expect(await resultOf(verifying().verify('IMAGETANK'))).not.toHaveProperty('superseded');
  });
});

describe('the hashes of folders', () => {
  it('are made once all of a drive was read, from its first file on, with what was found', async () => {
    const { drive } = one;
    const path = drive.paths('Photos').find((name) => name.endsWith('.mhl')) ?? '';
    const started = { type: 'VerificationStarted', driveId: drive.drive.id } as const;
    verifications.book.apply({ fact: started, at: '', seq: 1 });
    const reached = { generation: path as never, path: 'Photos/a.jpg' as never };
    const progressed = { files: 1, bytes: 1, reached, generations: [], altered: [], missing: [] };
    const fact = { type: 'VerificationProgressed', driveId: drive.drive.id, ...progressed } as const;
    verifications.book.apply({ fact, at: '2026-11-21T09:00:00.000Z', seq: 2 });
    expect((await follow(verifying().verify('IMAGETANK', FULL))).progress[0]).toMatchObject({
      continued: null,
    });
    expect(one.reads).toEqual(['Photos/a.jpg', 'Photos/b.jpg']);
    expect(sealed).toEqual([[drive, { log: expect.any(RereadLog), seq: 0, stop: expect.any(AbortSignal) }]]);
    const log = sealed[0]?.[1].log;
    expect(log?.resultOf(relativePath('Photos/a.jpg'))).toMatchObject({ action: 'verified' });
    expect(log?.resultOf(relativePath('Photos/b.jpg'))).toMatchObject({ action: 'verified' });
  });

  it.each([
    null,
    'c4',
  ] as const)('come with the hashes of files in the format of the box: %s', async (format) => {
    hash = format;
    await resultOf(verifying().verify('IMAGETANK', FULL));
    expect(sealed[0]?.[1].log.format).toBe(format);
  });

  it('tell what was altered and what could not be read', async () => {
    one.drive.put('Photos/a.jpg', 'altered');
    one.drive.unreadable.set('Photos/b.jpg', 'drive-failing');
    await resultOf(verifying().verify('IMAGETANK', FULL));
    const log = sealed[0]?.[1].log;
    expect(log?.resultOf(relativePath('Photos/a.jpg'))).toEqual({
      action: 'failed',
      xxh64: hashOf('altered'),
    });
    expect(log?.resultOf(relativePath('Photos/b.jpg'))).toEqual({ action: 'failed', xxh64: null });
  });

  it('need every file, also what is new and what was recorded meanwhile: each held against the journal', async () => {
    const { drive } = one;
    drive.put('Photos/new.jpg', 'new');
    const late = new Map([
      ['Photos/good.jpg', 'content of Photos/good.jpg'],
      ['Photos/bad.jpg', 'content of Photos/bad.jpg'],
    ]);
    // Two copies come while the last file of the journal is read; one does not hold what was recorded.
    drive.onRead = (path) => {
      one.reads.push(path);
      if (path !== 'Photos/b.jpg') return;
      for (const [to, content] of late) {
        drive.put(to, content);
        rows.push(copyOf(drive, to));
      }
      drive.put('Photos/bad.jpg', 'written badly!!!!!!!!!!!!');
    };
    const result = await resultOf(verifying().verify('IMAGETANK', FULL));
    expect(result).toMatchObject({ ok: false, altered: ['Photos/bad.jpg'], new: ['Photos/new.jpg'] });
    const log = sealed[0]?.[1].log;
    const action = (path: string) => log?.resultOf(relativePath(path))?.action;
    expect([action('Photos/new.jpg'), action('Photos/good.jpg'), action('Photos/bad.jpg')]).toEqual([
      'original',
      'verified',
      'failed',
    ]);
    expect(lost()).toEqual([{ to: 'Photos/bad.jpg', why: 'altered' }]);
  });

  it('stop at the next block when the drive is ejected while a new file is read, and are not made', async () => {
    const { drive } = one;
    drive.blockBytes = 4;
    drive.put('Photos/new.jpg', 'a new file of several blocks');
    let blocks = 0;
    const readBack = drive.readBack.bind(drive);
    drive.readBack = (path, afterBlock) =>
      readBack(path, async (sizeBytes) => {
        if (path === 'Photos/new.jpg' && blocks++ === 1)
          verifications.stop(drive.drive.id, ejected('IMAGETANK'));
        await afterBlock?.(sizeBytes);
      });
    await expect(resultOf(verifying().verify('IMAGETANK', FULL))).rejects.toMatchObject({
      code: 'drive-ejected',
      exitCode: 75,
    });
    expect(blocks).toBe(2);
    expect(sealed).toEqual([]);
  });

  it('tell of a new file that cannot be read, which is no promise that was broken', async () => {
    one.drive.put('Photos/new.jpg', 'new');
    one.drive.unreadable.set('Photos/new.jpg', 'drive-failing');
    const result = await resultOf(verifying().verify('IMAGETANK', FULL));
    expect(result).toMatchObject({ ok: true, files: 2, new: ['Photos/new.jpg'] });
    expect(sealed[0]?.[1].log.resultOf(relativePath('Photos/new.jpg'))).toEqual({
      action: 'failed',
      xxh64: null,
    });
  });

  it('are not made when nobody asks: then new files are not read', async () => {
    one.drive.put('Photos/new.jpg', 'new');
    expect(await resultOf(verifying().verify('IMAGETANK'))).toMatchObject({ new: ['Photos/new.jpg'] });
    expect(one.reads).not.toContain('Photos/new.jpg');
  });

  it('of a folder that is not there is a line with the way out', async () => {
    const work = verifying(seal, () => Promise.reject(new Error('ENOENT'))).verify('/nowhere');
    await expect(resultOf(work)).rejects.toMatchObject({ exitCode: 66, message: '/nowhere: ENOENT' });
  });

  it('of every drive', async () => {
    await resultOf(verifying().verify(null, FULL));
    expect(sealed.map(([{ drive }]) => drive.label)).toEqual(['IMAGETANK', 'OTHER']);
  });

  it('of a folder that is no drive are refused before anything is read: it is never written', async () => {
    const work = verifying().verify('/drive/elsewhere', FULL);
    await expect(resultOf(work)).rejects.toMatchObject({ exitCode: 64 });
    expect(one.reads).toEqual([]);
    expect(sealed).toEqual([]);
  });

  it('are not made when nobody asks for them', async () => {
    await resultOf(verifying().verify('IMAGETANK'));
    expect(sealed).toEqual([]);
  });

  it('that cannot be written are an error before the result', async () => {
    const failing: SealReread = () => Promise.reject(new DriveError('drive-full', 'no room'));
    await expect(resultOf(verifying(failing).verify('IMAGETANK', FULL))).rejects.toMatchObject({
      name: 'UserError',
      exitCode: 74,
      message: 'no room',
    });
  });
});

describe('an interrupted verification of a drive', () => {
  const [a, b] = [relativePath('Photos/a.jpg'), relativePath('Photos/b.jpg')];
  const learned = (id: string, ...files: readonly string[]): Fact => ({
    type: 'DriveContentLearned',
    driveId: driveId(id),
    files: files.map((to) => ({ to: relativePath(to), sizeBytes: 1, xxh64: hashOf(to) })),
  });

  /** It began at record `startedSeq`, read `a.jpg`, found it altered, and stopped on the 21st at 9. */
  function interrupted(startedSeq: number): void {
    const { drive, id } = { drive: one.drive, id: one.drive.drive.id };
    const path = drive.paths('Photos').find((name) => name.endsWith('.mhl')) ?? '';
    const reached = { generation: relativePath(path), path: a };
    const progressed = { files: 1, bytes: 1, reached, generations: [], altered: [a], missing: [] };
    const told: readonly Fact[] = [
      { type: 'VerificationStarted', driveId: id },
      { type: 'VerificationProgressed', driveId: id, ...progressed },
    ];
    told.forEach((fact, at) => {
      verifications.book.apply({ fact, at: '2026-11-21T09:00:00.000Z', seq: startedSeq + at });
    });
  }

  /** Whether the next one goes on with it. */
  const goesOn = async () => {
    const { progress } = await follow(verifying().verify('IMAGETANK'));
    const began = facts.some(({ type }) => type === 'VerificationStarted');
    expect(began).toBe(progress[0]?.continued === null);
    return !began;
  };

  it.each([
    ['2026-11-28T09:00:00.000Z', true],
    ['2026-11-28T09:00:00.001Z', false],
    // The clock was set: nobody knows how old it is.
    ['2026-11-14T09:00:00.000Z', true],
    ['2026-11-14T08:59:59.999Z', false],
    ['no time', false],
  ])('at %s goes on: %s', async (at, expected) => {
    interrupted(1);
    now = at;
    expect(await goesOn()).toBe(expected);
    expect(one.reads).toEqual(['Photos/a.jpg', 'Photos/b.jpg']);
  });

  it.each([
    ['another box wrote to the drive since', () => learned(one.drive.drive.id, b), false],
    ['another box wrote to another drive', () => learned('other', b), true],
    ['a copy that it found bad is learned again', () => learned(one.drive.drive.id, a), true],
    ['that and more is learned', () => learned(one.drive.drive.id, a, b), false],
    ['something else happened', (): Fact => ({ type: 'ButtonPressed' }), true],
  ])('when %s', async (_name, fact, expected) => {
    await journal.log.append(stamped([{ type: 'ButtonPressed' }]));
    interrupted(1);
    await journal.log.append(stamped([fact()]));
    expect(await goesOn()).toBe(expected);
  });

  it('is refused while the journal takes nothing, though it has no beginning to record', async () => {
    interrupted(1);
    refused = new UserError('state-disk-full', 74, 'the journal cannot be written', 'free some space');
    await expect(goesOn()).rejects.toMatchObject({ exitCode: 74 });
    expect(one.reads).toEqual([]);
  });

  it('goes on when the drive was learned before it began', async () => {
    await journal.log.append(stamped([learned(one.drive.drive.id, b)]));
    interrupted(2);
    expect(await goesOn()).toBe(true);
  });
});

describe('while the journal takes nothing', () => {
  const full = () => new UserError('state-disk-full', 74, 'the journal cannot be written', 'free some space');
  const told = { exitCode: 74, code: 'state-disk-full' };

  it('all drives, one of them by its path, and a backup are refused before a byte is read', async () => {
    refused = full();
    let reads = 0;
    one.drive.onRead = () => {
      reads += 1;
    };
    for (const target of [null, '/drive', 'OTHER']) {
      await expect(resultOf(verifying().verify(target))).rejects.toMatchObject(told);
    }
    journal.history.find = () => ({}) as never;
    await expect(resultOf(verifying().verify('20261121-57'))).rejects.toMatchObject(told);
    expect(reads).toBe(0);
    expect(facts).toEqual([]);
  });

  it('a folder is verified all the same, for nothing is recorded of it', async () => {
    refused = full();
    expect(await resultOf(verifying().verify('/somewhere'))).toMatchObject({ files: 2 });
  });

  it('what is found bad is kept, and the verification ends at once when it cannot say how far it is', async () => {
    one.drive.put('Photos/b.jpg', 'altered');
    const running = verifying();
    one.drive.onRead = (path) => {
      if (path === 'Photos/b.jpg') refused = full();
    };
    await expect(resultOf(running.verify('IMAGETANK'))).rejects.toMatchObject(told);
    expect(lost()).toEqual([{ to: 'Photos/b.jpg', why: 'altered' }]);
    expect(facts.map(({ type }) => type)).toEqual(['VerificationStarted', 'CopiesLost']);
  });
});
