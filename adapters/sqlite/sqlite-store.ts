import { closeSync, existsSync, fsyncSync, openSync, readSync } from 'node:fs';
import { dirname } from 'node:path';
import { JournalError, UserError } from '../../services/errors.ts';
import type { Store } from '../../services/ports.ts';
import { type Database, openDatabase } from './database.ts';
import { ModelWriter } from './model-writer.ts';
import {
  createJournal,
  dropModels,
  getMeta,
  MODEL_VERSION,
  makeDurable,
  schemaVersion,
  setMeta,
} from './schema.ts';
import { journalErrorOf } from './sqlite-error.ts';
import { SqliteLog } from './sqlite-log.ts';
import { SqliteCatalogue, SqliteHistory } from './sqlite-models.ts';
import { SqliteShelf } from './sqlite-shelf.ts';

/** First bytes of every database, https://www.sqlite.org/fileformat.html section 1.3. */
const MAGIC = Buffer.from('SQLite format 3\0');

export interface SqliteStoreOptions {
  /** Beside a running daemon, and without one: nothing is created or rebuilt. */
  readonly readOnly?: boolean;
}

/**
 * The journal and its read models in one SQLite file (WAL, full sync), made if it is missing.
 * Throws `JournalError`: `damaged`, `newer`, `state-disk-full`, `busy` or `io`; nothing is changed then.
 */
export function openSqliteStore(path: string, options: SqliteStoreOptions = {}): Store {
  const readOnly = options.readOnly === true;
  let db: Database | null = null;
  try {
    checkMagic(path);
    db = openDatabase(path, readOnly);
    return readOnly ? readableStore(db, path) : writableStore(db, path);
  } catch (error) {
    db?.close();
    throw journalErrorOf(error, path);
  }
}

/** A file that is something else is told by its head, before SQLite may touch it. Empty is new. */
function checkMagic(path: string): void {
  if (!existsSync(path)) return;
  const head = Buffer.alloc(MAGIC.length);
  const fd = openSync(path, 'r');
  try {
    if (readSync(fd, head) > 0 && !head.equals(MAGIC)) {
      throw new JournalError('damaged', null, `${path} is not a journal`);
    }
  } finally {
    closeSync(fd);
  }
}

function readableStore(db: Database, path: string): Store {
  if (schemaVersion(db) === 0) throw new JournalError('damaged', null, `${path} holds no journal`);
  const log = new SqliteLog(db, path);
  const rebuild = () => {
    throw new JournalError('io', null, `${path} is open for reading only`);
  };
  return {
    log,
    // Not before they are asked for: those of another version cannot be read, the journal still can.
    get catalogue() {
      return new SqliteCatalogue(db);
    },
    get history() {
      return new SqliteHistory(db);
    },
    get shelf() {
      if (getMeta(db, 'model_version') === String(MODEL_VERSION)) return new SqliteShelf(db);
      const what = `the library was listed by another version of imagetank, ${path}`;
      throw new UserError('other-version', 69, what, 'let the daemon list it again: imagetank run');
    },
    rebuild,
  };
}

function writableStore(db: Database, path: string): Store {
  const isNew = schemaVersion(db) === 0;
  makeDurable(db);
  if (isNew) {
    createJournal(db);
    syncFolder(dirname(path));
  }
  const log = new SqliteLog(db, path);
  const rebuild = () => rebuildModels(db, log);
  const current =
    getMeta(db, 'model_version') === String(MODEL_VERSION) &&
    getMeta(db, 'position') === String(log.head().seq);
  if (!current) rebuild();
  // Only now, because tables of another version do not take its statements.
  log.writeWith(new ModelWriter(db));
  const [catalogue, history, shelf] = [new SqliteCatalogue(db), new SqliteHistory(db), new SqliteShelf(db)];
  return { log, catalogue, history, shelf, rebuild };
}

/** All in one transaction: a crash leaves the old read models. */
function rebuildModels(db: Database, log: SqliteLog): void {
  db.exec('BEGIN IMMEDIATE');
  try {
    dropModels(db);
    setMeta(db, 'position', '0');
    const fresh = new ModelWriter(db);
    for (const record of log.read()) fresh.apply(record);
    setMeta(db, 'model_version', String(MODEL_VERSION));
    db.exec('COMMIT');
  } catch (error) {
    db.exec('ROLLBACK');
    throw error;
  }
}

/** A new file is there after a power cut only when its folder was synced. */
function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
