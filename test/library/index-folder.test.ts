import { NEVER } from 'rxjs';
import { beforeEach, describe, expect, it } from 'vitest';
import type { FactOf } from '../../machines/facts.ts';
import type { RelativePath } from '../../machines/ids.ts';
import { DriveError } from '../../services/errors.ts';
import { filesOf, type Indexed, type IndexJob, indexFolder } from '../../services/library/index-folder.ts';
import { IndexTally } from '../../services/library/index-tally.ts';
import type { DriveStore } from '../../services/media-ports.ts';
import { Pace } from '../../services/verify/pace.ts';
import { AT_ONCE } from '../../services/verify/run.ts';
import { copyOf, DRIVE, hashOf, ListCatalogue, MemoryDrive, rel } from '../manifest/memory-drive.ts';

const FOLDER = rel('images');
const A = 'images/2019/a.jpg';
const B = 'images/2019/b.jpg';

let drive: MemoryDrive;
let store: DriveStore;
let catalogue: ListCatalogue;
let facts: (FactOf<'FilesIndexed'> | FactOf<'CopiesLost'>)[];
let looks: number;
let settled: string[];
beforeEach(() => {
  drive = new MemoryDrive();
  drive.put(A, 'first');
  drive.put(B, 'second', 1_600_000_000_000);
  catalogue = new ListCatalogue();
  facts = [];
  looks = 0;
  settled = [];
  store = drive;
  store.settle = async (paths) => void settled.push(...paths);
});

const job = (change: Partial<IndexJob> = {}): IndexJob => ({
  store: drive,
  folder: FOLDER,
  catalogue,
  emit: async (fact) => void facts.push(fact),
  pace: new Pace(AT_ONCE),
  assertOnDrive: async () => {
    looks += 1;
  },
  ...change,
});

async function index(
  change: Partial<IndexJob> = {},
): Promise<readonly (readonly [string, Indexed['outcome']])[]> {
  const all: (readonly [string, Indexed['outcome']])[] = [];
  for await (const { path, outcome } of indexFolder(job(change))) all.push([path, outcome]);
  return all;
}

const indexed = (path: string, content: string, toMtimeMs: number) => ({
  to: path,
  sizeBytes: content.length,
  xxh64: hashOf(content),
  toMtimeMs,
});

describe('a folder that nobody knows', () => {
  it('is read file by file, made durable and recorded as verified', async () => {
    expect(await index()).toEqual([
      [A, 'indexed'],
      [B, 'indexed'],
    ]);
    expect(facts).toEqual([
      {
        type: 'FilesIndexed',
        driveId: DRIVE,
        verifiedFrom: 'medium',
        files: [indexed(A, 'first', 1_700_000_000_000), indexed(B, 'second', 1_600_000_000_000)],
      },
    ]);
    expect(settled).toEqual([A, B]);
    expect(drive.writes).toEqual([]);
  });

  it('is settled before it is recorded', async () => {
    store.settle = async () => {
      throw new DriveError('drive-failing', 'EIO');
    };
    await expect(index()).rejects.toThrow('EIO');
    expect(facts).toEqual([]);
  });

  it('without what systems leave behind and without manifests', async () => {
    for (const name of ['.DS_Store', '._a.jpg', 'Thumbs.db', 'ascmhl/0001_images.mhl', '2019/ascmhl/x.mhl']) {
      drive.put(`images/${name}`, 'x');
    }
    const found: RelativePath[] = [];
    for await (const { path } of filesOf(drive, FOLDER)) found.push(path);
    expect(found).toEqual([A, B]);
  });

  it('is recorded 128 files at a time, and says when its bytes came from the cache', async () => {
    for (let at = 0; at < 300; at += 1) drive.put(`images/x/${String(at).padStart(3, '0')}.jpg`, `${at}`);
    const { readBack } = drive;
    store.readBack = async (path, after) => {
      const read = await readBack.call(drive, path, after);
      return path.endsWith('/200.jpg') ? { ...read, verifiedFrom: 'cache' } : read;
    };
    await index();
    const sizes = facts.map((fact) => [fact.files.length, 'verifiedFrom' in fact ? fact.verifiedFrom : '']);
    expect(sizes).toEqual([
      [128, 'medium'],
      [128, 'cache'],
      [46, 'medium'],
    ]);
  });
});

