import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CardError } from '../../services/errors.ts';
import type { DriveStore } from '../../services/media-ports.ts';
import { altered, DAY, filesBelow, NOON, type World, world } from './world.ts';

const MINUTE_MS = 60_000;
/** The night is over between the second and the third chapter. */
const LATE = Date.UTC(2026, 10, 21, 23, 58, 30);
const names = async (box: World, folder = DAY): Promise<string[]> =>
  Object.keys(await box.onDrive())
    .filter((path) => path.startsWith(folder))
    .map((path) => path.slice(folder.length + 1));

/** Chapters of video 0001, with a thumbnail each. */
async function film(box: World, folder: string, chapters: readonly number[], startMs = NOON): Promise<void> {
  for (const chapter of chapters) {
    const at = startMs + chapter * MINUTE_MS;
    await box.put(`${folder}/GX0${chapter}0001.MP4`, `${folder} chapter ${chapter}`, at);
    await box.put(`${folder}/GX0${chapter}0001.THM`, `${folder} thumbnail ${chapter}`, at);
  }
}

const suffixed = (suffix: string, chapters: readonly number[]): string[] =>
  chapters.flatMap((n) => [`GX0${n}0001${suffix}.MP4`, `GX0${n}0001${suffix}.THM`]);

describe('the chapters of a video', () => {
  test('lie in the folder of the day on which it began', async () => {
    const box = await world();
    await film(box, '100GOPRO', [1, 2, 3], LATE - MINUTE_MS);
    await box.backup();
    expect(await names(box)).toEqual(suffixed('', [1, 2, 3]));
  });

  test('that ended the next day would lie apart each by itself', async () => {
    const box = await world();
    await film(box, '100GOPRO', [3], LATE - MINUTE_MS);
    await box.backup();
    expect(await names(box)).toEqual([]);
  });

  test('get one suffix, also when only one of their names is taken, by the last as by the first', async () => {
    for (const taken of ['GX010001.MP4', 'GX030001.THM']) {
      const box = await world();
      await box.alter(`${DAY}/${taken}`, 'somebody else’s');
      await film(box, '100GOPRO', [1, 2, 3]);
      await box.backup();
      expect(await names(box)).toEqual([taken, ...suffixed('_2', [1, 2, 3])].sort());
    }
  });

  test('of two videos with one number each keep their own', async () => {
    const box = await world();
    await film(box, '100GOPRO', [1, 2]);
    await film(box, '101GOPRO', [1, 2, 3], NOON + 10 * MINUTE_MS);
    await box.backup();
    expect(await box.onDrive()).toMatchObject({
      [`${DAY}/GX030001.MP4`]: '101GOPRO chapter 3',
      [`${DAY}/GX010001.MP4`]: '101GOPRO chapter 1',
      [`${DAY}/GX010001_2.MP4`]: '100GOPRO chapter 1',
      [`${DAY}/GX020001_2.THM`]: '100GOPRO thumbnail 2',
    });
  });

  test('that are copied after the others join them under their suffix', async () => {
    const box = await world();
    await box.alter(`${DAY}/GX010001.MP4`, 'somebody else’s');
    await film(box, '100GOPRO', [1, 2, 3]);
    await box.backup();
    await box.remove(`${DAY}/GX020001_2.MP4`);
    await box.remove(`${DAY}/GX020001_2.THM`);
    expect(await box.backup()).toMatchObject({
      type: 'BackupFinished',
      totals: { copied: 2, duplicates: 4 },
    });
    expect(await names(box)).toEqual(['GX010001.MP4', ...suffixed('_2', [1, 2, 3])].sort());
  });

  test('that lie where a missing one is going to are not written again', async () => {
    const box = await world();
    await film(box, '100GOPRO', [2, 3]);
    await box.backup();
    await film(box, '100GOPRO', [1]);
    let written = 0;
    const drive = altered<DriveStore>(box.drive, {
      writeAll: (files) => {
        written += files.length;
        return box.drive.writeAll(files);
      },
    });
    expect(await box.backup({ drives: [drive] })).toMatchObject({ totals: { copied: 2, duplicates: 4 } });
    expect(written).toBe(2);
    expect(await names(box)).toEqual(suffixed('', [1, 2, 3]));
  });

  test('are not copied again, and a chapter that lies away from them counts as missing', async () => {
    const box = await world();
    await film(box, '100GOPRO', [1, 2]);
    await box.backup();
    expect(await box.backup()).toMatchObject({ totals: { copied: 0, duplicates: 4 } });
    // The second chapter alone is on the drive, in the folder of another day.
    const other = await world();
    await other.put('GX020001.MP4', '100GOPRO chapter 2', Date.UTC(2020, 0, 1));
    await other.put('GX020001.THM', '100GOPRO thumbnail 2', Date.UTC(2020, 0, 1));
    await other.backup();
    await other.insert('SD2');
    await film(other, '100GOPRO', [1, 2]);
    expect(await other.backup()).toMatchObject({ totals: { copied: 4, duplicates: 0 } });
    expect(await names(other)).toEqual(suffixed('', [1, 2]));
  });

  test('of another video of the same number do not count as theirs', async () => {
    const box = await world();
    const before = Date.UTC(2020, 0, 1);
    await box.put('GX020001.MP4', '100GOPRO chapter 2', before);
    await box.put('GX010001.MP4', 'the beginning of another one', before);
    await box.backup();
    await box.insert('SD2');
    for (const n of [1, 2]) await box.put(`100GOPRO/GX0${n}0001.MP4`, `100GOPRO chapter ${n}`);
    expect(await box.backup()).toMatchObject({ totals: { copied: 2, duplicates: 0 } });
    expect(await names(box)).toEqual(['GX010001.MP4', 'GX020001.MP4']);
  });

  test('that lie together in another folder are duplicates', async () => {
    const box = await world();
    await film(box, '100GOPRO', [1, 2], Date.UTC(2020, 0, 1));
    await box.backup();
    await box.insert('SD2');
    await film(box, '100GOPRO', [1, 2]);
    expect(await box.backup()).toMatchObject({ totals: { copied: 0, duplicates: 4 } });
  });

  test('keep the day of the first one also where that cannot be read', async () => {
    const box = await world();
    await film(box, '100GOPRO', [1, 2, 3], LATE - MINUTE_MS);
    const cards = altered(box.cards, {
      open: async (root, file) => {
        if (file.path.includes('GX0100')) throw new CardError('unreadable', 'a bad sector');
        return box.cards.open(root, file);
      },
    });
    expect(await box.backup({ cards })).toMatchObject({ type: 'BackupFailed', totals: { failed: 2 } });
    expect(await names(box)).toEqual(suffixed('', [2, 3]));
  });
});

