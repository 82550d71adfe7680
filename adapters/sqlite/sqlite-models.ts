import type { BackupId, CardId, DriveId, RelativePath } from '../../machines/ids.ts';
import type { ManifestHash } from '../../machines/media.ts';
import { minuteOf } from '../../services/library/camera-file.ts';
import type { Catalogue, Copy, CopyScope, History, HistoryRow, SeenFile } from '../../services/ports.ts';
import type { HistoryEntry } from '../../services/projections/history.ts';
import type { Database, Row, SqlValue, Statement } from './database.ts';

/** Copies fetched at once while a drive or backup is listed. */
const PAGE = 500;

function copyOf(row: Row): Copy {
  const hash = hashOf(row['hash']);
  return {
    driveId: row['drive'] as DriveId,
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
    const copies = (where: string, index = '') => db.prepare(`SELECT * FROM copies ${index} WHERE ${where}`);
    // Left to itself SQLite takes the primary key for any question with a drive, and reads all that lies on the drive.
    const first = `ORDER BY state = 'verified' DESC, path, drive`;
    // CROSS: first the content, then its few copies.
    const ofContent = (where: string) =>
      db.prepare(
        `SELECT copies.* FROM photos CROSS JOIN copies INDEXED BY copies_photo ON copies.photo = photos.n
         WHERE photos.size = ? AND photos.xxh64 = ? ${where} ${first}`,
      );
    // What was seen is found only where the copy still has that content, not where its name was given again.
    const kept = `seen JOIN copies ON copies.drive = seen.drive AND copies.path = seen.at
      AND copies.size = seen.size AND copies.xxh64 = seen.xxh64`;
    this.#sql = {
      size: copies('drive = ? AND size = ? LIMIT 1', 'INDEXED BY copies_size'),
      content: ofContent('AND copies.drive = ?'),
      everywhere: ofContent(''),
      seen: db.prepare(
        `SELECT seen.size AS seen_size, seen.mtime AS seen_mtime, seen.head, copies.*
         FROM ${kept} WHERE seen.drive = ? AND seen.card = ? AND seen.path = ?`,
      ),
      shot: db.prepare('SELECT 1 FROM shots WHERE name = ? AND minute BETWEEN ? AND ? LIMIT 1'),
      at: copies('drive = ? AND path = ?'),
      // One path may lie on several drives: the place in the list is both.
      drive: copies(`drive = ? AND (path, drive) > (?, ?) ORDER BY path, drive LIMIT ${PAGE}`),
      backup: copies(`backup = ? AND (path, drive) > (?, ?) ORDER BY path, drive LIMIT ${PAGE}`),
      unsealed: db.prepare(
        // CROSS: the planner would go through all copies of the drive and ask of each whether it waits.
        `SELECT copies.* FROM unsealed CROSS JOIN copies USING (drive, path)
         WHERE unsealed.drive = ? AND unsealed.path > ? AND unsealed.recorded <= ? AND copies.state = 'verified'
         ORDER BY unsealed.path LIMIT ${PAGE}`,
      ),
      generations: db.prepare('SELECT path FROM sealed WHERE drive = ?'),
      number: db.prepare('SELECT highest FROM counter'),
      // '0' is the character after '/': everything that begins with the folder and a slash.
      below: db.prepare(
        `SELECT DISTINCT seen.card FROM ${kept}
         WHERE seen.drive = ? AND seen.at >= ? || '/' AND seen.at < ? || '0' ORDER BY seen.card`,
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
    let last: readonly [path: string, drive: string] = [prefix, ''];
    for (;;) {
      const page = statement.all(id, ...last).map(copyOf);
      for (const copy of page) {
        // In order of their bytes all paths with one beginning stand together.
        if (!copy.to.startsWith(prefix)) return;
        yield copy;
      }
      const end = page.at(-1);
      if (end === undefined || page.length < PAGE) return;
      last = [end.to, end.driveId];
    }
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
  readonly #sql: Readonly<Record<'last' | 'one', Statement>>;

  constructor(db: Database) {
    this.#sql = {
      last: db.prepare('SELECT entry FROM history ORDER BY n DESC LIMIT ?'),
      one: db.prepare('SELECT entry FROM history WHERE id = ?'),
    };
  }

  rows({ last }: { readonly last?: number } = {}): readonly HistoryRow[] {
    // SQLite takes a negative limit for none.
    return this.#sql.last
      .all(last ?? -1)
      .map(rowOf)
      .reverse();
  }

  find(id: BackupId) {
    const row = this.#sql.one.get(id);
    return row === undefined ? null : rowOf(row);
  }
}

const rowOf = (row: Row): HistoryRow => (JSON.parse(String(row['entry'])) as HistoryEntry).row;
