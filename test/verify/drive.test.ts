import { beforeEach, describe, expect, it } from 'vitest';
import { memoryStore } from '../../adapters/memory/memory-store.ts';
import { VirtualClock } from '../../adapters/memory/virtual-clock.ts';
import type { Fact, FactOf } from '../../machines/facts.ts';
import { backupId, driveId, relativePath } from '../../machines/ids.ts';
import type { FileOnDrive } from '../../machines/media.ts';
import { sealBackup } from '../../services/manifest/seal.ts';
import type { Copy, EventLog } from '../../services/ports.ts';
import { AT_ONCE, type VerifyRun } from '../../services/verify/run.ts';
import { verifyDrive } from '../../services/verify/verify.ts';
import { verifyBackup } from '../../services/verify/verify-backup.ts';
import { settled, stamped } from '../journal/facts.ts';
import { copyOf, ListCatalogue, MemoryDrive } from '../manifest/memory-drive.ts';
import { follow, resultOf } from './work.ts';

const A = 'Photos/2026/a.jpg';
const B = 'Photos/2026/b.jpg';
const C = 'Other/SD/c.txt';
const BACKUP = backupId('20261121-57');

/** An adopted drive with files that a backup placed, recorded and sealed, and a journal that listens. */
class Scene {
  readonly drive = new MemoryDrive();
  readonly catalogue: ListCatalogue;
  /** What the journal was told of the drive's files. */
  readonly facts: Fact[] = [];
  /** What it was told of the verification itself. */
  readonly course: Fact[] = [];
  run: VerifyRun = AT_ONCE;

  constructor(...paths: string[]) {
    for (const path of paths) this.drive.put(path, `content of ${path}`);
    this.catalogue = new ListCatalogue(paths.map((path) => this.copy(path)));
  }

  copy(path: string): Copy {
    return copyOf(this.drive, path, { backupId: BACKUP });
  }

  /** What a projection does with the fact. */
  emit = async (fact: Fact): Promise<void> => {
    (fact.type.startsWith('Verification') ? this.course : this.facts).push(fact);
    if (fact.type !== 'CopiesLost') return;
    const lost = new Set(fact.files.map(({ to }) => to));
    this.catalogue.rows = this.catalogue.rows.filter(
      (row) => row.driveId !== fact.driveId || !lost.has(row.to),
    );
  };

  lost(): FactOf<'CopiesLost'>['files'][number][] {
    return this.facts.flatMap((fact) => (fact.type === 'CopiesLost' ? fact.files : []));
  }

  async seal(): Promise<this> {
    await sealBackup({
      store: this.drive,
      copies: () => this.catalogue.copiesOf({ driveId: this.drive.drive.id }),
      original: () => null,
      journalLines: [],
      head: { seq: 1, hash: '0'.repeat(64) },
      backupId: BACKUP,
      at: '2026-11-21T00:00:00Z',
      hostname: 'tank',
      version: '0.1.0',
    });
    return this;
  }

  work() {
    return verifyDrive({ store: this.drive, catalogue: this.catalogue, emit: this.emit }, this.run);
  }

  verify() {
    return resultOf(this.work());
  }
}

