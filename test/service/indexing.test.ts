import { NEVER, Subject } from 'rxjs';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Fact } from '../../machines/facts.ts';
import { driveId } from '../../machines/ids.ts';
import { UserError } from '../../services/errors.ts';
import { Indexing, type IndexingParts } from '../../services/indexing.ts';
import type { Store } from '../../services/ports.ts';
import { AT_ONCE } from '../../services/verify/run.ts';
import { ejected, Verifications } from '../../services/verify/verifications.ts';
import { stampAt } from '../journal/facts.ts';
import { daemonStarted, devicesKnown, given } from '../machines/story.ts';
import { copyOf, ListCatalogue, MemoryDrive, rel } from '../manifest/memory-drive.ts';

let drive: MemoryDrive;
let inner: MemoryDrive;
let catalogue: ListCatalogue;
let facts: Fact[];
let facts$: Subject<Fact>;
let mounts: string[];
let roots: string[];
let verifications: Verifications;
beforeEach(() => {
  drive = new MemoryDrive();
  drive.put('images/a.jpg', 'first');
  drive.put('images/b.jpg', 'second');
  drive.put('Photos/2019/c.jpg', 'third');
  inner = new MemoryDrive({ id: driveId('inner'), label: 'INNER', path: '/drive/inner' });
  inner.put('images/d.jpg', 'fourth');
  catalogue = new ListCatalogue();
  facts = [];
  facts$ = new Subject();
  mounts = [];
  roots = [];
  verifications = new Verifications({ stamp: () => stampAt(0), setTimer: () => () => undefined });
});

