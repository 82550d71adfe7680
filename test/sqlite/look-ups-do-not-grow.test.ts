import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Database, openDatabase } from '../../adapters/sqlite/database.ts';
import { SqliteCatalogue, SqliteHistory } from '../../adapters/sqlite/sqlite-models.ts';
import { SqliteShelf } from '../../adapters/sqlite/sqlite-shelf.ts';
import { openSqliteStore } from '../../adapters/sqlite/sqlite-store.ts';
import { cardId } from '../../machines/ids.ts';

/** https://www.sqlite.org/eqp.html: what SQLite does for a statement, a line each step. */
function stepsOf(db: Database, sql: string): readonly string[] {
  // What has a number is one value, however often it stands there.
  const numbers = [...sql.matchAll(/\?(\d+)/g)].map(([, number]) => Number(number));
  const others = sql.match(/\?(?!\d)/g) ?? [];
  const values = Array.from({ length: Math.max(0, ...numbers) + others.length }, () => '');
  return db
    .prepare(`EXPLAIN QUERY PLAN ${sql}`)
    .all(...values)
    .map((row) => String(row['detail']));
}

test('no question to the catalogue reads all copies of a drive, however many there are', () => {
  const folder = mkdtempSync(join(tmpdir(), 'imagetank-look-ups-'));
  const path = join(folder, 'journal.db');
  try {
    openSqliteStore(path).log.close();
    const db = openDatabase(path, true);
    const asked: string[] = [];
    const listening: Database = {
      ...db,
      prepare: (sql) => {
        asked.push(sql);
        return db.prepare(sql);
      },
    };
    new SqliteCatalogue(listening);
    new SqliteHistory(listening);
    const shelf = new SqliteShelf(listening);
    for (const narrow of [{}, { cards: [cardId('A')] }, { day: '2026-11-21' }]) {
      for (const name of ['a.jpg', 'DCIM/a.jpg']) shelf.named({ path: name, ...narrow }, 5);
    }
    const steps = asked.flatMap((sql) => stepsOf(db, sql).map((step) => `${step} | ${sql}`));
    expect(asked.length).toBeGreaterThan(5);
    // By the drive alone, or through the whole table in no order; the last rows of the history are its end.
    // (`sealed` has a row a manifest, and a seal wants them all.)
    expect(steps.filter((step) => /^SEARCH (copies|seen|unsealed) .*\(drive=\?\)/.test(step))).toEqual([]);
    expect(steps.filter((step) => /^SCAN (copies|seen)/.test(step))).toEqual([]);
    // Nor all photos, their names, records or groups: of an index to hashes only the last number is read.
    const scans = steps.filter((step) => /^SCAN (photo|m |failures|drive_events)/.test(step));
    expect(scans).toEqual([]);
    expect(
      steps.some((step) => step.startsWith('SEARCH photos USING INDEX photos_hash (<expr>=? AND xxh64>?')),
    ).toBe(true);
    expect(asked.some((sql) => sql.includes('photo_members'))).toBe(true);
    db.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
