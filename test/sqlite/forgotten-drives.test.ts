import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDatabase } from '../../adapters/sqlite/database.ts';
import { openSqliteStore } from '../../adapters/sqlite/sqlite-store.ts';
import { Sweeper } from '../../adapters/sqlite/sweeper.ts';
import { backupId, cardId, driveId, relativePath } from '../../machines/ids.ts';
import { explain } from '../../services/library/explain.ts';
import { GROUPINGS } from '../../services/library/ports.ts';
import type { Store } from '../../services/ports.ts';
import {
  adopted,
  file,
  forgotten,
  learned,
  planned,
  sealed,
  settled,
  stamped,
  xxh64Of,
} from '../journal/facts.ts';

const [D, E] = [driveId('D'), driveId('E')];
const NUMBERS = Array.from({ length: 30 }, (_, n) => n);
const photo = (n: number) => file(`Photos/2026/2026-11-21/IMG_${n}.JPG`, { content: `c${n}` });
const ALL = NUMBERS.map(photo);

let folder = '';
let path = '';
let store: Store;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'imagetank-forgotten-'));
  path = join(folder, 'journal.db');
  store = openSqliteStore(path);
  await store.log.append(
    stamped([
      adopted('D'),
      adopted('E'),
      planned('b1'),
      settled('b1', { copied: ALL }),
      settled('b1', { drive: 'E', copied: ALL.slice(0, 10) }),
    ]),
  );
});
afterEach(() => {
  store.log.close();
  rmSync(folder, { recursive: true, force: true });
});

function garbage(): number {
  const db = openDatabase(path, true);
  const rows = db
    .prepare('SELECT count(*) AS n FROM copies JOIN drives ON n = copies.drive WHERE forgotten > 0')
    .get();
  db.close();
  return Number(rows?.['n']);
}

/** Every answer in which a copy on D could be told. */
function answers() {
  const { catalogue, shelf } = store;
  const contents = ALL.map(({ sizeBytes, xxh64 }) => [sizeBytes, xxh64] as const);
  return {
    sizes: contents.map(([size]) => catalogue.hasSize(D, size)),
    contents: contents.map(([size, hash]) => catalogue.findContent(D, size, hash)),
    everywhere: contents.map(([size, hash]) => catalogue.findEverywhere(size, hash)),
    at: ALL.map(({ to }) => catalogue.copyAt(D, to)),
    seen: ALL.map((one) => catalogue.findSeen(D, cardId('A'), one.path)),
    below: catalogue.cardsBelow(D, relativePath('Photos')),
    drive: [...catalogue.copiesOf({ driveId: D })],
    backup: [...catalogue.copiesOf({ backupId: backupId('b1') })],
    unsealed: [...catalogue.unsealed(D, store.log.head().seq)],
    sealed: catalogue.sealedGenerations(D),
    groups: GROUPINGS.map((by) => shelf.groups(by)),
    photos: shelf.photos({ day: '2026-11-21' }),
    lives: NUMBERS.map((n) =>
      explain(store, { name: `IMG_${n}.JPG` }).lives.map((life) => [life.copies, life.verifiedCopies]),
    ),
  };
}

test('no answer calls a forgotten copy a copy, neither at once nor after any step of clearing away', async () => {
  await store.log.append(stamped([sealed('D', 4, ['Photos/1.mhl']), settled('b1', { copied: [photo(40)] })]));
  await store.log.append(stamped([forgotten('D')]));
  const first = answers();
  expect(JSON.stringify(first)).not.toContain('"driveId":"D"');
  expect([first.drive, first.unsealed, [...first.sealed], first.below]).toEqual([[], [], [], []]);
  expect(first.at.every((copy) => copy === null) && first.seen.every((seen) => seen === null)).toBe(true);
  expect(first.sizes).not.toContain(true);
  expect(first.groups[0]).toMatchObject([{ photos: 31, fewestCopies: 0, photosWithFewest: 21 }]);
  expect(first.photos.photos.map(({ verifiedCopies }) => verifiedCopies).sort()).toEqual([
    ...Array.from({ length: 21 }, () => 0),
    ...Array.from({ length: 10 }, () => 1),
  ]);
  expect(garbage()).toBe(31);
  const db = openDatabase(path, false);
  const sweeper = new Sweeper(db, 4);
  let steps = 0;
  while (sweeper.step()) {
    steps += 1;
    expect(answers()).toEqual(first);
  }
  db.close();
  // 31 copies by fours, one that waits for a manifest, and one manifest.
  expect([steps, garbage()]).toEqual([10, 0]);
});

test('the fact itself changes no row of a copy, however many there are', async () => {
  await store.log.append(stamped([forgotten('D')]));
  expect(garbage()).toBe(30);
  // First what waits for a manifest.
  expect(store.tidy()).toBe(true);
  expect(garbage()).toBe(30);
  expect(store.tidy()).toBe(true);
  expect(garbage()).toBe(0);
  expect(store.tidy()).toBe(false);
});

test('what is left is cleared away after a kill, by the next run', async () => {
  await store.log.append(stamped([forgotten('D')]));
  const db = openDatabase(path, false);
  new Sweeper(db, 50).step();
  new Sweeper(db, 4).step();
  db.close();
  const before = answers();
  store.log.close();
  store = openSqliteStore(path);
  expect(garbage()).toBe(26);
  expect(answers()).toEqual(before);
  while (store.tidy());
  expect([garbage(), answers()]).toEqual([0, before]);
});

test('a drive that is adopted again before all is cleared has its new copies, and none of the old ones', async () => {
  await store.log.append(stamped([forgotten('D'), adopted('D'), learned('D', photo(3))]));
  await store.log.append(stamped([settled('b2', { copied: [photo(5)] })]));
  const told = () => [...store.catalogue.copiesOf({ driveId: D })].map(({ to, state }) => [to, state]);
  const expected = [
    [photo(3).to, 'claimed'],
    [photo(5).to, 'verified'],
  ];
  expect(told()).toEqual(expected);
  // What was read from the card stays true of the copy that holds it.
  expect(store.catalogue.findSeen(D, cardId('A'), photo(3).path)?.copy.state).toBe('claimed');
  expect(store.catalogue.findSeen(D, cardId('A'), photo(4).path)).toBeNull();
  while (store.tidy());
  expect(told()).toEqual(expected);
  expect(store.shelf.photo(`${xxh64Of('c5')}-10`)).toMatchObject({ verifiedCopies: 2 });
  expect(store.shelf.photo(`${xxh64Of('c3')}-10`)).toMatchObject({ verifiedCopies: 1 });
  expect([...store.catalogue.copiesOf({ driveId: E })]).toHaveLength(10);
});