function indexing(change: Partial<IndexingParts> = {}): Indexing {
  const attached = [drive, inner].map((one) => ({ type: 'DriveAttached', drive: one.drive }) as const);
  const { state } = given(daemonStarted(), devicesKnown(), ...attached);
  return new Indexing({
    runtime: { state, expectToRecord: () => undefined },
    store: {
      catalogue: catalogue as unknown as Store['catalogue'],
      shelf: { photo: () => null } as unknown as Store['shelf'],
    },
    places: {
      realPath: async (path) => {
        if (path === '/nope') throw new Error('ENOENT');
        return path === '/link' ? '/drive/images' : path;
      },
      isFolder: async (path) => !path.endsWith('.jpg'),
      mountsBelow: async () => mounts,
    },
    openLearned: async ({ id }) => (id === drive.drive.id ? drive : inner),
    openFolder: () => Promise.reject(new Error('not asked here')),
    emit: async (fact) => void facts.push(fact),
    metadata: { captures: async (files) => files.map(() => null) },
    numberIn: () => null,
    dayStarts: '00:00',
    met: () => undefined,
    facts$,
    drives: () => [],
    shown: () => [],
    fileAt: async () => null,
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

async function index(dir: string, change: Partial<IndexingParts> = {}, dryRun = false) {
  const progress: object[] = [];
  for await (const message of indexing(change).index(dir, { rateBytesPerSecond: null, dryRun })) {
    if ('result' in message) return { progress, result: message.result };
    progress.push(message.progress);
  }
  throw new Error('no result');
}

const told = () => facts.flatMap((fact) => ('files' in fact && Array.isArray(fact.files) ? fact.files : []));

describe('a folder of an adopted drive', () => {
  it.each(['/drive/images', '/link'])('is indexed under its real path: %s', async (dir) => {
    const { result, progress } = await index(dir);
    expect(result).toMatchObject({ drive: 'IMAGETANK', folder: 'images', files: 2, indexed: 2 });
    expect(progress[0]).toMatchObject({ filesDone: 0, filesTotal: 2, bytesTotal: 11 });
    expect(progress.at(-1)).toMatchObject({ filesDone: 2, bytesDone: 11 });
    expect(facts.map(({ type }) => type)).toEqual(['FilesIndexed']);
  });

  it('belongs to the inner one of two drives', async () => {
    const { result } = await index('/drive/inner/images');
    expect(result).toMatchObject({ drive: 'INNER', folder: 'images', indexed: 1 });
  });

  it.each([
    ['/drive/images', 'images'],
    ['/drive/images/2019', 'images/2019'],
    ['/drive/Photos', 'Photos'],
    ['/drive/Photos/2019', 'Photos'],
  ])('%s is listed in the history of %s', async (dir, root) => {
    drive.put(`${dir.slice('/drive/'.length)}/new.jpg`, 'new');
    await index(dir);
    expect(roots).toEqual([root]);
  });

  it('is listed in the history that lies above it already, whoever began it', async () => {
    drive.put('images/ascmhl/0001_images_2020-01-01_000000Z.mhl', 'of another tool');
    drive.put('images/2019/new.jpg', 'new');
    await index('/drive/images/2019');
    expect(roots).toEqual(['images']);
  });

  it('of which everything is known and listed gets no further manifest', async () => {
    catalogue.rows = [copyOf(drive, 'images/a.jpg'), copyOf(drive, 'images/b.jpg')];
    await index('/drive/images');
    // They are copies, and no manifest has them: a run that was stopped left them so.
    expect(roots).toEqual(['images']);
    roots = [];
    drive.files.delete('images/a.jpg');
    drive.files.delete('images/b.jpg');
    await index('/drive/images');
    // As after a kill between a manifest and its fact: `verify` has not heard of the history.
    expect(roots).toEqual(['images']);
    roots = [];
    catalogue.generations.add(rel('images/ascmhl/0001_images_2026-11-21_100000Z.mhl'));
    await index('/drive/images');
    expect(roots).toEqual([]);
  });

  it('is not touched by a dry run', async () => {
    const { result } = await index('/drive/images', {}, true);
    expect(result).toMatchObject({ unread: 2, unreadBytes: 11, indexed: 0, manifests: [] });
    expect([facts, roots]).toEqual([[], []]);
  });

  it('is told by status meanwhile, and stopped when the drive goes', async () => {
    const work = indexing().index('/drive/images')[Symbol.asyncIterator]();
    await work.next();
    expect(verifications.now).toMatchObject([{ target: 'IMAGETANK', filesTotal: 2 }]);
    verifications.stop(drive.drive.id, ejected('IMAGETANK'));
    await expect(work.next()).rejects.toMatchObject({
      exitCode: 75,
      hint: expect.stringContaining('imagetank library index /drive/images'),
    });
    expect(facts).toEqual([]);
  });

  it('is not recorded where a fact says otherwise meanwhile', async () => {
    const { readBack } = drive;
    drive.readBack = async (path, after) => {
      const read = await readBack.call(drive, path, after);
      const files = [{ to: rel('images/a.jpg'), why: 'altered' as const }];
      facts$.next({ type: 'CopiesLost', backupId: null, driveId: drive.drive.id, files });
      return read;
    };
    const { result } = await index('/drive/images');
    expect(result).toMatchObject({ indexed: 1, changed: ['images/a.jpg'] });
    expect(told()).toMatchObject([{ to: 'images/b.jpg' }]);
    expect(facts$.observed).toBe(false);
  });

  it('holds no copy that is the very file of one on another drive, attached or not', async () => {
    const away = { ...drive.drive, id: driveId('away'), path: '/away', kind: 'folder' as const };
    catalogue.rows = [{ ...copyOf(drive, 'images/a.jpg'), driveId: away.id, to: rel('x.jpg') }];
    const fileAt = async (path: string) =>
      path === '/away/x.jpg' ? (drive.files.get('images/a.jpg')?.file ?? null) : null;
    const { result } = await index('/drive/images', { drives: () => [away], fileAt });
    expect(result).toMatchObject({ indexed: 1, linked: ['images/a.jpg'] });
  });
});

describe('refused is', () => {
  it.each([
    [[], '/media/D/data'],
    [['/media/D'], '/media/D'],
    [['/media', '/media/D', '/media/D/dat'], '/media/D'],
  ])('a folder of a drive that is not adopted: of %j it names the innermost that holds it', async (paths, top) => {
    const shown = () => paths.map((path) => ({ path, adopted: false }));
    await expect(index('/media/D/data/images', { shown })).rejects.toMatchObject({
      ...{ exitCode: 77, code: 'not-adopted' },
      hint: expect.stringMatching(new RegExp(`: imagetank drive adopt ${top}$`)),
    });
    const adopted = () => paths.map((path) => ({ path, adopted: true }));
    await expect(index('/media/D/data/images', { shown: adopted })).rejects.toMatchObject({
      hint: expect.stringMatching(/imagetank drive adopt \/media\/D\/data$/),
    });
  });

  it.each([
    ['/nope', 66, 'no-folder'],
    ['/drive/images/a.jpg', 66, 'no-folder'],
    ['/drive', 64, 'whole-drive'],
    ['/elsewhere/images', 77, 'not-adopted'],
    ['/drive2/images', 77, 'not-adopted'],
    ['/drive/.imagetank', 64, 'own-folder'],
    ['/drive/.imagetank/incoming', 64, 'own-folder'],
    ['/drive/inbox', 64, 'inbox'],
    ['/drive/inbox/trip', 64, 'inbox'],
  ])('%s (%d)', async (dir, exitCode, code) => {
    const refusal = index(dir);
    await expect(refusal).rejects.toMatchObject({ exitCode, code });
    await expect(refusal).rejects.toMatchObject({ hint: expect.stringMatching(/^[^\n]+$/) });
    expect(facts).toEqual([]);
  });

  it.each([
    '.imagetank-x',
    'inbox-2019',
    'Inbox',
    'images/inbox',
  ])('not a folder of a similar name: %s', async (name) => {
    drive.put(`${name}/b.jpg`, 'photo');
    expect((await index(`/drive/${name}`)).result.indexed).toBe(1);
  });

  it('the inbox in any case where the drive does not tell cases apart', async () => {
    drive.rules = { ...drive.rules, restrictedNames: true };
    drive.put('Inbox/b.jpg', 'photo');
    await expect(index('/drive/Inbox')).rejects.toMatchObject({ exitCode: 64, code: 'inbox' });
  });

  it.each([
    '/drive/images',
    '/drive/images/card',
    '/drive/images/2019/x',
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

  it.each([
    ['in it', 'images/tank/.imagetank/drive.json'],
    ['above it', 'images/.imagetank/drive.json'],
  ])('a folder with a drive of its own %s: one photo would count on both', async (_, identity) => {
    drive.put(identity, '{}');
    drive.put('images/tank/x.jpg', 'x');
    const dir = identity.startsWith('images/tank') ? '/drive/images' : '/drive/images/tank';
    await expect(index(dir)).rejects.toMatchObject({ exitCode: 64, code: 'drive-within' });
    expect(facts).toEqual([]);
  });

  it('everything, while the journal takes nothing', async () => {
    const full = () => {
      throw new UserError('state-disk-full', 74, 'full', 'free some space');
    };
    const runtime = { ...given(daemonStarted()), expectToRecord: full };
    await expect(index('/drive/images', { runtime })).rejects.toMatchObject({ exitCode: 74 });
  });
});
