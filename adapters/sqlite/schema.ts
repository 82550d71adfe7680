import { JournalError } from '../../services/errors.ts';
import { NO_HASH } from '../../services/journal/record.ts';
import type { Database } from './database.ts';

/** `PRAGMA user_version` of the journal's tables. */
export const SCHEMA_VERSION = 1;
/** Raise it when a projection changes: the read models are then made again from the journal. */
export const MODEL_VERSION = 6;

const JOURNAL = `
  CREATE TABLE journal (
    seq INTEGER PRIMARY KEY,
    stream TEXT NOT NULL,
    about_files INTEGER NOT NULL,
    line TEXT NOT NULL
  ) STRICT;
  CREATE INDEX journal_stream ON journal (stream, seq);
  CREATE INDEX journal_coarse ON journal (seq) WHERE about_files = 0;
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
`;

const MODELS = `
  CREATE TABLE copies (
    drive TEXT NOT NULL,
    path TEXT NOT NULL,
    size INTEGER NOT NULL,
    xxh64 TEXT NOT NULL,
    mtime REAL,
    state TEXT NOT NULL,
    verified_from TEXT,
    backup TEXT,
    hash TEXT,
    PRIMARY KEY (drive, path)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX copies_content ON copies (size, xxh64, drive);
  CREATE INDEX copies_size ON copies (drive, size);
  CREATE INDEX copies_backup ON copies (backup, path);
  CREATE TABLE seen (
    drive TEXT NOT NULL,
    card TEXT NOT NULL,
    path TEXT NOT NULL,
    size INTEGER NOT NULL,
    mtime REAL NOT NULL,
    xxh64 TEXT NOT NULL,
    head TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (drive, card, path)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX seen_at ON seen (drive, at);
  CREATE TABLE shots (name TEXT NOT NULL, minute INTEGER NOT NULL, PRIMARY KEY (name, minute)) STRICT, WITHOUT ROWID;
  CREATE TABLE unsealed (
    drive TEXT NOT NULL,
    path TEXT NOT NULL,
    recorded INTEGER NOT NULL,
    PRIMARY KEY (drive, path)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE sealed (drive TEXT NOT NULL, path TEXT NOT NULL, PRIMARY KEY (drive, path)) STRICT, WITHOUT ROWID;
  CREATE TABLE counter (one INTEGER PRIMARY KEY CHECK (one = 1), highest INTEGER NOT NULL) STRICT;
  CREATE TABLE history (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    open INTEGER NOT NULL,
    entry TEXT NOT NULL
  ) STRICT;
  CREATE INDEX history_open ON history (id) WHERE open = 1;
`;

/** A COMMIT returns when it is on the medium. A reader that recovers the log may hold the lock for a moment. */
export function makeDurable(db: Database): void {
  db.exec('PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
}

/** `head`: hash of the last record, which no record after it tells; `position`: last record in the read models. */
type MetaKey = 'head' | 'model_version' | 'position';

/** All or nothing. */
export function createJournal(db: Database): void {
  db.exec(`BEGIN; ${JOURNAL} ${MODELS} PRAGMA user_version = ${SCHEMA_VERSION};`);
  setMeta(db, 'head', NO_HASH);
  setMeta(db, 'model_version', String(MODEL_VERSION));
  setMeta(db, 'position', '0');
  db.exec('COMMIT');
}

export function dropModels(db: Database): void {
  const tables = ['copies', 'seen', 'shots', 'unsealed', 'sealed', 'counter', 'history'];
  db.exec(`${tables.map((table) => `DROP TABLE IF EXISTS ${table};`).join(' ')} ${MODELS}`);
}

/** 0 for a new database. Throws `JournalError` `newer`, and `damaged` for a database of another program. */
export function schemaVersion(db: Database): number {
  const version = Number(db.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
  if (version === 0 && db.prepare('SELECT 1 FROM sqlite_schema').get() !== undefined) {
    throw new JournalError('damaged', null, 'the database is not a journal');
  }
  if (version <= SCHEMA_VERSION) return version;
  const text = `the journal has format ${version}, this imagetank knows up to ${SCHEMA_VERSION}`;
  throw new JournalError('newer', null, text);
}

export function setMeta(db: Database, key: MetaKey, value: string): void {
  db.prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)').run(key, value);
}

export function getMeta(db: Database, key: MetaKey): string | null {
  const row = db.prepare('SELECT value FROM meta WHERE key = ?').get(key);
  return row === undefined ? null : String(row['value']);
}