describe('verifying an adopted drive', () => {
  it('that is as it was left is clean, and nothing is recorded', async () => {
    const scene = await new Scene(A, B, C).seal();
    const { result, progress } = await follow(scene.work());
    expect(result).toEqual({ ok: true, files: 3, altered: [], missing: [], new: [] });
    expect(scene.facts).toEqual([]);
    expect(scene.course.map(({ type }) => type)).toEqual([
      'VerificationStarted',
      'VerificationProgressed',
      'VerificationFinished',
    ]);
    expect(progress.at(-1)).toMatchObject({ filesDone: 3 });
  });

  it('takes the verified mark from what is altered or missing, at once', async () => {
    const scene = await new Scene(A, B, C).seal();
    scene.drive.put(A, 'content of Photos/2026/A.jpg');
    scene.drive.files.delete(C);
    scene.drive.put('Photos/new.jpg', 'N');
    expect(await scene.verify()).toEqual({
      ok: false,
      files: 3,
      altered: [A],
      missing: [C],
      new: ['Photos/new.jpg'],
    });
    expect(scene.lost()).toEqual([
      { to: A, why: 'altered' },
      { to: C, why: 'missing' },
    ]);
  });

  it('says nothing to the journal about files that it never trusted', async () => {
    const scene = await new Scene(A, B).seal();
    scene.catalogue.rows = [];
    scene.drive.files.delete(A);
    expect(await scene.verify()).toMatchObject({ ok: false, missing: [A] });
    expect(scene.facts).toEqual([]);
  });

  it('re-reads what was placed and never sealed, by the journal’s word', async () => {
    const scene = new Scene(A, B);
    expect(await scene.verify()).toEqual({ ok: true, files: 2, altered: [], missing: [], new: [] });
    scene.drive.put(A, 'other');
    expect(await scene.verify()).toMatchObject({ ok: false, altered: [A] });
    expect(scene.lost()).toEqual([{ to: A, why: 'altered' }]);
  });

  it('re-reads the files of an altered manifest by the journal’s word', async () => {
    const scene = await new Scene(A, B).seal();
    const [generation = ''] = scene.drive.paths('Photos/ascmhl');
    scene.drive.put(generation, scene.drive.text(generation).replace('tank', 'tink'));
    expect(await scene.verify()).toEqual({
      ok: false,
      files: 2,
      altered: [generation],
      missing: [],
      new: [],
      manifestProblems: [{ path: generation, detail: 'its C4 is not the one in the chain', held: 'nothing' }],
    });
    expect(scene.facts).toEqual([]);
  });

  it('finds a copy that only the manifest still agrees with', async () => {
    const scene = await new Scene(A).seal();
    scene.catalogue.rows = [{ ...scene.copy(A), xxh64: '0123456789abcdef' }];
    expect(await scene.verify()).toMatchObject({ ok: false, altered: [A] });
    expect(scene.lost()).toEqual([{ to: A, why: 'altered' }]);
  });

  it('counts a file that cannot be read as altered', async () => {
    const scene = await new Scene(A, B).seal();
    scene.drive.unreadable.set(A, 'drive-failing');
    expect(await scene.verify()).toMatchObject({ ok: false, files: 2, altered: [A] });
    expect(scene.lost()).toEqual([{ to: A, why: 'altered' }]);
  });

  it('a generation without a chain entry is new, which is fine', async () => {
    const scene = await new Scene(A).seal();
    scene.drive.files.delete('Photos/ascmhl/ascmhl_chain.xml');
    const [generation] = scene.drive.paths('Photos/ascmhl');
    expect(await scene.verify()).toMatchObject({
      new: [generation],
      missing: ['Photos/ascmhl/ascmhl_chain.xml'],
    });
  });

  it('is an error when the drive goes away, and takes no mark from anything', async () => {
    const scene = await new Scene(A, B, C).seal();
    scene.drive.readBack = async () => {
      // As a pulled disk looks: everything is gone, and nothing says so.
      scene.drive.files.clear();
      return { xxh64: copyHash(scene, A), sizeBytes: `content of ${A}`.length, verifiedFrom: 'medium' };
    };
    await expect(scene.verify()).rejects.toMatchObject({
      name: 'UserError',
      exitCode: 74,
      code: 'drive-lost',
    });
    expect(scene.lost()).toEqual([]);
  });

  it('is an error when another drive lies there now', async () => {
    const scene = await new Scene(A).seal();
    scene.drive.files.delete(A);
    scene.drive.put('.imagetank/drive.json', '{"id":"another"}');
    await expect(scene.verify()).rejects.toMatchObject({ code: 'drive-lost' });
    expect(scene.facts).toEqual([]);
  });

  it('that fails in the middle has still told what was found before', async () => {
    const scene = await new Scene(A, B).seal();
    scene.drive.put(A, 'altered');
    scene.drive.unreadable.set(B, 'drive-lost');
    await expect(scene.verify()).rejects.toMatchObject({ code: 'drive-lost' });
    expect(scene.lost()).toEqual([{ to: A, why: 'altered' }]);
  });

  it('records many losses in facts that a journal takes at once', async () => {
    const paths = Array.from({ length: 600 }, (_, at) => `Photos/${at}.jpg`);
    const scene = await new Scene(...paths).seal();
    for (const path of paths) scene.drive.files.delete(path);
    expect((await scene.verify()).missing).toHaveLength(600);
    const sizes = scene.facts.map((fact) => (fact.type === 'CopiesLost' ? fact.files.length : 0));
    // The first at once, whatever comes after it.
    expect(sizes).toEqual([1, 255, 256, 88]);
    const course = scene.course.map((fact) =>
      fact.type === 'VerificationProgressed' ? fact.missing.length : fact.type,
    );
    expect(course).toEqual(['VerificationStarted', 256, 256, 88, 'VerificationFinished']);
  });

  it('says how far it is', async () => {
    const paths = Array.from({ length: 200 }, (_, at) => `Photos/${at}.jpg`);
    const scene = await new Scene(...paths).seal();
    const clock = new VirtualClock();
    scene.run = { ...AT_ONCE, clock };
    // Four files are a quarter of a second.
    scene.drive.onRead = () => clock.stall(62.5);
    const { progress } = await follow(scene.work());
    expect(progress.map(({ filesDone }) => filesDone)).toEqual([
      ...Array.from({ length: 51 }, (_, at) => at * 4),
      200,
    ]);
    for (const { filesTotal, bytesDone, bytesTotal } of progress) {
      // Without the two files of their history.
      expect(filesTotal).toBe(200);
      expect(bytesDone).toBeLessThanOrEqual(bytesTotal);
    }
  });

  it('with more generations than anybody makes is refused', async () => {
    const scene = new Scene(A);
    scene.drive.list = async () => Array.from({ length: 10_001 }, (_, at) => `${at + 10_000}_Photos_x.mhl`);
    await expect(scene.verify()).rejects.toMatchObject({ exitCode: 65, code: 'manifest-limit' });
  });

  it('passes on what is nobody’s fault but ours', async () => {
    const scene = await new Scene(A).seal();
    scene.drive.readBack = () => Promise.reject(new TypeError('a bug'));
    await expect(scene.verify()).rejects.toThrow(TypeError);
  });
});

