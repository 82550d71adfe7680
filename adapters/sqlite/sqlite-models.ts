import type { BackupId, CardId, DriveId, RelativePath } from '../../machines/ids.ts';
import type { ManifestHash } from '../../machines/media.ts';
import { minuteOf } from '../../services/library/camera-file.ts';
import type { Catalogue, Copy, CopyScope, History, HistoryRow, SeenFile } from '../../services/ports.ts';
import type { HistoryEntry } from '../../services/projections/history.ts';
import type { Database, Row, SqlValue, Statement } from './database.ts';
import { DRIVE, FIRST_NUMBER } from './schema.ts';

/** Copies fetched at once while a drive or backup is listed. */
const PAGE = 500;

function copyOf(row: Row): Copy {
  const hash = hashOf(row['hash']);
  return {
    driveId: row['drive_id'] as DriveId,
    to: row['path'] as RelativePath,
    sizeBytes: Number(row['size']),
    xxh64: String(row['xxh64']),
    toMtimeMs: row['mtime'] as number | null,
    state: row['state'] as Copy['state'],
    verifiedFrom: row['verified_from'] as Copy['verifiedFrom'],
    backupId: row['backup'] as BackupId | null,
    ...(hash === null ? {} : { hash }),
  };
}

/** Of one path: their numbers are in the order in which the box met its drives. */
const byDrive = (one: Copy, other: Copy): number => (one.driveId < other.driveId ? -1 : 1);

/** Kept as `md5:d41d8c…`. */
function hashOf(text: SqlValue | undefined): ManifestHash | null {
  if (typeof text !== 'string') return null;
  const [format, value = ''] = text.split(':');
  return { format: format as ManifestHash['format'], value };
}

export class SqliteCatalogue implements Catalogue {
  readonly #sql: Readonly<
    Record<
      | 'size'
      | 'content'
      | 'everywhere'
      | 'seen'
      | 'shot'
      | 'at'
      | 'drive'
      | 'backup'
      | 'below'
      | 'unsealed'
      | 'generations'
      | 'number',
      Statement
    >
  >;

