import { closeSync, existsSync, fsyncSync, openSync, readSync } from 'node:fs';
import { dirname } from 'node:path';
import { JournalError, UserError } from '../../services/errors.ts';
import type { MakingProgress } from '../../services/making.ts';
import type { EventLog, Store } from '../../services/ports.ts';
import { type Database, openDatabase } from './database.ts';
import { ModelMaking } from './model-making.ts';
import { ModelWriter } from './model-writer.ts';
import {
  createJournal,
  createModels,
  getMeta,
  MODEL_TABLES,
  MODEL_VERSION,
  makeDurable,
  schemaVersion,
  setMeta,
} from './schema.ts';
import { journalErrorOf } from './sqlite-error.ts';
import { SqliteLog } from './sqlite-log.ts';
import { SqliteCatalogue, SqliteHistory } from './sqlite-models.ts';
import { SqliteShelf } from './sqlite-shelf.ts';
import { Sweeper } from './sweeper.ts';

/** First bytes of every database, https://www.sqlite.org/fileformat.html section 1.3. */
const MAGIC = Buffer.from('SQLite format 3\0');

export interface SqliteStoreOptions {
  /** Beside a running daemon, and without one: nothing is created or rebuilt. */
  readonly readOnly?: boolean;
}

/** A journal whose read models may have to be made first. */
export interface Opening {
  readonly log: EventLog;
  /** Empty where the read models are whole. Throws `JournalError`. */
  steps(): Iterable<MakingProgress>;
  /** With what is left of the steps. Throws `JournalError`; the journal is still to be closed then. */
  finish(): Store;
}

/**
 * The journal and its read models in one SQLite file (WAL, full sync), made if it is missing.
 * Throws `JournalError`: `damaged`, `newer`, `state-disk-full`, `busy` or `io`; the journal is not changed then.
 */
export function openSqliteStore(path: string, options: SqliteStoreOptions = {}): Store {
  if (options.readOnly !== true) return finished(openInSteps(path));
  return guarded(path, true, (db) => readableStore(db, path));
}

/** As `openSqliteStore`, for whoever has something to do between the steps. */
export function openInSteps(path: string): Opening {
  return guarded(path, false, (db) => writableStore(db, path));
}

function finished(opening: Opening): Store {
  try {
    return opening.finish();
  } catch (error) {
    opening.log.close();
    throw error;
  }
}

function guarded<Opened>(path: string, readOnly: boolean, open: (db: Database) => Opened): Opened {
  let db: Database | null = null;
  try {
    checkMagic(path);
    db = openDatabase(path, readOnly);
    return open(db);
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
      return new SqliteCatalogue(whole(db, path));
    },
    get history() {
      return new SqliteHistory(whole(db, path));
    },
    get shelf() {
      return new SqliteShelf(whole(db, path));
    },
    rebuild,
    tidy: () => false,
  };
}

/** Throws `UserError` 69 where the read models are of another version, or not whole. */
function whole(db: Database, path: string): Database {
  if (getMeta(db, 'model_version') === String(MODEL_VERSION)) return db;
  const what = `the library was listed by another version of imagetank, ${path}`;
  throw new UserError('other-version', 69, what, 'let the daemon list it again: imagetank run');
}

function writableStore(db: Database, path: string): Opening {
  const isNew = schemaVersion(db) === 0;
  makeDurable(db);
  if (isNew) {
    createJournal(db);
    syncFolder(dirname(path));
  }
  const log = new SqliteLog(db, path);
  const making = new ModelMaking(db, log);
  const finish = () => {
    try {
      for (const _ of making.steps());
      // Only now, because tables of another version do not take its statements.
      log.writeWith(new ModelWriter(db));
      const sweeper = new Sweeper(db);
      return {
        log,
        catalogue: new SqliteCatalogue(db),
        history: new SqliteHistory(db),
        shelf: new SqliteShelf(db),
        rebuild: () => rebuildModels(db, log),
        tidy: () => sweeper.step(),
      };
    } catch (error) {
      throw journalErrorOf(error, path);
    }
  };
  return { log, steps: () => inWords(making.steps(), path), finish };
}

/** As the other errors of a journal. */
function* inWords(steps: Iterable<MakingProgress>, path: string): Generator<MakingProgress> {
  try {
    yield* steps;
  } catch (error) {
    throw journalErrorOf(error, path);
  }
}

/** All in one transaction: a crash leaves the old read models. */
function rebuildModels(db: Database, log: SqliteLog): void {
  db.exec('BEGIN IMMEDIATE');
  try {
    for (const table of MODEL_TABLES) db.exec(`DROP TABLE IF EXISTS ${table}`);
    createModels(db);
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
