import { JournalError } from '../../services/errors.ts';
import { NO_HASH } from '../../services/journal/record.ts';
import type { Database } from './database.ts';

/** `PRAGMA user_version` of the journal's tables. */
export const SCHEMA_VERSION = 1;
/** Raise it when a projection changes: the read models are then made again from the journal. */
export const MODEL_VERSION = 8;

/** Contents whose hashes are in order together. */
export const HASH_RUN = 16_384;

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
 * `holders` are the drives with a copy that counts, as numbers of `drives` with blanks between them, and `photo_figures`
 * counts photos by them: whoever reads them counts the drives that are not forgotten, and forgetting one is one row.
 * `photos_hash` keeps hashes in order within 4,096 contents that came together: an index over all would cost each new
 * photo a page of its own; so a hash is looked for in each run (250 with 1,000,000 photos), and a batch changes few pages.
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
    holders TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX photos_content ON photos (size, xxh64);
  CREATE INDEX photos_hash ON photos (n / ${HASH_RUN}, xxh64);
  CREATE TABLE photo_places (
    name TEXT NOT NULL,
    photo INTEGER NOT NULL,
    folder INTEGER NOT NULL,
    PRIMARY KEY (name, photo, folder)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE photo_folders (id INTEGER PRIMARY KEY, folders TEXT NOT NULL UNIQUE) STRICT;
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
    holders TEXT NOT NULL,
    photos INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (grp, holders)
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

/**
 * A drive has a number from when it is first heard of until it is forgotten; one that is adopted again gets another. What
 * lies under a forgotten number is no copy from that moment on, and is cleared away later (`Sweeper`). `seen` goes by the
 * first number of a drive, because what was read from a card stays true.
 */
const MODELS = `
  CREATE TABLE drives (n INTEGER PRIMARY KEY, drive TEXT NOT NULL, forgotten INTEGER NOT NULL) STRICT;
  CREATE INDEX drives_drive ON drives (drive, n);
  CREATE TABLE copies (
    drive INTEGER NOT NULL,
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
    drive INTEGER NOT NULL,
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
    drive INTEGER NOT NULL,
    path TEXT NOT NULL,
    recorded INTEGER NOT NULL,
    PRIMARY KEY (drive, path)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE sealed (drive INTEGER NOT NULL, path TEXT NOT NULL, PRIMARY KEY (drive, path)) STRICT, WITHOUT ROWID;
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
  OR EXISTS (SELECT 1 FROM drives AS its JOIN places ON places.role = 'drive' AND places.id = its.drive
    WHERE its.n = copies.drive AND places.folder = 1)))`;

/** Number of the drive that a statement has for its first value; null for one that nobody knows. */
export const DRIVE = '(SELECT n FROM drives WHERE drive = ?1 AND forgotten = 0)';
/** That under which it stands in `seen`. */
export const FIRST_NUMBER = '(SELECT min(n) FROM drives WHERE drive = ?1)';

export const MODEL_TABLES = [
  'drives',
  'copies',
  'seen',
  'shots',
  'counter',
  'unsealed',
  'sealed',
  'history',
  'photos',
  // Of version 6 and before.
  'photo_names',
  'photo_places',
  'photo_folders',
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

/** `head`: hash of the last record, which no record after it tells; `model_version` and `position`: see `ModelMaking`. */
type MetaKey = 'head' | 'model_version' | 'position';

/** All or nothing. */
export function createJournal(db: Database): void {
  db.exec(`BEGIN; ${JOURNAL} ${MODELS} PRAGMA user_version = ${SCHEMA_VERSION};`);
  setMeta(db, 'head', NO_HASH);
  setMeta(db, 'model_version', String(MODEL_VERSION));
  setMeta(db, 'position', '0');
  db.exec('COMMIT');
}

/** Empty. */
export function createModels(db: Database): void {
  db.exec(MODELS);
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
