import type { FactRecord } from '../../machines/facts.ts';
import type { BackupId } from '../../machines/ids.ts';
import { cameraFile, minuteOf, shotName } from '../../services/library/camera-file.ts';
import type { Copy } from '../../services/ports.ts';
import { type CatalogueChange, catalogueChanges } from '../../services/projections/catalogue.ts';
import { foldHistory, type HistoryEntries, type HistoryEntry } from '../../services/projections/history.ts';
import type { Database, Statement } from './database.ts';
import { DriveWriter } from './drive-writer.ts';
import { PhotoWriter } from './photo-writer.ts';
import { SealWriter } from './seal-writer.ts';

const COPY_COLUMNS = '(drive, path, size, xxh64, mtime, state, verified_from, backup, hash, photo)';
const COPY_VALUES = 'VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)';
const SAME_CONTENT = 'copies.size = excluded.size AND copies.xxh64 = excluded.xxh64';
const KEEP_BACKUP = `size = excluded.size, xxh64 = excluded.xxh64, mtime = excluded.mtime,
  state = excluded.state, verified_from = excluded.verified_from, photo = excluded.photo,
  hash = coalesce(excluded.hash, iif(${SAME_CONTENT}, copies.hash, NULL))`;
const REPLACE_ALL = `${KEEP_BACKUP}, backup = excluded.backup`;

/** Brings the read models up to one more record, inside the transaction of that record. */
export class ModelWriter implements HistoryEntries {
  readonly #sql: Readonly<
    Record<
      'put' | 'confirm' | 'claim' | 'see' | 'shot' | 'drop' | 'count' | 'get' | 'write' | 'open' | 'position',
      Statement
    >
  >;
  readonly #seals: SealWriter;
  readonly #photos: PhotoWriter;
  readonly #drives: DriveWriter;

  constructor(db: Database) {
    const put = (update: string) =>
      db.prepare(
        `INSERT INTO copies ${COPY_COLUMNS} ${COPY_VALUES} ON CONFLICT (drive, path) DO UPDATE SET ${update}`,
      );
    this.#drives = new DriveWriter(db);
    this.#seals = new SealWriter(db, this.#drives);
    this.#photos = new PhotoWriter(db, this.#drives);
    this.#sql = {
      put: put(REPLACE_ALL),
      confirm: put(KEEP_BACKUP),
      claim: put(`${REPLACE_ALL} WHERE copies.state <> 'verified'`),
      see: db.prepare(
        'INSERT OR REPLACE INTO seen (drive, card, path, size, mtime, xxh64, head, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
      ),
      shot: db.prepare('INSERT OR IGNORE INTO shots (name, minute) VALUES (?, ?)'),
      drop: db.prepare('DELETE FROM copies WHERE drive = ? AND path = ?'),
      count: db.prepare(
        'INSERT INTO counter (one, highest) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET highest = max(highest, excluded.highest)',
      ),
      get: db.prepare('SELECT entry FROM history WHERE id = ?'),
      write: db.prepare(
        'INSERT INTO history (id, open, entry) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET open = excluded.open, entry = excluded.entry',
      ),
      open: db.prepare('SELECT entry FROM history WHERE open = 1 ORDER BY n'),
      position: db.prepare("UPDATE meta SET value = ? WHERE key = 'position'"),
    };
  }

  apply(record: FactRecord): void {
    this.#drives.begin();
    this.#photos.begin();
    for (const change of catalogueChanges(record)) {
      // First, because it has to see what the copy was before.
      this.#seals.apply(change, record.seq);
      this.#photos.around(change, record.seq, (photo) => this.#change(change, photo, record.seq));
    }
    this.#photos.finish();
    foldHistory(this, record);
    this.#sql.position.run(String(record.seq));
  }

  get(id: BackupId): HistoryEntry | null {
    const row = this.#sql.get.get(id);
    return row === undefined ? null : (JSON.parse(String(row['entry'])) as HistoryEntry);
  }

  put(entry: HistoryEntry): void {
    this.#sql.write.run(entry.row.id, Number(entry.row.outcome === null), JSON.stringify(entry));
  }

  open(): readonly HistoryEntry[] {
    return this.#sql.open.all().map((row) => JSON.parse(String(row['entry'])) as HistoryEntry);
  }

  /** `photo`: number of the content of a copy. */
  #change(change: CatalogueChange, photo: number, seq: number): void {
    switch (change.type) {
      case 'put':
      case 'confirm':
      case 'claim':
        this.#sql[change.type].run(...this.#valuesOf(change.copy), photo);
        return;
      case 'see': {
        const { cardId, path, sizeBytes, mtimeMs, headXxh64 } = change.seen;
        const { driveId, xxh64, to } = change;
        this.#sql.see.run(
          this.#drives.firstNumberOf(driveId),
          cardId,
          path,
          sizeBytes,
          mtimeMs,
          xxh64,
          headXxh64,
          to,
        );
        const shot = cameraFile(path);
        if (shot !== null) this.#sql.shot.run(shotName(shot.prefix, shot.number), minuteOf(mtimeMs));
        return;
      }
      case 'drop':
        this.#sql.drop.run(this.#drives.numberOf(change.driveId), change.to);
        return;
      case 'forget':
        this.#drives.forget(change.driveId, seq);
        return;
      case 'count':
        this.#sql.count.run(change.number);
        return;
      case 'seal':
      case 'fail':
      case 'event':
      case 'place':
    }
  }

  #valuesOf({ driveId, to, sizeBytes, xxh64, toMtimeMs, state, verifiedFrom, backupId, hash }: Copy) {
    const further = hash === undefined ? null : `${hash.format}:${hash.value}`;
    const drive = this.#drives.numberOf(driveId);
    return [drive, to, sizeBytes, xxh64, toMtimeMs, state, verifiedFrom, backupId, further] as const;
  }
}
