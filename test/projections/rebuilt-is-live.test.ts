import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { memoryStore } from '../../adapters/memory/memory-store.ts';
import { openSqliteStore } from '../../adapters/sqlite/sqlite-store.ts';
import { backupId, cardId, driveId, relativePath } from '../../machines/ids.ts';
import { GROUPINGS, type PhotoFilter, type PhotoPage } from '../../services/library/ports.ts';
import type { Store } from '../../services/ports.ts';
import { stamped, xxh64Of } from '../journal/facts.ts';
import { CARDS, CONTENTS, DRIVES, factSequences, PATHS, SIZES } from './fact-sequences.ts';

/** Every question that can be asked about the drives, cards, names and contents of the sequences. */
function answers({ catalogue, history, shelf }: Store, backups: number) {
  const drives = DRIVES.map(driveId);
  const contents = CONTENTS.flatMap((name) => SIZES.map((sizeBytes) => [sizeBytes, xxh64Of(name)] as const));
  const paths = PATHS.map(relativePath);
  return {
    rows: history.rows(),
    last: history.rows({ last: 2 }),
    found: Array.from({ length: backups }, (_, n) => history.find(backupId(`b${n}`))),
    everywhere: contents.map(([size, hash]) => catalogue.findEverywhere(size, hash)),
    made: Array.from({ length: backups }, (_, n) => [...catalogue.copiesOf({ backupId: backupId(`b${n}`) })]),
    shelf: shelfAnswers(shelf),
    onDrives: drives.map((id) => ({
      number: catalogue.highestNumber(),
      copies: [...catalogue.copiesOf({ driveId: id })],
      sizes: SIZES.map((size) => catalogue.hasSize(id, size)),
      contents: contents.map(([size, hash]) => catalogue.findContent(id, size, hash)),
      at: paths.map((path) => catalogue.copyAt(id, path)),
      seen: CARDS.flatMap((card) => paths.map((path) => catalogue.findSeen(id, cardId(card), path))),
      below: ['P', 'Q', 'none'].map((folder) => catalogue.cardsBelow(id, relativePath(folder))),
    })),
  };
}

/** Small pages, so that they are turned. */
function shelfAnswers(shelf: Store['shelf']) {
  const groups = GROUPINGS.map((by) => {
    const all = shelf.groups(by);
    const pages = all.map(({ key }) => shelf.groups(by, { after: key, limit: 1 }));
    return { by, all, pages, photos: all.map(({ key }) => everyPage(shelf, { [by]: key })) };
  });
  const ids = CONTENTS.flatMap((name) => SIZES.map((sizeBytes) => `${xxh64Of(name)}-${sizeBytes}`));
  return {
    groups,
    photos: ids.map((id) => shelf.photo(id)),
    records: ids.map((id) => shelf.records(id, { head: 1, tail: 2 })),
    names: PATHS.map((path) => {
      const name = path.slice(2);
      const named = [{}, { path }, { cards: [cardId(CARDS[0] ?? '')] }, { day: '2026-11-21' }].map(
        (query) => [shelf.named({ path: name, ...query }, 1), shelf.named({ path: name, ...query }, 9)],
      );
      return [everyPage(shelf, { name }), named, shelf.failures(name, 2)];
    }),
    hashes: CONTENTS.map((name) => shelf.hashed(xxh64Of(name).slice(0, 12), 3)),
    drives: DRIVES.map((id) => [
      shelf.driveEvents(driveId(id), { after: 3, limit: 2 }),
      [0, 4, 8].map((seq) => shelf.sealAfter(driveId(id), seq)),
    ]),
    places: [shelf.places('card'), shelf.places('drive'), shelf.place('card', CARDS[0] ?? '')],
  };
}

function everyPage(shelf: Store['shelf'], filter: PhotoFilter) {
  const pages: PhotoPage[] = [];
  for (let after: string | null = null; pages.length === 0 || after !== null; ) {
    const page = shelf.photos(filter, { after, limit: 1 });
    pages.push(page);
    after = page.next;
  }
  return pages;
}

describe('read models', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'imagetank-models-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('are the same live and rebuilt, in memory and in SQLite, and both stores agree', async () => {
    let run = 0;
    const check = async (facts: Parameters<typeof stamped>[0], split: number) => {
      run += 1;
      const path = join(folder, `${run}.db`);
      const [memory, sqlite] = [memoryStore(), openSqliteStore(path)];
      const records = stamped(facts);
      for (const store of [memory, sqlite]) {
        await store.log.append(records.slice(0, split));
        await store.log.append(records.slice(split));
      }
      const live = answers(memory, facts.length);
      expect(answers(sqlite, facts.length)).toEqual(live);
      for (const store of [memory, sqlite]) {
        store.rebuild();
        expect(answers(store, facts.length)).toEqual(live);
      }
      expect([...sqlite.log.lines()]).toEqual([...memory.log.lines()]);
      sqlite.log.close();
      const again = openSqliteStore(path);
      expect(answers(again, facts.length)).toEqual(live);
      again.log.close();
    };
    await fc.assert(fc.asyncProperty(factSequences, fc.nat(25), check), { numRuns: 60 });
  });

  it('never call a file seen whose copy holds something else', async () => {
    const check = async (facts: Parameters<typeof stamped>[0]) => {
      const store = memoryStore();
      const last = new Map<string, string>();
      for (const record of await store.log.append(stamped(facts))) {
        if (record.fact.type !== 'FilesSettled') continue;
        const { driveId: drive, cardId: card, copied, duplicates } = record.fact;
        for (const { path, sizeBytes, xxh64 } of [...copied, ...duplicates]) {
          last.set([drive, card, path].join(), `${sizeBytes} ${xxh64}`);
        }
      }
      for (const drive of DRIVES)
        for (const card of CARDS)
          for (const path of PATHS) {
            const seen = store.catalogue.findSeen(driveId(drive), cardId(card), relativePath(path));
            if (seen === null) continue;
            const { sizeBytes, xxh64 } = seen.copy;
            expect(`${sizeBytes} ${xxh64}`).toBe(last.get([drive, card, path].join()));
          }
    };
    await fc.assert(fc.asyncProperty(factSequences, check), { numRuns: 300 });
  });
});
