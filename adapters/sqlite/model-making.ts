import type { MakingProgress } from '../../services/making.ts';
import type { Database } from './database.ts';
import { ModelWriter } from './model-writer.ts';
import { createModels, getMeta, MODEL_TABLES, MODEL_VERSION, setMeta } from './schema.ts';
import type { SqliteLog } from './sqlite-log.ts';

/**
 * Files in one transaction: 0.1 s here, 2 s on a small Pi. Between two of them lights, signals and the service manager get
 * their turn.
 */
const STEP_FILES = 2048;
/** Records in one transaction: most are about no file. */
const STEP_RECORDS = 4096;
/** Read at once. */
const PAGE_RECORDS = 16;
/** Pages of 4 KiB, in KiB as a negative number (https://www.sqlite.org/pragma.html#pragma_cache_size). */
const MAKING_CACHE = -16_000;
const DEFAULT_CACHE = -2000;

/** What `model_version` says while tables of this version hold the beginning of the journal, as far as `position`. */
const UNFINISHED = `${MODEL_VERSION} unfinished`;
/** While old tables are taken down: no version of imagetank reads these. */
const TAKEN_DOWN = 'none';

/**
 * Makes the read models from the journal, a transaction a step, and goes on where it was after a kill: `position` is
 * written with each step, and no version takes tables for its own that are not whole.
 */
export class ModelMaking {
  readonly #db: Database;
  readonly #log: SqliteLog;
  readonly #stepFiles: number;

  constructor(db: Database, log: SqliteLog, stepFiles = STEP_FILES) {
    this.#db = db;
    this.#log = log;
    this.#stepFiles = stepFiles;
  }

  get isDone(): boolean {
    return this.#version === String(MODEL_VERSION) && this.#position === this.#log.head().seq;
  }

  /** One transaction each, until all are done. Throws `JournalError` `damaged` or `newer`, and what SQLite throws. */
  *steps(): Generator<MakingProgress> {
    if (this.isDone) return;
    const records = this.#log.head().seq;
    this.#db.exec(`PRAGMA cache_size = ${MAKING_CACHE}`);
    try {
      if (this.#version !== UNFINISHED || !(this.#position <= records)) {
        for (const _ of this.#takeDown()) yield { done: 0, records };
      }
      const models = new ModelWriter(this.#db);
      while (!this.isDone) {
        this.#transact(() => this.#goOn(models, records));
        yield { done: this.#position, records };
      }
    } finally {
      this.#db.exec(`PRAGMA cache_size = ${DEFAULT_CACHE}`);
    }
  }

  /** Table by table: a large one takes a second to free. */
  *#takeDown(): Generator<void> {
    setMeta(this.#db, 'model_version', TAKEN_DOWN);
    for (const table of MODEL_TABLES) {
      this.#db.exec(`DROP TABLE IF EXISTS ${table}`);
      yield;
    }
    this.#transact(() => {
      createModels(this.#db);
      setMeta(this.#db, 'position', '0');
      setMeta(this.#db, 'model_version', UNFINISHED);
    });
    yield;
  }

  #goOn(models: ModelWriter, records: number): void {
    let files = 0;
    const from = this.#position;
    let done = from;
    while (done < records && done - from < STEP_RECORDS && files < this.#stepFiles) {
      for (const record of this.#log.read({ after: done, limit: PAGE_RECORDS })) {
        models.apply(record);
        done = record.seq;
        const { fact } = record;
        if (fact.type === 'FilesSettled') files += fact.copied.length + fact.duplicates.length;
        else if ('files' in fact && Array.isArray(fact.files)) files += fact.files.length;
        if (files >= this.#stepFiles) break;
      }
    }
    if (done === records) setMeta(this.#db, 'model_version', String(MODEL_VERSION));
  }

  #transact(change: () => void): void {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      change();
      this.#db.exec('COMMIT');
    } catch (error) {
      this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  get #version(): string | null {
    return getMeta(this.#db, 'model_version');
  }

  /** NaN where it is not known. */
  get #position(): number {
    return Number(getMeta(this.#db, 'position') ?? Number.NaN);
  }
}
