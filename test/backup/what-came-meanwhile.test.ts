import { appendFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { CardReader } from '../../services/media-ports.ts';
import { altered, world } from './world.ts';

/** Runs `act` once, when the card has been listed for the first time and nothing is copied yet. */
function afterFirstListing(cards: CardReader, act: () => Promise<unknown>): CardReader {
  let listed = false;
  return altered(cards, {
    async *scan(root) {
      yield* cards.scan(root);
      if (!listed) await act();
      listed = true;
    },
  });
}

/** Runs `act` once, when the first files have been read. */
function afterFirstReading(cards: CardReader, act: () => Promise<unknown>): CardReader {
  let read = false;
  return altered(cards, {
    readStarts: async (root, files, maxBytes) => {
      const starts = await cards.readStarts(root, files, maxBytes);
      if (!read) await act();
      read = true;
      return starts;
    },
  });
}

describe('what a camera writes to the card while it is backed up', () => {
  test('a new file is on no drive: the backup fails by name, and the next one has it', async () => {
    const box = await world();
    await box.put('IMG_1.JPG', 'one');
    const cards = afterFirstListing(box.cards, () => writeFile(join(box.card.path, 'IMG_2.JPG'), 'two'));
    expect(await box.backup({ cards })).toMatchObject({
      type: 'BackupFailed',
      reason: 'file-changed',
      detail: expect.stringContaining('IMG_2.JPG appeared'),
    });
    expect(await box.backup()).toMatchObject({
      type: 'BackupFinished',
      totals: { copied: 1, duplicates: 1 },
    });
  });

  test('a file that grew after it was read fails it as well', async () => {
    const box = await world();
    await box.put('IMG_1.JPG', 'one');
    await box.put('IMG_2.JPG', 'two');
    const cards = afterFirstReading(box.cards, () => appendFile(join(box.card.path, 'IMG_1.JPG'), 'more'));
    expect(await box.backup({ cards })).toMatchObject({
      type: 'BackupFailed',
      reason: 'file-changed',
      detail: expect.stringContaining('IMG_1.JPG changed'),
      totals: { copied: 2 },
    });
  });

  test('a file that the owner deletes after it was copied is no trouble', async () => {
    const box = await world();
    await box.put('IMG_1.JPG', 'one');
    await box.put('IMG_2.JPG', 'two');
    const cards = afterFirstReading(box.cards, () => rm(join(box.card.path, 'IMG_1.JPG')));
    expect(await box.backup({ cards })).toMatchObject({ type: 'BackupFinished', totals: { copied: 2 } });
  });
});

describe('the reserve', () => {
  test('takes 5 % of a small drive at most, so that one of any size can be used', async () => {
    const box = await world();
    await box.put('IMG_1.JPG', 'x'.repeat(100));
    box.drives[0] = altered(box.drive, { freeBytes: async () => 150, sizeBytes: async () => 1000 });
    expect(await box.backup({ reserveBytes: 1e9 })).toMatchObject({ type: 'BackupFinished' });
    await box.put('IMG_2.JPG', 'y'.repeat(101));
    expect(await box.backup({ reserveBytes: 1e9 })).toMatchObject({
      type: 'BackupFailed',
      reason: 'drive-full',
    });
  });
});

describe('`--to` where every drive is asked for', () => {
  test('is done on that drive, but not enough for green', async () => {
    const box = await world();
    await box.put('IMG_1.JPG', 'one');
    expect(await box.backup({ attached: 2 })).toMatchObject({
      type: 'BackupFinished',
      trusted: true,
      enough: false,
    });
    expect(await box.backup({ attached: 2, copies: 1 })).toMatchObject({ enough: true });
    expect(await box.backup({ attached: 1 })).toMatchObject({ enough: true });
  });
});
