import { describe, expect, test } from 'vitest';
import { memoryPlan } from '../../adapters/memory/memory-plan.ts';
import { relativePath } from '../../machines/ids.ts';
import { type CardPlan, planCard } from '../../services/backup/plan.ts';
import { changedSince } from '../../services/backup/relist.ts';
import { Source } from '../../services/backup/source.ts';
import { CardError } from '../../services/errors.ts';
import type { CardReader, ScannedEntry } from '../../services/media-ports.ts';

const file = (path: string, sizeBytes = 1, pathBase64?: string): ScannedEntry => ({
  kind: 'file',
  path: relativePath(path),
  sizeBytes,
  mtimeMs: 1,
  ...(pathBase64 === undefined ? {} : { pathBase64 }),
});

/** How many files were looked up one by one. */
async function relist(before: readonly ScannedEntry[], after: Iterable<ScannedEntry>, present = true) {
  let listing: Iterable<ScannedEntry> = before;
  let isPresent = true;
  const cards: Partial<CardReader> = {
    scan: async function* () {
      yield* listing;
    },
    isPresent: async () => isPresent,
  };
  const reader = cards as CardReader;
  const source = new Source({
    cards: reader,
    root: '/card',
    stop: () => null,
    onBytes: () => undefined,
    formatOf: () => null,
    twice: false,
  });
  const plan = await planCard(reader, '/card', source, memoryPlan());
  let lookedUp = 0;
  const counting: CardPlan = {
    ...plan,
    find: (each) => {
      lookedUp += 1;
      return plan.find(each);
    },
  };
  listing = after;
  isPresent = present;
  const problem = await changedSince(counting, reader, '/card', source);
  return { problem, lookedUp };
}

const CARD = [
  file('A/1.CR2'),
  file('A/1.JPG'),
  file('A/2.JPG'),
  file('B/3.JPG'),
  file('\ufffd', 1, '6Q=='),
  file('\ufffd', 1, '6g=='),
];
const without = (...at: number[]) => CARD.filter((_, n) => !at.includes(n));

describe('the last listing of a card', () => {
  test('that is like the first needs no looking up', async () => {
    expect(await relist(CARD, CARD)).toEqual({ problem: null, lookedUp: 0 });
  });

  test.each([
    [[0]],
    [[1]],
    [[2]],
    [[5]],
    [[0, 1, 2]],
    [[0, 1, 2, 3, 4, 5]],
  ])('may lack files that were deleted: %s', async (gone) => {
    expect((await relist(CARD, without(...gone))).problem).toBeNull();
  });

  test.each([
    ['first', [file('A/0.JPG'), ...CARD]],
    ['into a shot', [...CARD.slice(0, 2), file('A/1.xmp'), ...CARD.slice(2)]],
    ['last', [...CARD, file('C.JPG')]],
    ['in the place of another', [...without(3), file('B/4.JPG')]],
    ['under a name that only looks like a known one', [...without(5), file('\ufffd', 1, '6w==')]],
  ])('names a file that came %s', async (_where, after) => {
    expect((await relist(CARD, after)).problem).toMatchObject({
      reason: 'file-changed',
      message: expect.stringContaining('appeared'),
    });
  });

  test.each([0, 1, 2, 3, 4, 5])('names a file that changed: %s', async (n) => {
    const after = CARD.map((entry, at) => (at === n ? { ...entry, sizeBytes: 2 } : entry));
    expect((await relist(CARD, after)).problem?.message).toMatch(/changed/);
    const later = CARD.map((entry, at) => (at === n ? { ...entry, mtimeMs: 2 } : entry));
    expect((await relist(CARD, later)).problem?.message).toMatch(/changed/);
  });

  test('names a change behind a deleted file', async () => {
    const after = [...without(0, 3), file('B/3.JPG', 9)];
    expect((await relist(CARD, after)).problem?.message).toMatch(/B\/3\.JPG changed/);
  });

  test('passes over what is not copied', async () => {
    const link: ScannedEntry = { kind: 'ignored', path: relativePath('link') };
    expect((await relist(CARD, [link, ...CARD])).problem).toBeNull();
  });

  test('counts only while the card is there', async () => {
    await expect(relist(CARD, [], false)).rejects.toMatchObject({ why: 'card-removed' });
    const failing = (function* () {
      yield* CARD.slice(0, 1);
      throw new CardError('gone', 'ENODEV');
    })();
    await expect(relist(CARD, failing)).rejects.toMatchObject({ why: 'card-removed' });
  });
});
