import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryStore } from '../../adapters/memory/memory-store.ts';
import { openSqliteStore } from '../../adapters/sqlite/sqlite-store.ts';
import { catalogueContract } from './catalogue.contract.ts';
import { eventLogContract } from './event-log.contract.ts';
import { historyContract } from './history.contract.ts';
import { photoShelfContract } from './photo-shelf.contract.ts';
import type { StoreSubject } from './store-subject.ts';

async function sqlite(): Promise<StoreSubject> {
  const folder = await mkdtemp(join(tmpdir(), 'imagetank-store-'));
  const store = openSqliteStore(join(folder, 'journal.db'));
  const cleanUp = async () => {
    store.log.close();
    await rm(folder, { recursive: true });
  };
  return { store, cleanUp };
}

async function memory(): Promise<StoreSubject> {
  const store = memoryStore();
  return { store, cleanUp: async () => store.log.close() };
}

for (const contract of [eventLogContract, catalogueContract, historyContract, photoShelfContract]) {
  contract('in memory', memory);
  contract('in SQLite', sqlite);
}
