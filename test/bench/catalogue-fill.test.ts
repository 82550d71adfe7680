import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSqliteStore } from '../../adapters/sqlite/sqlite-store.ts';
import { JOURNAL_FILE } from '../../bin/journal.ts';
import { driveId } from '../../machines/ids.ts';
import { fillCatalogue } from './catalogue-fill.ts';

const DRIVE = driveId('d-1');
let state = '';
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'imagetank-bench-fill-'));
});
afterEach(() => rmSync(state, { recursive: true, force: true }));

test('so many photos are in the catalogue, each once, and none as small as those that are copied', async () => {
  await fillCatalogue(state, DRIVE, 5000);
  const store = openSqliteStore(join(state, JOURNAL_FILE), { readOnly: true });
  try {
    const copies = [...store.catalogue.copiesOf({ driveId: DRIVE })];
    expect(copies).toHaveLength(5000);
    expect(new Set(copies.map(({ xxh64 }) => xxh64)).size).toBe(5000);
    expect(Math.min(...copies.map(({ sizeBytes }) => sizeBytes))).toBeGreaterThan(20_000);
    expect(copies.every((copy) => copy.state === 'verified')).toBe(true);
    // A backup that follows must not have to list them.
    expect([...store.catalogue.unsealed(DRIVE, store.log.head().seq)]).toEqual([]);
  } finally {
    store.log.close();
  }
});

test('they came with backups that have ended, the last one not full', async () => {
  await fillCatalogue(state, DRIVE, 2148);
  const store = openSqliteStore(join(state, JOURNAL_FILE), { readOnly: true });
  try {
    expect(store.history.rows().map(({ outcome, copied }) => [outcome, copied])).toEqual([
      ['done', 2048],
      ['done', 100],
    ]);
  } finally {
    store.log.close();
  }
});

test('none leave an empty journal', async () => {
  await fillCatalogue(state, DRIVE, 0);
  const store = openSqliteStore(join(state, JOURNAL_FILE), { readOnly: true });
  expect(store.log.head().seq).toBe(0);
  store.log.close();
});
