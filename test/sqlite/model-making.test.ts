import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../adapters/sqlite/database.ts';
import { ModelMaking } from '../../adapters/sqlite/model-making.ts';
import { MODEL_TABLES, MODEL_VERSION } from '../../adapters/sqlite/schema.ts';
import { SqliteLog } from '../../adapters/sqlite/sqlite-log.ts';
import { openInSteps, openSqliteStore } from '../../adapters/sqlite/sqlite-store.ts';
import type { Fact } from '../../machines/facts.ts';
import {
  adopted,
  file,
  finished,
  forgotten,
  learned,
  lost,
  planned,
  sealed,
  settled,
  stamped,
} from '../journal/facts.ts';

const photo = (n: number) =>
  file(`Photos/2026/2026-11-${10 + (n % 15)}/IMG_${n}.JPG`, { content: `c${n % 40}` });
const some = (from: number, count: number) => Array.from({ length: count }, (_, at) => photo(from + at));
const STORY: readonly Fact[] = [
  adopted('D'),
  ...Array.from({ length: 12 }, (_, n): Fact[] => [
    planned(`b${n}`, { card: `card ${n % 3}` }),
    settled(`b${n}`, {
      card: `card ${n % 3}`,
      drive: n % 2 === 0 ? 'D' : 'E',
      copied: some(n * 5, 5),
      failed: ['DCIM/X.JPG'],
    }),
    finished(`b${n}`),
  ]).flat(),
  learned('E', photo(3), photo(61)),
  lost('D', photo(2).to),
  forgotten('E'),
  settled('b0', { drive: 'E', copied: some(20, 3) }),
  sealed('D', 9, []),
];

let folder = '';
let path = '';
const open: { close(): void }[] = [];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'imagetank-making-'));
  path = join(folder, 'journal.db');
  const store = openSqliteStore(path);
  await store.log.append(stamped(STORY));
  while (store.tidy());
  store.log.close();
});
afterEach(() => {
  for (const one of open.splice(0)) one.close();
  rmSync(folder, { recursive: true, force: true });
});

function opened(): Database {
  const db = openDatabase(path, false);
  open.push(db);
  return db;
}

/** Every row of every table of the read models, and what is known of them. */
function tables(): unknown {
  const db = openDatabase(path, true);
  try {
    const rows = (sql: string) => db.prepare(sql).all();
    const meta = rows('SELECT key, value FROM meta ORDER BY key');
    const names = rows("SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite%' ORDER BY name");
    const have = MODEL_TABLES.filter((table) => names.some(({ name }) => name === table));
    return { meta, names, rows: have.map((table) => [table, rows(`SELECT * FROM ${table}`)]) };
  } finally {
    db.close();
  }
}

const version = (db: Database) =>
  db.prepare("SELECT value FROM meta WHERE key = 'model_version'").get()?.['value'];
/** As another version left it. */
function ofAnotherVersion(): void {
  const db = openDatabase(path, false);
  db.exec("UPDATE meta SET value = '6' WHERE key = 'model_version'");
  db.exec('DROP TABLE copies; CREATE TABLE copies (old TEXT)');
  db.close();
}

/** Runs so many steps of few files and is gone, as after kill -9. */
function killedAfter(steps: number): boolean {
  const db = openDatabase(path, false);
  let left = steps;
  let isDone = true;
  for (const _ of new ModelMaking(db, new SqliteLog(db, path), 7).steps()) {
    left -= 1;
    if (left > 0) continue;
    isDone = false;
    break;
  }
  db.close();
  return isDone;
}

describe('read models that are made in steps', () => {
  test('are the same as those that were made live, wherever the program was killed between two steps', () => {
    const live = tables();
    for (const steps of [1, 3, 8, MODEL_TABLES.length, MODEL_TABLES.length + 1, MODEL_TABLES.length + 4]) {
      ofAnotherVersion();
      expect(killedAfter(steps), `${steps} steps`).toBe(false);
      const { finish } = openInSteps(path);
      const store = finish();
      while (store.tidy());
      store.log.close();
      expect(tables(), `killed after ${steps} steps`).toEqual(live);
    }
  });

  test('are the same when each single step is the last of its run', () => {
    const live = tables();
    ofAnotherVersion();
    let runs = 0;
    // The first run takes the old tables down: then each adds seven files at least.
    for (let steps = MODEL_TABLES.length + 2; !killedAfter(steps); steps = 2) runs += 1;
    expect(runs).toBeGreaterThan(3);
    const store = openSqliteStore(path);
    while (store.tidy());
    store.log.close();
    expect(tables()).toEqual(live);
  });

  test('go on where they were: what is there already is not made again', () => {
    ofAnotherVersion();
    killedAfter(MODEL_TABLES.length + 3);
    const db = opened();
    const [first] = [...openInSteps(path).steps()];
    expect(first?.done).toBeGreaterThan(Number(db.prepare('SELECT count(*) AS n FROM history').get()?.['n']));
    expect(first?.records).toBe(STORY.length);
  });

  test('are not made where they are whole', () => {
    const { steps, log } = openInSteps(path);
    expect([...steps()]).toEqual([]);
    log.close();
  });

  test('are of no version before they are whole, and nobody is answered from them', () => {
    ofAnotherVersion();
    const db = openDatabase(path, false);
    const seen = new Set<unknown>();
    for (const { done } of new ModelMaking(db, new SqliteLog(db, path), 7).steps()) {
      if (done < STORY.length) seen.add(version(db));
      if (version(db) === String(MODEL_VERSION)) continue;
      const reader = openSqliteStore(path, { readOnly: true });
      const other = expect.objectContaining({ exitCode: 69, code: 'other-version' });
      for (const model of ['catalogue', 'history', 'shelf'] as const)
        expect(() => reader[model]).toThrowError(other);
      reader.log.close();
    }
    expect([...seen]).toEqual(['none', `${MODEL_VERSION} unfinished`]);
    expect(version(db)).toBe(String(MODEL_VERSION));
    db.close();
  });

  test('are begun anew where another version, not this one, was killed while it made them', () => {
    const live = tables();
    ofAnotherVersion();
    killedAfter(MODEL_TABLES.length + 3);
    const db = openDatabase(path, false);
    db.exec(`UPDATE meta SET value = '${MODEL_VERSION - 1} unfinished' WHERE key = 'model_version'`);
    db.exec('DELETE FROM history');
    db.close();
    const store = openSqliteStore(path);
    while (store.tidy());
    store.log.close();
    expect(tables()).toEqual(live);
  });

  test('take few files in one transaction', () => {
    ofAnotherVersion();
    const db = opened();
    const done = [...new ModelMaking(db, new SqliteLog(db, path), 7).steps()].map(
      (progress) => progress.done,
    );
    const from = done.lastIndexOf(0);
    // Seven files are two records of five: with their neighbours no more than six.
    const made = done.slice(from + 1).map((position, at) => position - (done[from + at] ?? 0));
    expect(made.length).toBeGreaterThan(4);
    expect(Math.max(...made)).toBeLessThanOrEqual(6);
    expect(done.at(-1)).toBe(STORY.length);
  });
});
