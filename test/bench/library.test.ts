import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSqliteStore } from '../../adapters/sqlite/sqlite-store.ts';
import { JOURNAL_FILE } from '../../bin/journal.ts';
import { fillCatalogue } from './catalogue-fill.ts';
import { type LibraryMeasured, libraryOf, libraryTable } from './library-figures.ts';
import { askLibrary, DRIVE } from './library-questions.ts';

let state = '';
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'imagetank-bench-library-'));
});
afterEach(() => rmSync(state, { recursive: true, force: true }));

test('every question is asked in each round, and finds what was filled in', async () => {
  await fillCatalogue(state, DRIVE, 3000);
  const store = openSqliteStore(join(state, JOURNAL_FILE), { readOnly: true });
  let now = 0;
  try {
    const times = askLibrary(store, 3000, 4, () => now++);
    expect(Object.keys(times)).toHaveLength(12);
    for (const [name, took] of Object.entries(times)) expect(took, name).toEqual([1, 1, 1, 1]);
    expect(() => askLibrary(store, 1_000_000, 1, () => now)).toThrow('is not found');
  } finally {
    store.log.close();
  }
});

const measured: LibraryMeasured = {
  photos: 10,
  openMs: [30, 50, 90],
  times: { name: [0.5, 1, 9], hash: [0.1, 0.2, 0.3] },
  startToReadyMs: 1000,
  rssBytes: 90e6,
};

test('medians count, and what is at its bound is within', () => {
  const result = libraryOf(measured);
  expect(result.questions[0]).toMatchObject({ what: 'name', medianMs: 1 });
  expect([result.openMs, result.ok]).toEqual([50, true]);
  expect(libraryTable(result).split('\n')[0]).toBe('10 photos  median ms  p99 ms');
});

test.each<[string, Partial<LibraryMeasured>]>([
  ['ms for name (median)', { times: { name: [1.1] } }],
  ['ms for page by day (median)', { times: { 'page by day': [5.1] } }],
  ['ms to open the index', { openMs: [51] }],
  ['s from start to ready', { startToReadyMs: 1001 }],
  ['MB of memory', { rssBytes: 90.1e6 }],
])('%s has its limit', (what, changes) => {
  const { ok, limits } = libraryOf({ ...measured, ...changes });
  expect(ok).toBe(false);
  expect(limits.filter((limit) => !limit.ok).map((limit) => limit.what)).toEqual([what]);
});
