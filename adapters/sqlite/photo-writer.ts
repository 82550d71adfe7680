import type { DriveId } from '../../machines/ids.ts';
import type { Copy } from '../../services/ports.ts';
import type { CatalogueChange, PhotoNews } from '../../services/projections/catalogue.ts';
import { type PhotoWords, RANKS } from '../../services/projections/photos.ts';
import type { Database, Row, Statement } from './database.ts';
import type { DriveWriter } from './drive-writer.ts';
import { FigureWriter } from './figure-writer.ts';
import { PlaceWriter } from './place-writer.ts';
import { COUNTS } from './schema.ts';

type CopyChange = Extract<CatalogueChange, { readonly copy: Copy }>;

/** Brings the shelf up to one more record: contents, their names, groups and chapters. */
export class PhotoWriter {
  readonly #figures: FigureWriter;
  readonly #places: PlaceWriter;
  readonly #drives: DriveWriter;
  readonly #sql: Readonly<
    Record<
      | 'insert'
      | 'find'
      | 'get'
      | 'raise'
      | 'chapter'
      | 'chapters'
      | 'at'
      | 'holders'
      | 'held'
      | 'fail'
      | 'event'
      | 'place'
      | 'folder',
      Statement
    >
  >;

  constructor(db: Database, drives: DriveWriter) {
    this.#figures = new FigureWriter(db);
    this.#places = new PlaceWriter(db);
    this.#drives = drives;
    this.#sql = {
      insert: db.prepare(
        `INSERT INTO photos (xxh64, size, rank, name, at, zone, day, camera, holders) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT DO NOTHING RETURNING n`,
      ),
      find: db.prepare('SELECT * FROM photos WHERE xxh64 = ? AND size = ?'),
      get: db.prepare('SELECT * FROM photos WHERE n = ?'),
      raise: db.prepare(
        'UPDATE photos SET rank = ?, name = ?, at = ?, zone = ?, day = ?, camera = ? WHERE n = ?',
      ),
      chapter: db.prepare(
        'INSERT OR IGNORE INTO photo_chapters (photo, seq, card, backup) VALUES (?, ?, ?, ?)',
      ),
      chapters: db.prepare('SELECT DISTINCT card, backup FROM photo_chapters WHERE photo = ?'),
      at: db.prepare('SELECT photo FROM copies WHERE drive = ? AND path = ?'),
      holders: db.prepare(
        `SELECT DISTINCT copies.drive FROM copies INDEXED BY copies_photo CROSS JOIN drives ON drives.n = copies.drive
         WHERE photo = ? AND forgotten = 0 AND ${COUNTS} ORDER BY copies.drive`,
      ),
      held: db.prepare('UPDATE photos SET holders = ? WHERE n = ?'),
      fail: db.prepare('INSERT OR IGNORE INTO failures (name, seq) VALUES (?, ?)'),
      event: db.prepare('INSERT INTO drive_events (drive, seq, what, sealed) VALUES (?, ?, ?, ?)'),
      place: db.prepare('INSERT OR REPLACE INTO places (role, id, label, folder) VALUES (?, ?, ?, ?)'),
      folder: db.prepare("SELECT 1 FROM places WHERE role = 'drive' AND id = ? AND folder = 1"),
    };
  }

  /** Before each record: what an earlier one left here may have been rolled back. */
  begin(): void {
    this.#figures.begin();
    this.#places.begin();
  }

  finish(): void {
    this.#figures.flush();
  }

  /** `write` brings the copies themselves up to the change; it gets the number of the content, 0 where there is none. */
  around(change: CatalogueChange, seq: number, write: (photo: number) => void): void {
    switch (change.type) {
      case 'put':
      case 'confirm':
      case 'claim':
        this.#settle(change, seq, write);
        return;
      case 'drop':
        this.#drop(change, seq, () => write(0));
        return;
      case 'fail':
        this.#sql.fail.run(change.name, seq);
        return;
      case 'event':
        this.#sql.event.run(change.driveId, seq, change.what, null);
        return;
      case 'seal':
        this.#sql.event.run(change.driveId, seq, 'sealed', change.seq);
        return;
      case 'place':
        this.#sql.place.run(change.role, change.id, change.label, Number(change.folder));
        return;
      case 'see':
      case 'count':
      case 'forget':
        write(0);
    }
  }

  #settle({ copy, news, type }: CopyChange, seq: number, write: (photo: number) => void): void {
    const { driveId, to, sizeBytes, xxh64 } = copy;
    const { words } = news;
    const drive = this.#drives.numberOf(driveId);
    const replaced = this.#sql.at.get(drive, to)?.['photo'];
    const holders = type === 'claim' || !this.#isTrusted(copy) ? '' : String(drive);
    const { atMs, rank, name, zone } = words;
    const groups = this.#groupsOf(words);
    const fresh = this.#sql.insert.get(xxh64, sizeBytes, rank, name, atMs, zone, ...groups, holders);
    const before = fresh === undefined ? this.#sql.find.get(xxh64, sizeBytes) : undefined;
    const photo = Number(fresh?.['n'] ?? before?.['n']);
    write(photo);
    for (const place of words.places) this.#places.add(place, photo);
    const told = this.#chapter(photo, seq, news);
    if (before === undefined) {
      const [day, camera, card, backup] = [...groups, ...told];
      const figure = { atMs, holders, bytes: sizeBytes };
      if (day !== null && camera !== null && card !== null && backup !== null)
        this.#figures.add(photo, figure, [day, camera, card, backup]);
      // No photo, or one that no backup brought: it lay on the drive before.
      else this.#figures.join(photo, figure, groups);
    } else {
      this.#recount(this.#again(before, words, told));
    }
    if (typeof replaced === 'number' && replaced !== photo) this.#recount(this.#sql.get.get(replaced));
  }

  /** A content that is known: it may be in one more group, or more may be known of it now. Its row as it is then. */
  #again(before: Row, words: PhotoWords, told: readonly (number | null)[]): Row {
    const [photo, rank] = [Number(before['n']), Number(before['rank'])];
    const figure = {
      atMs: Number(before['at']),
      holders: String(before['holders']),
      bytes: Number(before['size']),
    };
    if (words.rank <= rank) {
      if (rank >= RANKS.file) this.#figures.join(photo, figure, told);
      return before;
    }
    if (rank >= RANKS.file) this.#figures.leave(photo, figure, this.#allGroups(before));
    const groups = this.#groupsOf(words);
    this.#sql.raise.run(words.rank, words.name, words.atMs, words.zone, ...groups, photo);
    const [day, camera] = groups;
    const now = { ...before, rank: words.rank, at: words.atMs, day, camera };
    if (words.rank >= RANKS.file) {
      this.#figures.join(photo, { ...figure, atMs: words.atMs }, this.#allGroups(now));
    }
    return now;
  }

  #drop(change: Extract<CatalogueChange, { type: 'drop' }>, seq: number, write: () => void): void {
    const photo = this.#sql.at.get(this.#drives.numberOf(change.driveId), change.to)?.['photo'];
    write();
    if (typeof photo !== 'number') return;
    this.#sql.chapter.run(photo, seq, null, null);
    this.#recount(this.#sql.get.get(photo));
  }

  #recount(row: Row | undefined): void {
    if (row === undefined) return;
    const photo = Number(row['n']);
    const after = this.#sql.holders
      .all(photo)
      .map(({ drive }) => String(drive))
      .join(' ');
    if (row['holders'] === after) return;
    this.#sql.held.run(after, photo);
    if (Number(row['rank']) < RANKS.file) return;
    const figure = { holders: String(row['holders']), bytes: Number(row['size']) };
    this.#figures.move(figure, after, this.#allGroups(row));
  }

  /** Day and camera; null for what is no photo. */
  #groupsOf(words: PhotoWords): readonly [day: number | null, camera: number | null] {
    if (words.rank < RANKS.file) return [null, null];
    return [this.#figures.group('day', words.day), this.#figures.group('camera', words.camera)];
  }

  #chapter(photo: number, seq: number, { card, backup }: PhotoNews): readonly [number | null, number | null] {
    const groups = [
      card === null ? null : this.#figures.group('card', card),
      backup === null ? null : this.#figures.group('backup', backup),
    ] as const;
    this.#sql.chapter.run(photo, seq, ...groups);
    return groups;
  }

  #allGroups(row: Row): readonly (number | null)[] {
    const told = this.#sql.chapters.all(Number(row['n'])).flatMap(({ card, backup }) => [card, backup]);
    return [...new Set([row['day'], row['camera'], ...told])].map((id) =>
      typeof id === 'number' ? id : null,
    );
  }

  #isTrusted({ driveId, verifiedFrom }: { driveId: DriveId; verifiedFrom: Copy['verifiedFrom'] }): boolean {
    return verifiedFrom === 'medium' || this.#sql.folder.get(driveId) !== undefined;
  }
}
