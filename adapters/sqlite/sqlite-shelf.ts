import type { BackupId, CardId, DriveId, RelativePath } from '../../machines/ids.ts';
import {
  type DriveEvent,
  type Grouping,
  type KnownPlace,
  MAX_PAGE,
  type PageQuery,
  type Photo,
  type PhotoCopy,
  type PhotoFilter,
  type PhotoGroup,
  type PhotoId,
  type PhotoPage,
  type PhotoShelf,
} from '../../services/library/ports.ts';
import { nameKey, parsePhotoId, RANKS, takenAt } from '../../services/projections/photos.ts';
import type { Database, Row, Statement } from './database.ts';
import { COUNTS } from './schema.ts';

/** Greater than any time and any number of a photo. */
const END = Number.MAX_SAFE_INTEGER;
/** After every digit of a hash. */
const AFTER_HEX = 'g';

export class SqliteShelf implements PhotoShelf {
  readonly #sql: ReturnType<typeof statements>;

  constructor(db: Database) {
    this.#sql = statements(db);
  }

  groups(by: Grouping, { after = null, limit }: PageQuery = {}): readonly PhotoGroup[] {
    const count = pageSize(limit);
    if (by === 'day')
      return this.#sql.days.all(by, after ?? AFTER_DAYS, count).map((row) => this.#groupOf(row));
    const last = after === null ? END : Number(this.#sql.group.get(by, after)?.['id'] ?? END);
    return this.#sql.groups.all(by, last, count).map((row) => this.#groupOf(row));
  }

  photos(filter: PhotoFilter, { after = null, limit }: PageQuery = {}): PhotoPage {
    const count = pageSize(limit);
    const rows = this.#select(filter, placeOf(after), count);
    const last = rows.at(-1);
    const next = rows.length < count || last === undefined ? null : `${last['at']}.${last['n']}`;
    return { photos: rows.map((row) => this.#photoOf(row)), next };
  }

  photo(id: PhotoId): Photo | null {
    const row = this.#row(id);
    return row === undefined ? null : this.#photoOf(row);
  }

  named(name: string, limit: number): readonly PhotoId[] {
    return this.#sql.named.all(nameKey(name), limit).map(idOf);
  }

  hashed(prefix: string, limit: number): readonly PhotoId[] {
    const digits = prefix.toLowerCase();
    return this.#sql.hashed.all(digits, digits + AFTER_HEX, limit).map(idOf);
  }

  records(id: PhotoId, { head, tail }: { readonly head: number; readonly tail: number }) {
    const row = this.#row(id);
    if (row === undefined) return { seqs: [], total: 0 };
    const n = Number(row['n']);
    const found = [...this.#sql.first.all(n, head), ...this.#sql.last.all(n, tail)].map(seqOf);
    const seqs = [...new Set(found)].sort((one, other) => one - other);
    return { seqs, total: Number(this.#sql.chapters.get(n)?.['total']) };
  }

  failures(name: string, limit: number): readonly number[] {
    return this.#sql.failures.all(nameKey(name), limit).map(seqOf);
  }

  sealAfter(driveId: DriveId, seq: number): number | null {
    const row = this.#sql.seal.get(driveId, seq, seq);
    return row === undefined ? null : seqOf(row);
  }

  driveEvents(driveId: DriveId, { after, limit }: { readonly after: number; readonly limit: number }) {
    const rows = this.#sql.events.all(driveId, after, limit);
    return rows.map((row) => ({ seq: seqOf(row), what: row['what'] as DriveEvent['what'] })).reverse();
  }

  places(role: 'card' | 'drive'): readonly KnownPlace[] {
    return this.#sql.places.all(role).map((row) => ({ id: String(row['id']), label: String(row['label']) }));
  }

  #select(filter: PhotoFilter, place: readonly [at: number, n: number], limit: number): readonly Row[] {
    if (filter.name !== undefined) return this.#sql.byName.all(nameKey(filter.name), ...place, limit);
    const [by, key] = Object.entries(filter)[0] ?? [];
    const group = by === undefined ? undefined : this.#sql.group.get(by, key ?? '');
    return group === undefined ? [] : this.#sql.members.all(Number(group['id']), ...place, limit);
  }

  #row(id: PhotoId): Row | undefined {
    const content = parsePhotoId(id);
    return content === null ? undefined : this.#sql.content.get(content.xxh64, content.sizeBytes);
  }

  #groupOf({ id, key }: Row): PhotoGroup {
    const figures = this.#sql.figures.all(Number(id));
    const sum = (column: 'photos' | 'bytes') =>
      figures.reduce((total, figure) => total + Number(figure[column]), 0);
    const [fewest] = figures;
    return {
      key: String(key),
      photos: sum('photos'),
      bytes: sum('bytes'),
      fewestCopies: Number(fewest?.['copies'] ?? 0),
      photosWithFewest: Number(fewest?.['photos'] ?? 0),
    };
  }

  #photoOf(row: Row): Photo {
    const n = Number(row['n']);
    const rank = Number(row['rank']);
    const at = Number(row['at']);
    const told = (column: 'card' | 'backup') => this.#sql[column].all(n).map(({ key }) => String(key));
    return {
      id: idOf(row),
      xxh64: String(row['xxh64']),
      sizeBytes: Number(row['size']),
      name: String(row['name']),
      day: this.#keyOf(row['day'] ?? null),
      dayFrom: rank < RANKS.file ? null : rank === RANKS.capture ? 'capture' : 'file',
      takenAt: rank === RANKS.capture ? takenAt(at) : null,
      zone: row['zone'] as string | null,
      camera: this.#keyOf(row['camera'] ?? null),
      cards: told('card') as CardId[],
      backups: told('backup') as BackupId[],
      copies: this.#sql.copies.all(n).map(copyOf),
      verifiedCopies: Number(row['copies']),
    };
  }

  /** Of a day or a camera; null where nothing is known. */
  #keyOf(group: Row[string]): string | null {
    const key = group === null ? undefined : this.#sql.key.get(group)?.['key'];
    return typeof key === 'string' && key !== '' ? key : null;
  }
}

/** After every day that can be. */
const AFTER_DAYS = '9999';

function statements(db: Database) {
  const groups = (order: 'key' | 'id') =>
    db.prepare(
      `SELECT id, key FROM photo_groups WHERE kind = ? AND ${order} < ?
       AND EXISTS (SELECT 1 FROM photo_figures WHERE grp = id AND photos > 0) ORDER BY ${order} DESC LIMIT ?`,
    );
  const told = (column: 'card' | 'backup') =>
    db.prepare(
      `SELECT key FROM photo_chapters JOIN photo_groups ON id = photo_chapters.${column}
       WHERE photo = ? GROUP BY id ORDER BY min(seq)`,
    );
  const records = (order: 'ASC' | 'DESC') =>
    db.prepare(`SELECT seq FROM photo_chapters WHERE photo = ? ORDER BY seq ${order} LIMIT ?`);
  return {
    days: groups('key'),
    groups: groups('id'),
    group: db.prepare('SELECT id FROM photo_groups WHERE kind = ? AND key = ?'),
    key: db.prepare('SELECT key FROM photo_groups WHERE id = ?'),
    figures: db.prepare(
      'SELECT copies, photos, bytes FROM photo_figures WHERE grp = ? AND photos > 0 ORDER BY copies',
    ),
    // CROSS: in the order of the group, not of the photos.
    members: db.prepare(
      `SELECT photos.* FROM photo_members AS m CROSS JOIN photos ON n = m.photo
       WHERE m.grp = ? AND (m.at, m.photo) < (?, ?) ORDER BY m.at DESC, m.photo DESC LIMIT ?`,
    ),
    byName: db.prepare(
      `SELECT photos.* FROM photo_names CROSS JOIN photos ON n = photo_names.photo
       WHERE photo_names.name = ? AND rank >= ${RANKS.file}
       AND (at, n) < (?, ?) ORDER BY at DESC, n DESC LIMIT ?`,
    ),
    content: db.prepare('SELECT * FROM photos WHERE xxh64 = ? AND size = ?'),
    copies: db.prepare(
      `SELECT drive, path, state, verified_from, ${COUNTS} AS counts FROM copies INDEXED BY copies_photo
       WHERE photo = ? ORDER BY drive, path`,
    ),
    card: told('card'),
    backup: told('backup'),
    named: db.prepare(
      `SELECT xxh64, size FROM photo_names CROSS JOIN photos ON n = photo
       WHERE photo_names.name = ? ORDER BY photo DESC LIMIT ?`,
    ),
    // All of the index: what begins a hash is asked for by people only, and an index for it would cost every backup.
    hashed: db.prepare(
      `SELECT xxh64, size FROM photos INDEXED BY photos_content
       WHERE xxh64 >= ? AND xxh64 < ? ORDER BY n DESC LIMIT ?`,
    ),
    first: records('ASC'),
    last: records('DESC'),
    chapters: db.prepare('SELECT count(*) AS total FROM photo_chapters WHERE photo = ?'),
    failures: db.prepare('SELECT seq FROM failures WHERE name = ? ORDER BY seq DESC LIMIT ?'),
    seal: db.prepare(
      'SELECT seq FROM drive_events WHERE drive = ? AND seq > ? AND sealed >= ? ORDER BY seq LIMIT 1',
    ),
    events: db.prepare(
      'SELECT seq, what FROM drive_events WHERE drive = ? AND seq > ? AND sealed IS NULL ORDER BY seq DESC LIMIT ?',
    ),
    places: db.prepare('SELECT id, label FROM places WHERE role = ? ORDER BY id'),
  } satisfies Record<string, Statement>;
}

const pageSize = (limit = MAX_PAGE): number => Math.max(1, Math.min(MAX_PAGE, limit));

function placeOf(after: string | null): readonly [at: number, n: number] {
  const [, at, n] = /^(-?\d{1,15})\.(\d{1,15})$/.exec(after ?? '') ?? [];
  return [Number(at ?? END), Number(n ?? END)];
}

const idOf = (row: Row): PhotoId => `${row['xxh64']}-${row['size']}`;
const seqOf = (row: Row): number => Number(row['seq']);

const copyOf = (row: Row): PhotoCopy => ({
  driveId: row['drive'] as DriveId,
  to: row['path'] as RelativePath,
  state: row['state'] as PhotoCopy['state'],
  verifiedFrom: row['verified_from'] as PhotoCopy['verifiedFrom'],
  counts: row['counts'] === 1,
});