describe('what is known', () => {
  it('and lies as recorded is not read again', async () => {
    catalogue.rows.push(copyOf(drive, A), copyOf(drive, B));
    drive.onRead = () => expect.unreachable();
    expect(await index()).toEqual([
      [A, 'known'],
      [B, 'known'],
    ]);
    expect(facts).toEqual([]);
  });

  it('and was touched is read, and is a copy again', async () => {
    catalogue.rows.push({ ...copyOf(drive, A), toMtimeMs: 1 });
    expect((await index())[0]).toEqual([A, 'indexed']);
  });

  it.each([
    'verified',
    'claimed',
  ] as const)('with other content (%s) loses its mark and gets no new one', async (state) => {
    catalogue.rows.push({ ...copyOf(drive, A), xxh64: hashOf('older'), toMtimeMs: 1, state });
    expect((await index())[0]).toEqual([A, 'altered']);
    expect(facts.map((fact) => [fact.type, fact.files.map(({ to }) => to)])).toEqual([
      ['CopiesLost', [A]],
      ['FilesIndexed', [B]],
    ]);
  });

  it('only from a manifest is read first', async () => {
    catalogue.rows.push({ ...copyOf(drive, A), state: 'claimed' });
    const read: string[] = [];
    drive.onRead = (path) => void read.push(path);
    expect((await index())[0]).toEqual([A, 'indexed']);
    expect(read).toContain(A);
  });
});

describe('what cannot be vouched for', () => {
  it('is a file that cannot be read', async () => {
    drive.unreadable.set(A, 'drive-failing');
    expect((await index())[0]).toEqual([A, 'unreadable']);
    expect(facts.flatMap(({ files }) => files.map(({ to }) => to))).toEqual([B]);
  });

  it.each([
    ['grows', () => drive.put(A, 'first and more')],
    ['is written anew', () => drive.put(A, 'FIRST', 1_700_000_009_000)],
    ['goes', () => drive.files.delete(A)],
  ])('is one that %s while it is read', async (_, change) => {
    const { readBack } = drive;
    drive.readBack = async (path, after) => {
      const read = await readBack.call(drive, path, after);
      if (path === A) change();
      return read;
    };
    expect((await index())[0]).toEqual([A, 'unreadable']);
    expect(facts.flatMap(({ files }) => files.map(({ to }) => to))).toEqual([B]);
  });

  it('is everything, when the drive goes', async () => {
    drive.unreadable.set(B, 'drive-lost');
    await expect(index()).rejects.toMatchObject({ reason: 'drive-lost' });
    expect(facts).toEqual([]);
  });

  it('is what something was mounted over meanwhile', async () => {
    const assertOnDrive = async () => {
      looks += 1;
      if (looks === 2) throw new Error('mounted');
    };
    await expect(index({ assertOnDrive })).rejects.toThrow('mounted');
    expect(facts).toEqual([]);
  });
});

it('keeps to its rate and lets backups go first', async () => {
  const spent: number[] = [];
  let cleared = 0;
  const pace = new Pace({ ...AT_ONCE, backups: { isBusy: () => false, changed$: NEVER } });
  const spy = Object.assign(Object.create(pace) as Pace, {
    clear: async () => {
      cleared += 1;
    },
    spend: async (sizeBytes: number) => void spent.push(sizeBytes),
  });
  await index({ pace: spy });
  expect(cleared).toBe(2);
  expect(spent).toEqual([5, 6]);
});

it('a tally counts each outcome, and names what is wrong', () => {
  const tally = new IndexTally();
  const outcomes = ['indexed', 'indexed', 'known', 'altered', 'unreadable'] as const;
  for (const [at, outcome] of outcomes.entries())
    tally.add({ path: rel(`images/${at}`), sizeBytes: 10, outcome });
  expect(tally.bytes).toBe(50);
  expect(tally.result({ drive: 'D', folder: 'images', manifests: ['m'] })).toEqual({
    ...{ drive: 'D', folder: 'images', manifests: ['m'] },
    ...{ files: 5, indexed: 2, known: 1, altered: ['images/3'], unreadable: ['images/4'] },
  });
});
