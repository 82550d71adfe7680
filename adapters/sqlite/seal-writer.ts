import type { DriveId } from '../../machines/ids.ts';
import type { CatalogueChange } from '../../services/projections/catalogue.ts';
import type { Database, Statement } from './database.ts';
import type { DriveWriter } from './drive-writer.ts';

/**
 * Which copies no manifest lists yet: a table of its own that stays small, because a mark on each copy would be
 * written twice for every file, and an index over it would hold the whole library.
 */
export class SealWriter {
  readonly #sql: Readonly<Record<'put' | 'confirm' | 'drop' | 'seal' | 'add' | 'clear', Statement>>;

  readonly #drives: DriveWriter;

  constructor(db: Database, drives: DriveWriter) {
    this.#drives = drives;
    this.#sql = {
      put: db.prepare('INSERT OR REPLACE INTO unsealed (drive, path, recorded) VALUES (?, ?, ?)'),
      // A copy that was known with this content is listed, or waits already.
      confirm: db.prepare(
        `INSERT OR REPLACE INTO unsealed (drive, path, recorded) SELECT ?1, ?2, ?3
         WHERE NOT EXISTS (SELECT 1 FROM copies WHERE drive = ?1 AND path = ?2 AND size = ?4 AND xxh64 = ?5)`,
      ),
      drop: db.prepare('DELETE FROM unsealed WHERE drive = ? AND path = ?'),
      seal: db.prepare('DELETE FROM unsealed WHERE drive = ? AND recorded <= ?'),
      add: db.prepare('INSERT OR IGNORE INTO sealed (drive, path) VALUES (?, ?)'),
      clear: db.prepare('DELETE FROM sealed WHERE drive = ?'),
    };
  }

  /** Before the copies themselves are changed. `seq` is that of the record. */
  apply(change: CatalogueChange, seq: number): void {
    switch (change.type) {
      case 'put':
        this.#sql.put.run(this.#number(change.copy.driveId), change.copy.to, seq);
        return;
      case 'confirm': {
        if (change.isListedApart) return;
        const { driveId, to, sizeBytes, xxh64 } = change.copy;
        this.#sql.confirm.run(this.#number(driveId), to, seq, sizeBytes, xxh64);
        return;
      }
      case 'drop':
        this.#sql.drop.run(this.#number(change.driveId), change.to);
        return;
      case 'seal':
        this.#seal(change);
        return;
      case 'forget':
      case 'claim':
      case 'see':
      case 'count':
      case 'fail':
      case 'event':
      case 'place':
    }
  }

  #seal({ driveId, seq, generations, extent }: Extract<CatalogueChange, { type: 'seal' }>): void {
    const drive = this.#number(driveId);
    this.#sql.seal.run(drive, seq);
    if (extent === 'all') this.#sql.clear.run(drive);
    for (const path of generations) this.#sql.add.run(drive, path);
  }

  #number(id: DriveId): number {
    return this.#drives.numberOf(id);
  }
}