  constructor(db: Database) {
    // CROSS: first the few copies, then of each its drive.
    const kept = 'CROSS JOIN drives ON drives.n = copies.drive AND forgotten = 0';
    const copies = (where: string, index = '') =>
      db.prepare(`SELECT copies.*, drives.drive AS drive_id FROM copies ${index} ${kept} WHERE ${where}`);
    // Left to itself SQLite takes the primary key for any question with a drive, and reads all that lies on the drive.
    const first = `ORDER BY state = 'verified' DESC, path, drive_id`;
    // CROSS: first the content, then its few copies.
    const ofContent = (where: string) =>
      db.prepare(
        `SELECT copies.*, drives.drive AS drive_id FROM photos
         CROSS JOIN copies INDEXED BY copies_photo ON copies.photo = photos.n ${kept}
         WHERE photos.size = ? AND photos.xxh64 = ? ${where} ${first}`,
      );
    // What was seen is found only where the copy still has that content, not where its name was given again.
    const still = `seen JOIN copies ON copies.drive = ${DRIVE} AND copies.path = seen.at
      AND copies.size = seen.size AND copies.xxh64 = seen.xxh64`;
    this.#sql = {
      size: db.prepare(
        `SELECT 1 FROM copies INDEXED BY copies_size WHERE drive = ${DRIVE} AND size = ? LIMIT 1`,
      ),
      content: ofContent('AND drives.drive = ?'),
      everywhere: ofContent(''),
      seen: db.prepare(
        `SELECT seen.size AS seen_size, seen.mtime AS seen_mtime, seen.head, copies.*, ?1 AS drive_id
         FROM ${still} WHERE seen.drive = ${FIRST_NUMBER} AND seen.card = ? AND seen.path = ?`,
      ),
      shot: db.prepare('SELECT 1 FROM shots WHERE name = ? AND minute BETWEEN ? AND ? LIMIT 1'),
      at: copies(`copies.drive = ${DRIVE} AND path = ?`),
      // One path may lie on several drives: the place in the list is both.
      drive: copies(
        `copies.drive = ${DRIVE} AND (path, copies.drive) > (?, ?) ORDER BY path, copies.drive LIMIT ${PAGE}`,
      ),
      backup: copies(
        `backup = ? AND (path, copies.drive) > (?, ?) ORDER BY path, copies.drive LIMIT ${PAGE}`,
      ),
      unsealed: db.prepare(
        // CROSS: the planner would go through all copies of the drive and ask of each whether it waits.
        `SELECT copies.*, ?1 AS drive_id FROM unsealed CROSS JOIN copies USING (drive, path)
         WHERE unsealed.drive = ${DRIVE} AND unsealed.path > ? AND unsealed.recorded <= ? AND copies.state = 'verified'
         ORDER BY unsealed.path LIMIT ${PAGE}`,
      ),
      generations: db.prepare(`SELECT path FROM sealed WHERE drive = ${DRIVE}`),
      number: db.prepare('SELECT highest FROM counter'),
      // '0' is the character after '/': everything that begins with the folder and a slash.
      below: db.prepare(
        `SELECT DISTINCT seen.card FROM ${still}
         WHERE seen.drive = ${FIRST_NUMBER} AND seen.at >= ? || '/' AND seen.at < ? || '0' ORDER BY seen.card`,
      ),
    };
  }

  hasSize(driveId: DriveId, sizeBytes: number) {
    return this.#sql.size.get(driveId, sizeBytes) !== undefined;
  }

  findContent(driveId: DriveId, sizeBytes: number, xxh64: string) {
    return this.#sql.content.all(sizeBytes, xxh64, driveId).map(copyOf);
  }

  findEverywhere(sizeBytes: number, xxh64: string) {
    return this.#sql.everywhere.all(sizeBytes, xxh64).map(copyOf);
  }

  findSeen(driveId: DriveId, cardId: CardId, path: RelativePath): SeenFile | null {
    const row = this.#sql.seen.get(driveId, cardId, path);
    if (row === undefined) return null;
    return {
      cardId,
      path,
      sizeBytes: Number(row['seen_size']),
      mtimeMs: Number(row['seen_mtime']),
      headXxh64: String(row['head']),
      copy: copyOf(row),
    };
  }

  wasShotSeen(shot: string, fromMs: number, toMs: number) {
    return this.#sql.shot.get(shot, minuteOf(fromMs), minuteOf(toMs)) !== undefined;
  }

  copyAt(driveId: DriveId, to: RelativePath) {
    const row = this.#sql.at.get(driveId, to);
    return row === undefined ? null : copyOf(row);
  }

  *copiesOf(scope: CopyScope) {
    const [statement, id] =
      'driveId' in scope ? [this.#sql.drive, scope.driveId] : [this.#sql.backup, scope.backupId];
    const prefix = 'driveId' in scope && scope.below !== undefined ? `${scope.below}/` : '';
    let last: readonly [path: string, drive: number] = [prefix, 0];
    const together: Copy[] = [];
    for (;;) {
      const page = statement.all(id, ...last);
      for (const copy of page.map(copyOf)) {
        if (together[0] !== undefined && together[0].to !== copy.to) yield* together.splice(0).sort(byDrive);
        // In order of their bytes all paths with one beginning stand together.
        if (!copy.to.startsWith(prefix)) return;
        together.push(copy);
      }
      const end = page.at(-1);
      if (end === undefined || page.length < PAGE) break;
      last = [String(end['path']), Number(end['drive'])];
    }
    yield* together.sort(byDrive);
  }

  *unsealed(driveId: DriveId, upTo: number) {
    let last = '';
    for (;;) {
      const page = this.#sql.unsealed.all(driveId, last, upTo).map(copyOf);
      yield* page;
      const end = page.at(-1);
      if (end === undefined || page.length < PAGE) return;
      last = end.to;
    }
  }

  sealedGenerations(driveId: DriveId) {
    return new Set(this.#sql.generations.all(driveId).map((row) => row['path'] as RelativePath));
  }

  highestNumber() {
    return Number(this.#sql.number.get()?.['highest'] ?? 0);
  }

  cardsBelow(driveId: DriveId, folder: RelativePath) {
    return this.#sql.below.all(driveId, folder, folder).map((row) => row['card'] as CardId);
  }
}

export class SqliteHistory implements History {
  readonly #sql: Readonly<Record<'last' | 'before' | 'one', Statement>>;

  constructor(db: Database) {
    this.#sql = {
      last: db.prepare('SELECT entry FROM history ORDER BY n DESC LIMIT ?'),
      before: db.prepare(
        'SELECT entry FROM history WHERE n < (SELECT n FROM history WHERE id = ?) ORDER BY n DESC LIMIT ?',
      ),
      one: db.prepare('SELECT entry FROM history WHERE id = ?'),
    };
  }

  rows({ last, before }: Parameters<History['rows']>[0] = {}): readonly HistoryRow[] {
    // SQLite takes a negative limit for none.
    const limit = last ?? -1;
    const rows = before === undefined ? this.#sql.last.all(limit) : this.#sql.before.all(before, limit);
    return rows.map(rowOf).reverse();
  }

  find(id: BackupId) {
    const row = this.#sql.one.get(id);
    return row === undefined ? null : rowOf(row);
  }
}

const rowOf = (row: Row): HistoryRow => (JSON.parse(String(row['entry'])) as HistoryEntry).row;
