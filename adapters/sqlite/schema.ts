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

/**
 * A content has one number, in the order of the journal: everything about it that is keyed by that number lies beside
 * what came with it, so that a file costs few scattered pages, however many photos there are.
 * Contents are in order of size first, because files that come together are alike in size and their hashes never are.
 * `photo_figures` counts photos by how many verified copies they have: the fewest of a group is its first row.
 */
const PHOTOS = `
  CREATE TABLE photos (
    n INTEGER PRIMARY KEY,
    xxh64 TEXT NOT NULL,
    size INTEGER NOT NULL,
    rank INTEGER NOT NULL,
    name TEXT NOT NULL,
    at INTEGER NOT NULL,
    zone TEXT,
    day INTEGER,
    camera INTEGER,
    copies INTEGER NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX photos_content ON photos (size, xxh64);
  CREATE TABLE photo_names (name TEXT NOT NULL, photo INTEGER NOT NULL, PRIMARY KEY (name, photo)) STRICT, WITHOUT ROWID;
  CREATE TABLE photo_chapters (
    photo INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    card INTEGER,
    backup INTEGER,
    PRIMARY KEY (photo, seq)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE photo_groups (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, key TEXT NOT NULL, UNIQUE (kind, key)) STRICT;
  CREATE INDEX photo_groups_order ON photo_groups (kind, id);
  CREATE TABLE photo_members (
    grp INTEGER NOT NULL,
    at INTEGER NOT NULL,
    photo INTEGER NOT NULL,
    PRIMARY KEY (grp, at, photo)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE photo_figures (
    grp INTEGER NOT NULL,
    copies INTEGER NOT NULL,
    photos INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (grp, copies)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE failures (name TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (name, seq)) STRICT, WITHOUT ROWID;
  CREATE TABLE drive_events (
    drive TEXT NOT NULL,
    seq INTEGER NOT NULL,
    what TEXT NOT NULL,
    sealed INTEGER,
    PRIMARY KEY (drive, seq)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE places (
    role TEXT NOT NULL,
    id TEXT NOT NULL,
    label TEXT NOT NULL,
    folder INTEGER NOT NULL,
    PRIMARY KEY (role, id)
  ) STRICT, WITHOUT ROWID;
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
    photo INTEGER NOT NULL,
    PRIMARY KEY (drive, path)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX copies_photo ON copies (photo, drive);
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
  ${PHOTOS}
`;

/** True of a row of `copies` that is worth a promise: as `Photo.copies` has it. */
export const COUNTS = `(state = 'verified' AND (verified_from = 'medium'
  OR EXISTS (SELECT 1 FROM places WHERE role = 'drive' AND id = copies.drive AND folder = 1)))`;

const TABLES = [
  'copies',
  'seen',
  'shots',
  'counter',
  'unsealed',
  'sealed',
  'history',
  'photos',
  'photo_names',
  'photo_chapters',
  'photo_groups',
  'photo_members',
  'photo_figures',
  'failures',
  'drive_events',
  'places',
];

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
  db.exec(`${TABLES.map((table) => `DROP TABLE IF EXISTS ${table};`).join(' ')} ${MODELS}`);
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