describe('a video of many gigabytes', () => {
  const CHAPTERS = 8;
  /** As much as a batch: each chapter is settled by itself. */
  const CHAPTER_BYTES = 64 * 1024 * 1024;

  /** Each chapter with other bytes at its beginning. */
  async function longFilm(): Promise<World> {
    const box = await world();
    for (let n = 1; n <= CHAPTERS; n += 1) {
      await box.putLong(`GX0${n}0001.MP4`, `chapter ${n}`, CHAPTER_BYTES, NOON + n * MINUTE_MS);
    }
    return box;
  }

  test('is placed chapter by chapter: never more than four wait, and what was recorded is not copied again', async () => {
    const box = await longFilm();
    let most = 0;
    let settled = 0;
    const watching = altered<DriveStore>(box.drive, {
      settle: async (placed) => {
        most = Math.max(most, (await box.incoming()).length);
        return box.drive.settle(placed);
      },
    });
    const stop = () => (settled >= 3 ? 'shutdown' : null);
    await box.backup({
      drives: [watching],
      stop,
      emit: async (fact) => {
        await box.journal.emit(fact);
        if (fact.type === 'FilesSettled') settled += fact.copied.length;
      },
    });
    expect(settled).toBe(3);
    expect(await names(box)).toHaveLength(3);
    expect(most).toBeLessThanOrEqual(4);
    expect(await box.incoming()).toEqual([]);
    expect(await box.backup()).toMatchObject({
      type: 'BackupFinished',
      totals: { copied: CHAPTERS - 3, duplicates: 3 },
    });
    expect(await filesBelow(join(box.drive.drive.path, DAY))).toHaveLength(CHAPTERS);
  });
});
