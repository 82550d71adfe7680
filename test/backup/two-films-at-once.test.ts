import { describe, expect, test } from 'vitest';
import { backupId, relativePath } from '../../machines/ids.ts';
import { Shelf } from '../../services/backup/shelf.ts';
import { DAY, NOON, type World, world } from './world.ts';

const CHAPTERS = 2;
/** As much as a batch: each chapter is settled by itself. */
const CHAPTER_BYTES = 64 * 1024 * 1024;

/** The second chapter is the newest. */
async function film(box: World, startMs: number, chapters = CHAPTERS): Promise<void> {
  for (let n = 1; n <= chapters; n += 1) {
    const words = `chapter ${n} of ${box.card.label}`;
    await box.putLong(`GX0${n}0001.MP4`, words, CHAPTER_BYTES, startMs + n * 60_000);
    await box.put(`GX0${n}0001.THM`, `thumbnail of ${box.card.label}`, startMs);
  }
}

/** Backs up the second card while the first is between its two chapters. */
async function bothAtOnce(box: World, fillSecond: () => Promise<void>, fillFirst = () => film(box, NOON)) {
  const first = box.card;
  await fillFirst();
  await box.insert('SD2');
  const second = box.card;
  await fillSecond();
  let begun = false;
  await box.backup({
    card: first,
    emit: async (fact) => {
      await box.journal.emit(fact);
      if (begun || fact.type !== 'FilesSettled') return;
      begun = true;
      await box.backup({ card: second });
    },
  });
  expect(box.journal.of('BackupFinished')).toHaveLength(2);
}

const wholeFilms = async (box: World) =>
  Object.fromEntries(
    Object.entries(await box.onDrive()).map(([path, content]) => [
      path.slice(DAY.length + 1),
      content.replace(/\0+$/, ''),
    ]),
  );

test('of two videos of one number that are copied at once each keeps to its own suffix', async () => {
  const box = await world();
  await bothAtOnce(box, () => film(box, NOON + 600_000));
  expect(await wholeFilms(box)).toEqual({
    'GX010001.MP4': 'chapter 1 of SD1',
    'GX010001.THM': 'thumbnail of SD1',
    'GX020001.MP4': 'chapter 2 of SD1',
    'GX020001.THM': 'thumbnail of SD1',
    'GX010001_2.MP4': 'chapter 1 of SD2',
    'GX010001_2.THM': 'thumbnail of SD2',
    'GX020001_2.MP4': 'chapter 2 of SD2',
    'GX020001_2.THM': 'thumbnail of SD2',
  });
});

test('a video of one chapter does not take a name that a chapter of the other is going to need', async () => {
  const box = await world();
  await bothAtOnce(box, () => box.put('GX010001.MP4', 'short'));
  expect(await wholeFilms(box)).toMatchObject({
    'GX010001.MP4': 'chapter 1 of SD1',
    'GX010001_2.MP4': 'short',
  });
});

test('nor does a video whose later chapter comes first', async () => {
  const box = await world();
  const fillSecond = async () => {
    await box.put('GX020001.MP4', 'second', NOON);
    await box.put('GX030001.MP4', 'third', NOON + 1000);
  };
  // The first chapter of the first card is placed first.
  const fillFirst = async () => {
    await film(box, NOON, 1);
    await box.put('GX020001.MP4', 'second of SD1', NOON);
  };
  await bothAtOnce(box, fillSecond, fillFirst);
  expect(await wholeFilms(box)).toMatchObject({
    'GX020001.MP4': 'second of SD1',
    'GX020001_2.MP4': 'second',
    'GX030001_2.MP4': 'third',
  });
});

test('what no chapter took is free again when the backup is over', async () => {
  const box = await world();
  await film(box, NOON, 2);
  let settled = 0;
  await box.backup({
    stop: () => (settled > 0 ? 'shutdown' : null),
    emit: async (fact) => {
      await box.journal.emit(fact);
      if (fact.type === 'FilesSettled') settled += fact.copied.length;
    },
  });
  expect(Object.keys(await wholeFilms(box))).toEqual(['GX020001.MP4', 'GX020001.THM']);
  await box.insert('SD2');
  await box.put('GX010001.MP4', 'another video');
  await box.backup();
  expect(await wholeFilms(box)).toMatchObject({ 'GX010001.MP4': 'another video' });
});

describe('a promised name', () => {
  const folder = relativePath('Photos/a');
  const [mine, other] = [backupId('1'), backupId('2')];
  const file = { sizeBytes: 10, mtimeMs: NOON };
  const promised = () => {
    const shelf = new Shelf();
    shelf.promise(folder, 'GX010001.MP4', file, mine);
    return shelf;
  };

  test.each([
    ['for the backup that has it', 'GX010001.MP4', file, mine, false],
    ['for another one', 'gx010001.mp4', { ...file, sizeBytes: 11 }, other, true],
    ['for a file of another time', 'GX010001.MP4', { ...file, mtimeMs: 0 }, other, true],
    ['for the same file of another card', 'GX010001.MP4', file, other, false],
    ['under another name', 'GX010002.MP4', { ...file, sizeBytes: 11 }, other, false],
  ])('%s', (_what, name, asked, backup, away) => {
    expect(promised().isPromisedAway(folder, name, asked, backup)).toBe(away);
  });

  test('is kept when the folder is listed anew, and given back by its owner alone', () => {
    const shelf = promised();
    const isAway = () => shelf.isPromisedAway(folder, 'GX010001.MP4', { ...file, sizeBytes: 11 }, other);
    shelf.forget();
    shelf.release(other);
    expect(isAway()).toBe(true);
    shelf.release(mine);
    shelf.release(mine);
    expect(isAway()).toBe(false);
  });
});