function copyHash(scene: Scene, path: string): string {
  return scene.catalogue.rows.find(({ to }) => to === path)?.xxh64 ?? '';
}

describe('verifying one backup', () => {
  const second = driveId('second');
  let log: EventLog;
  beforeEach(() => {
    log = memoryStore().log;
  });
  const settledOn = async (
    drive: MemoryDrive,
    copied: readonly string[],
    duplicates: readonly string[] = [],
  ) => {
    const file = (to: string): FileOnDrive => {
      const { sizeBytes, xxh64 } = copyOf(drive, to);
      const path = relativePath(to);
      return { path, to: path, sizeBytes, xxh64, mtimeMs: 0, toMtimeMs: 0, headXxh64: xxh64 };
    };
    const fact = settled(BACKUP, { drive: drive.drive.id, copied: copied.map(file) });
    await log.append(stamped([{ ...fact, duplicates: duplicates.map(file) }]));
  };
  const verify = (scene: Scene, drives: readonly MemoryDrive[]) =>
    resultOf(
      verifyBackup({
        backupId: BACKUP,
        catalogue: scene.catalogue,
        log,
        drives: new Map(drives.map((drive) => [drive.drive.id, drive])),
        labelOf: (id) => `label of ${id}`,
        emit: scene.emit,
      }),
    );

  it('re-reads what it copied or found there, and nothing else', async () => {
    const scene = new Scene(A, B, C, 'Photos/d.jpg');
    await settledOn(scene.drive, [A], [B]);
    await settledOn(scene.drive, [A]);
    await log.append(stamped([settled('another', { drive: scene.drive.drive.id, copied: [] })]));
    scene.drive.put(B, 'altered');
    scene.drive.put(C, 'altered too');
    expect(await verify(scene, [scene.drive])).toEqual({
      ok: false,
      files: 2,
      altered: [B],
      missing: [],
      new: [],
    });
    expect(scene.lost()).toEqual([{ to: B, why: 'altered' }]);
  });

  it('says the same the second time, when the catalogue has forgotten what was lost', async () => {
    const scene = new Scene(A, B);
    await settledOn(scene.drive, [A, B]);
    scene.drive.put(A, 'altered');
    scene.drive.files.delete(B);
    const first = await verify(scene, [scene.drive]);
    expect(scene.catalogue.rows).toEqual([]);
    expect(await verify(scene, [scene.drive])).toEqual(first);
    expect(first).toMatchObject({ ok: false, files: 2, altered: [A], missing: [B] });
  });

  it('on every attached drive, each by its name', async () => {
    const scene = new Scene(A);
    const other = new MemoryDrive({ id: second, label: 'SECOND' });
    other.put(A, `content of ${A}`);
    scene.catalogue.rows.push(copyOf(other, A, { backupId: BACKUP }));
    await settledOn(scene.drive, [A]);
    await settledOn(other, [A]);
    expect(await verify(scene, [scene.drive, other])).toMatchObject({ ok: true, files: 2 });
    other.files.delete(A);
    expect(await verify(scene, [scene.drive, other])).toMatchObject({
      ok: false,
      missing: [A],
      drives: [
        { label: 'IMAGETANK', ok: true, files: 1 },
        { label: 'SECOND', ok: false, missing: [A] },
      ],
    });
    expect(scene.facts).toEqual([
      { type: 'CopiesLost', backupId: null, driveId: second, files: [{ to: A, why: 'missing' }] },
    ]);
  });

  it('names the drives that are away; one that has nothing of it is none', async () => {
    const scene = new Scene(A);
    const other = new MemoryDrive({ id: second });
    other.put(A, `content of ${A}`);
    await settledOn(scene.drive, [A]);
    await settledOn(other, [A]);
    const third = new MemoryDrive({ id: driveId('third') });
    const found = await verify(scene, [scene.drive, third]);
    expect(found).toMatchObject({ ok: true, files: 1, away: ['label of second'] });
    expect(found).not.toHaveProperty('drives');
  });

  it('whose drives are all away, or that settled nothing, is refused, never clean', async () => {
    const scene = new Scene(A);
    await expect(verify(scene, [scene.drive])).rejects.toMatchObject({
      exitCode: 66,
      message: expect.stringContaining('nothing on any drive'),
    });
    await settledOn(scene.drive, [A]);
    for (const drives of [[], [new MemoryDrive({ id: second })]]) {
      await expect(verify(scene, drives)).rejects.toMatchObject({
        exitCode: 66,
        message: expect.stringContaining('label of'),
      });
    }
  });

  it('is an error when the drive goes away', async () => {
    const scene = new Scene(A);
    await settledOn(scene.drive, [A]);
    scene.drive.files.clear();
    await expect(verify(scene, [scene.drive])).rejects.toMatchObject({ code: 'drive-lost' });
    expect(scene.facts).toEqual([]);
  });
});
