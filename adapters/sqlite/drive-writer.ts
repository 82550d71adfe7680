import type { DriveId } from '../../machines/ids.ts';
import type { Database, Statement } from './database.ts';

/** Numbers of drives; none twice, also when a drive is forgotten and adopted again. */
export class DriveWriter {
  readonly #sql: Readonly<Record<'find' | 'first' | 'add' | 'forget', Statement>>;
  /** Of one record: 128 files go to one drive. */
  readonly #numbers = new Map<DriveId, number>();
  readonly #firsts = new Map<DriveId, number>();

  constructor(db: Database) {
    this.#sql = {
      find: db.prepare('SELECT n FROM drives WHERE drive = ? AND forgotten = 0'),
      first: db.prepare('SELECT min(n) AS n FROM drives WHERE drive = ?'),
      add: db.prepare('INSERT INTO drives (drive, forgotten) VALUES (?, 0) RETURNING n'),
      forget: db.prepare('UPDATE drives SET forgotten = ? WHERE drive = ? AND forgotten = 0'),
    };
  }

  /** Before each record: what an earlier one left here may have been rolled back. */
  begin(): void {
    this.#numbers.clear();
    this.#firsts.clear();
  }

  numberOf(id: DriveId): number {
    const known = this.#numbers.get(id);
    if (known !== undefined) return known;
    const number = Number((this.#sql.find.get(id) ?? this.#sql.add.get(id))?.['n']);
    this.#numbers.set(id, number);
    return number;
  }

  /** That under which it was first heard of. */
  firstNumberOf(id: DriveId): number {
    const known = this.#firsts.get(id);
    if (known !== undefined) return known;
    const now = this.numberOf(id);
    const first = Number(this.#sql.first.get(id)?.['n'] ?? now);
    this.#firsts.set(id, first);
    return first;
  }

  /** What lies under its number is no copy any more. `seq` is that of the record. */
  forget(id: DriveId, seq: number): void {
    this.#sql.forget.run(seq, id);
    this.#numbers.delete(id);
  }
}
