import type { Database, Statement } from './database.ts';

/** Rows in one transaction: of each some scattered pages change, as many as with a batch of files. */
const STEP_ROWS = 256;

/** Clears away what lies under the numbers of forgotten drives. No answer depends on it: those numbers count no more. */
export class Sweeper {
  readonly #sql: Readonly<Record<'forgotten', Statement>> & { readonly clear: readonly Statement[] };
  readonly #stepRows: number;

  constructor(db: Database, stepRows = STEP_ROWS) {
    const clear = (table: string) =>
      db.prepare(
        `DELETE FROM ${table} WHERE drive = ?1 AND path IN (SELECT path FROM ${table} WHERE drive = ?1 LIMIT ?2)`,
      );
    this.#stepRows = stepRows;
    this.#sql = {
      forgotten: db.prepare('SELECT n FROM drives WHERE forgotten > 0 ORDER BY n'),
      clear: ['unsealed', 'sealed', 'copies'].map(clear),
    };
  }

  /** One transaction. False when nothing is left. */
  step(): boolean {
    for (const { n } of this.#sql.forgotten.all()) {
      for (const clear of this.#sql.clear) {
        if (Number(clear.run(n ?? null, this.#stepRows).changes) > 0) return true;
      }
    }
    return false;
  }
}
