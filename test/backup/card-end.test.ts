import { Buffer } from 'node:buffer';
import { describe, expect, test } from 'vitest';
import { relativePath } from '../../machines/ids.ts';
import { type CardEnd, endsEarly } from '../../services/backup/card-end.ts';
import { CardError } from '../../services/errors.ts';
import { altered, NOON, type World, world } from './world.ts';

/** A card of as many files as letters, oldest first: `x` is bad, `.` is well. */
function card(letters: string, order: (files: number[]) => number[] = (files) => files): CardEnd {
  const files = order([...letters].map((_, at) => at)).map((at) => ({
    kind: 'file' as const,
    index: at,
    path: relativePath(`DCIM/IMG_${at}.JPG`),
    sizeBytes: 1,
    mtimeMs: NOON + 1000 * at,
  }));
  const isSuspect = (index: number) => letters[index] === 'x';
  return { label: 'SD64', files: () => files, suspects: letters.split('x').length - 1, isSuspect };
}

describe('a card has less room than it says', () => {
  test.each([
    ['the newest four are bad', '....xxxx'],
    ['one older file is enough to hold it against', '.xxxxxxx'],
    ['one of many newer ones is well: a file in an older gap', '....xxxx.xxxx'],
  ])('when %s: %s', (_why, letters) => {
    expect(endsEarly(card(letters))).toMatch(/^SD64: its newest \d files .*fake flash/);
    expect(endsEarly(card(letters, (files) => files.reverse()))).not.toBeNull();
  });

  test.each([
    ['three are a scratch', '.....xxx'],
    ['the bad ones lie in the middle', '...xxxx..'],
    ['one in between is well', '....xxx.x'],
    ['they lie here and there', 'x..x..x..x'],
    ['the oldest are bad', 'xxxx....'],
    ['all are bad: that may be the reader', 'xxxxxxxx'],
    ['all are well', '........'],
    ['there is no file', ''],
  ])('is not said when %s: %s', (_why, letters) => {
    expect(endsEarly(card(letters))).toBeNull();
  });

  test.each([
    '....',
    '.......x',
    '...xxx',
  ])('is not said when the others are folders that cannot be listed: %s', (letters) => {
    expect(endsEarly({ ...card(letters), suspects: 8 })).toBeNull();
  });

  test('names three of them and counts the others', () => {
    const names = [4, 5, 6].map((at) => `DCIM/IMG_${at}.JPG`).join(', ');
    expect(endsEarly(card('....xxxx'))).toContain(
      `its newest 4 files cannot be read or are blank (${names} and 1 other)`,
    );
    expect(endsEarly(card('....xxxxxx'))).toContain(`(${names} and 3 others)`);
  });
});

/** Ten photos a second apart; those from number `room` on lie behind the end of the card. */
async function filled(blankFrom = 10): Promise<World> {
  const box = await world();
  for (let at = 0; at < 10; at += 1) {
    const content = at < blankFrom ? `day:2026-11-21 photo ${at}` : Buffer.alloc(5000 + at);
    await box.put(`DCIM/IMG_${at}.JPG`, content, NOON + 2000 * at);
  }
  return box;
}

const unreadableFrom = (box: World, room: number) =>
  altered(box.cards, {
    open: async (root, file) => {
      const handle = await box.cards.open(root, file);
      if (Number(/\d/.exec(file.path)?.[0]) < room) return handle;
      const read = () => Promise.reject(new CardError('unreadable', 'EIO'));
      return altered(handle, { read });
    },
  });

describe('a backup of a card that claims more room than it has', () => {
  test('whose end gives errors: it fails as before, and says what the card may be', async () => {
    const box = await filled();
    expect(await box.backup({ cards: unreadableFrom(box, 6) })).toMatchObject({
      type: 'BackupFailed',
      reason: 'card-unreadable',
      totals: { copied: 6, failed: 4 },
      notes: [expect.stringMatching(/^SD1: its newest 4 files .*DCIM\/IMG_6\.JPG.*fake flash/)],
    });
    expect(Object.keys(await box.onDrive())).toHaveLength(6);
  });

  test('whose end gives zeros: the files are copied as they are, and it says so of the card too', async () => {
    const box = await filled(5);
    const end = await box.backup();
    expect(end).toMatchObject({
      type: 'BackupFinished',
      notes: [expect.stringMatching(/^SD1: its newest 5 files .*fake flash/)],
    });
    expect(box.journal.of('FilesSettled').flatMap(({ notes = [] }) => notes)).toHaveLength(5);
  });

  test('whose end gives either', async () => {
    const box = await filled(8);
    const cards = altered(box.cards, { open: unreadableBetween(box, 6, 8) });
    expect(await box.backup({ cards })).toMatchObject({
      type: 'BackupFailed',
      totals: { copied: 8, failed: 2 },
      notes: [expect.stringContaining('newest 4 files')],
    });
  });

  test('and one with bad files here and there says nothing of that kind', async () => {
    const box = await filled();
    const cards = altered(box.cards, { open: unreadableBetween(box, 2, 6) });
    const end = await box.backup({ cards });
    expect(end).toMatchObject({ type: 'BackupFailed', totals: { copied: 6, failed: 4 } });
    expect(end).not.toHaveProperty('notes');
  });

  test('with two drives it counts each file once', async () => {
    const box = await filled();
    await box.addDrive('SECOND');
    const end = await box.backup({ cards: unreadableFrom(box, 7) });
    expect(end).toMatchObject({ type: 'BackupFailed', totals: { copied: 7, failed: 3 } });
    expect(end).not.toHaveProperty('notes');
  });
});

function unreadableBetween(box: World, from: number, to: number): World['cards']['open'] {
  const cards = unreadableFrom(box, from);
  return (root, file) => {
    const number = Number(/\d/.exec(file.path)?.[0]);
    return number < to ? cards.open(root, file) : box.cards.open(root, file);
  };
}
