import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Database, openDatabase } from '../../adapters/sqlite/database.ts';
import { SqliteCatalogue, SqliteHistory } from '../../adapters/sqlite/sqlite-models.ts';
import { SqliteShelf } from '../../adapters/sqlite/sqlite-shelf.ts';
import { openSqliteStore } from '../../adapters/sqlite/sqlite-store.ts';

/** https://www.sqlite.org/eqp.html: what SQLite does for a statement, a line each step. */
function stepsOf(db: Database, sql: string): readonly string[] {
  const values = Array.from({ length: sql.split('?').length - 1 }, () => '');
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
    new SqliteShelf(listening);
    const steps = asked.flatMap((sql) => stepsOf(db, sql).map((step) => `${step} | ${sql}`));
    expect(asked.length).toBeGreaterThan(5);
    // By the drive alone, or through the whole table in no order; the last rows of the history are its end.
    // (`sealed` has a row a manifest, and a seal wants them all.)
    expect(steps.filter((step) => /^SEARCH (copies|seen|unsealed) .*\(drive=\?\)/.test(step))).toEqual([]);
    expect(steps.filter((step) => /^SCAN (copies|seen)/.test(step))).toEqual([]);
    // Nor all photos, their names, records or groups: but the beginning of a hash is looked for in an index by size.
    const scans = steps.filter((step) => /^SCAN (photo|m |failures|drive_events)/.test(step));
    expect(scans.map((step) => step.split(' | ')[0])).toEqual([
      'SCAN photos USING COVERING INDEX photos_content',
    ]);
    expect(asked.some((sql) => sql.includes('photo_members'))).toBe(true);
    db.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
