import { NEVER } from 'rxjs';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Fact } from '../../machines/facts.ts';
import { UserError } from '../../services/errors.ts';
import { Indexing, type IndexingParts } from '../../services/indexing.ts';
import type { Store } from '../../services/ports.ts';
import { AT_ONCE } from '../../services/verify/run.ts';
import { Verifications } from '../../services/verify/verifications.ts';
import { stampAt } from '../journal/facts.ts';
import { daemonStarted, devicesKnown, given } from '../machines/story.ts';
import { ListCatalogue, MemoryDrive } from '../manifest/memory-drive.ts';

let drive: MemoryDrive;
let facts: Fact[];
let mounts: string[];
let roots: string[];
let verifications: Verifications;
beforeEach(() => {
  drive = new MemoryDrive();
  drive.put('images/a.jpg', 'first');
  drive.put('images/b.jpg', 'second');
  drive.put('Photos/2019/c.jpg', 'third');
  drive.settle = async () => undefined;
  facts = [];
  mounts = [];
  roots = [];
  verifications = new Verifications({ stamp: () => stampAt(0), setTimer: () => () => undefined });
});

function indexing(change: Partial<IndexingParts> = {}): Indexing {
  const attached = { type: 'DriveAttached', drive: drive.drive } as const;
  const { state } = given(daemonStarted(), devicesKnown(), attached);
  return new Indexing({
    runtime: { state, expectToRecord: () => undefined },
    store: { catalogue: new ListCatalogue() as unknown as Store['catalogue'] },
    places: {
      realPath: async (path) => {
        if (path === '/nope') throw new Error('ENOENT');
        return path === '/link' ? '/drive/images' : path;
      },
      mountsBelow: async () => mounts,
    },
    openDrive: async () => drive,
    emit: async (fact) => void facts.push(fact),
    clock: AT_ONCE.clock,
    verifications,
    backups: { isBusy: () => false, changed$: NEVER },
    sealFolder: async (_store, root) => {
      roots.push(root);
      return [];
    },
    ...change,
  });
}

async function index(dir: string, change: Partial<IndexingParts> = {}) {
  const progress: object[] = [];
  for await (const message of indexing(change).index(dir, null)) {
    if ('result' in message) return { progress, result: message.result };
    progress.push(message.progress);
  }
  throw new Error('no result');
}

describe('a folder of an adopted drive', () => {
  it.each(['/drive/images', '/link'])('is indexed under its real path: %s', async (dir) => {
    const { result, progress } = await index(dir);
    expect(result).toMatchObject({ drive: 'IMAGETANK', folder: 'images', files: 2, indexed: 2 });
    expect(progress[0]).toMatchObject({ filesDone: 0, filesTotal: 2, bytesTotal: 11 });
    expect(progress.at(-1)).toMatchObject({ filesDone: 2, bytesDone: 11 });
    expect(facts.map(({ type }) => type)).toEqual(['FilesIndexed']);
  });

  it.each([
    ['/drive/images', 'images'],
    ['/drive/Photos', 'Photos'],
    ['/drive/Photos/2019', 'Photos'],
  ])('%s is listed in the history of %s', async (dir, root) => {
    await index(dir);
    expect(roots).toEqual([root]);
  });

  it('is told by status meanwhile, and stopped when the drive goes', async () => {
    const work = indexing().index('/drive/images', null)[Symbol.asyncIterator]();
    await work.next();
    expect(verifications.now).toMatchObject([{ target: 'IMAGETANK', filesTotal: 2 }]);
    verifications.stop(drive.drive.id, new UserError('drive-lost', 74, 'gone', 'attach it'));
    await expect(work.next()).rejects.toMatchObject({ exitCode: 74 });
    expect(facts).toEqual([]);
  });
});

describe('refused is', () => {
  it.each([
    ['/nope', 66, 'no-folder'],
    ['/drive', 64, 'whole-drive'],
    ['/elsewhere/images', 77, 'not-adopted'],
    ['/drive2/images', 77, 'not-adopted'],
    ['/drive/.imagetank', 64, 'own-folder'],
    ['/drive/.imagetank/incoming', 64, 'own-folder'],
  ])('%s (%d)', async (dir, exitCode, code) => {
    await expect(index(dir)).rejects.toMatchObject({ exitCode, code });
    expect(facts).toEqual([]);
  });

  it.each([
    '/drive/images',
    '/drive/images/card',
    '/drive'.concat('/images/2019/x'),
  ])('a folder with something else mounted at %s: it would be taken for its own copy', async (point) => {
    mounts = [point];
    await expect(index('/drive/images')).rejects.toMatchObject({ exitCode: 64, code: 'foreign-mount' });
    expect(facts).toEqual([]);
  });

  it('not for what is mounted beside it', async () => {
    mounts = ['/drive/images2', '/drive/card'];
    expect((await index('/drive/images')).result.indexed).toBe(2);
  });

  it('a folder below a mount point on the drive', async () => {
    mounts = ['/drive/images'];
    await expect(index('/drive/images/deep')).rejects.toMatchObject({ code: 'foreign-mount' });
  });

  it('everything, while the journal takes nothing', async () => {
    const full = () => {
      throw new UserError('state-disk-full', 74, 'full', 'free some space');
    };
    const runtime = { ...given(daemonStarted()), expectToRecord: full };
    await expect(index('/drive/images', { runtime })).rejects.toMatchObject({ exitCode: 74 });
  });
});
