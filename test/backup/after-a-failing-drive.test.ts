import { rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { StopWhy } from '../../services/backup/job.ts';
import { Stopped } from '../../services/backup/problems.ts';
import { DriveError } from '../../services/errors.ts';
import type { DriveStore } from '../../services/media-ports.ts';
import { altered, type World, world } from './world.ts';

/** More than two batches, so that the first is settled while others are read. */
const MANY = 600;

async function filled(count: number): Promise<World> {
  const box = await world();
  for (let n = 0; n < count; n += 1) await box.put(`IMG_${1000 + n}.JPG`, `content ${n}`);
  return box;
}

describe('a drive whose sync failed', () => {
  test.each([1, 2])('is out, also when the card is pulled at that moment (%i drives)', async (drives) => {
    const box = await filled(MANY);
    let why: StopWhy | null = null;
    const bad = altered(box.drive, {
      settle: async () => {
        why = 'card-removed';
        throw new DriveError('drive-failing', 'fsync: EIO');
      },
    });
    const others = drives === 2 ? [await box.addDrive('SECOND')] : [];
    await box.backup({ drives: [bad, ...others], stop: () => why });
    expect(box.journal.of('DriveFailed')).toMatchObject([
      { driveId: box.drive.drive.id, reason: 'drive-failing' },
    ]);
    // Before the end of the backup: a light must not come in between.
    expect(box.journal.facts.at(-1)?.type).toMatch(/^Backup/);
  });

  test('is out, also when an older batch ended by a pulled card first', async () => {
    const box = await filled(MANY);
    let why: StopWhy | null = null;
    let flushes = 0;
    const bad = altered(box.drive, {
      flushAll: async (files) => {
        flushes += 1;
        if (flushes === 1) return box.drive.flushAll(files);
        why = 'card-removed';
        // The batch before it is read back meanwhile, and is told to stop.
        for (let turn = 0; turn < 50; turn += 1) await new Promise((wake) => setImmediate(wake));
        throw new DriveError('drive-failing', 'sync: EIO');
      },
    });
    await box.backup({ drives: [bad], stop: () => why });
    expect(box.journal.of('DriveFailed')).toMatchObject([{ driveId: box.drive.drive.id }]);
  });

  test('is out although it was full, too', async () => {
    const box = await filled(MANY);
    let settled = 0;
    const bad = altered(box.drive, {
      settle: async () => {
        settled += 1;
        throw new DriveError(settled === 1 ? 'drive-failing' : 'drive-full', 'fsync: EIO');
      },
    });
    await box.backup({ drives: [bad] });
    expect(box.journal.of('DriveFailed')).toHaveLength(1);
  });
});

test('what a drive that wraps around holds of this backup is not taken for granted at the next', async () => {
  const box = await filled(200);
  box.asVolume();
  let wrapped = false;
  const overwrite = async (): Promise<void> => {
    for (const path of Object.keys(await box.onDrive()).filter((_, at) => at % 2 === 0)) {
      const { size, mtimeMs } = await stat(join(box.drive.drive.path, path));
      await box.alter(path, 'Z'.repeat(size));
      await utimes(join(box.drive.drive.path, path), mtimeMs / 1000, mtimeMs / 1000);
    }
  };
  const readBack: DriveStore['readBack'] = async (path) => {
    // At the very end the last files have overwritten others: same size, same time.
    if (!wrapped) await overwrite();
    wrapped = true;
    return box.drive.readBack(path);
  };
  expect(await box.backup({ drives: [altered(box.drive, { readBack })] })).toMatchObject({
    type: 'BackupFailed',
    reason: 'drive-failing',
    detail: expect.stringContaining('fake flash'),
  });
  expect(await box.backup()).toMatchObject({ type: 'BackupFinished' });
  const good = Object.values(await box.onDrive()).filter((text) => !text.startsWith('Z'));
  expect(new Set(good).size).toBe(200);
});

test('an older file that the end of this backup overwrote is found and loses its mark', async () => {
  const box = await world();
  await box.put('OLD.JPG', 'an old photo', 0);
  await box.backup();
  await box.insert('SD2');
  await box.put('NEW.JPG', 'new');
  const old = 'Photos/1970/1970-01-01/OLD.JPG';
  const seal = async (): Promise<void> => undefined;
  const settle: DriveStore['settle'] = async (placed) => {
    await box.alter(old, 'overwritten!');
    await utimes(join(box.drive.drive.path, old), 0, 0);
    await box.drive.settle(placed);
  };
  expect(await box.backup({ drives: [altered(box.drive, { settle })], seal })).toMatchObject({
    reason: 'drive-failing',
  });
  expect(box.journal.of('CopiesLost').flatMap(({ files }) => files.map(({ to }) => to))).toContain(old);
});

test.each([
  ['deleted', (path: string) => rm(path)],
  ['deleted with its folder', (path: string) => rm(dirname(path), { recursive: true })],
  ['edited', (path: string) => writeFile(path, 'an old phot0')],
  ['made shorter', (path: string) => writeFile(path, 'cut')],
])('an older photo that its owner %s says nothing against the drive', async (_what, change) => {
  const box = await world();
  await box.put('OLD.JPG', 'an old photo', 0);
  await box.backup();
  await change(join(box.drive.drive.path, 'Photos/1970/1970-01-01/OLD.JPG'));
  await box.insert('SD2');
  await box.put('NEW.JPG', 'new');
  expect(await box.backup()).toMatchObject({ type: 'BackupFinished' });
});

test('nothing is written or recorded after the end of a backup', async () => {
  const box = await filled(300);
  const second = await box.addDrive('SECOND');
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const first = altered(box.drive, {
    writeAll: async () => {
      setImmediate(release);
      throw new Stopped('shutdown', 'stopped');
    },
  });
  const slow = altered(second, {
    writeAll: async (files) => {
      await held;
      return second.writeAll(files);
    },
  });
  await box.backup({ drives: [first, slow] });
  const facts = box.journal.facts.length;
  expect(await box.incoming(second)).toEqual([]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(box.journal.facts).toHaveLength(facts);
});
