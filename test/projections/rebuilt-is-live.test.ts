import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { memoryStore } from '../../adapters/memory/memory-store.ts';
import { openSqliteStore } from '../../adapters/sqlite/sqlite-store.ts';
import { backupId, cardId, driveId, relativePath } from '../../machines/ids.ts';
import type { Store } from '../../services/ports.ts';
import { stamped, xxh64Of } from '../journal/facts.ts';
import { CARDS, CONTENTS, DRIVES, factSequences, PATHS, SIZES } from './fact-sequences.ts';

/** Every question that can be asked about the drives, cards, names and contents of the sequences. */
function answers({ catalogue, history }: Store, backups: number) {
  const drives = DRIVES.map(driveId);
  const contents = CONTENTS.flatMap((name) => SIZES.map((sizeBytes) => [sizeBytes, xxh64Of(name)] as const));
  const paths = PATHS.map(relativePath);
  return {
    rows: history.rows(),
    last: history.rows({ last: 2 }),
    found: Array.from({ length: backups }, (_, n) => history.find(backupId(`b${n}`))),
    everywhere: contents.map(([size, hash]) => catalogue.findEverywhere(size, hash)),
    made: Array.from({ length: backups }, (_, n) => [...catalogue.copiesOf({ backupId: backupId(`b${n}`) })]),
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
