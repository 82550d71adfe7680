import type { BackupId, CardId, DriveId, RelativePath } from '../../machines/ids.ts';
import {
  type DriveEvent,
  type Grouping,
  type KnownPlace,
  MAX_PAGE,
  type NameQuery,
  type PageQuery,
  type PartPage,
  type PartQuery,
  type Photo,
  type PhotoCopy,
  type PhotoFilter,
  type PhotoGroup,
  type PhotoId,
  type PhotoPage,
  type PhotoShelf,
} from '../../services/library/ports.ts';
import { nameKey, parsePhotoId, placeKey, RANKS, takenAt } from '../../services/projections/photos.ts';
import { byNumber } from './by-number.ts';
import type { Database, Row, SqlValue, Statement } from './database.ts';
import { namedSql } from './named-sql.ts';
import { PartSearch } from './part-search.ts';
import { shelfStatements } from './shelf-sql.ts';

/** Greater than any time and any number of a photo. */
const END = Number.MAX_SAFE_INTEGER;
/** After every digit of a hash. */
const AFTER_HEX = 'g';
/** The character after a slash. */
const AFTER_SLASH = '0';
/** Folders of a path that a person gives, from the file up. */
const MAX_DEPTH = 64;
/** Folders that one end of a path stands for: a folder of a card has the same name on many. */
const MAX_FOLDERS = 10_000;

export class SqliteShelf implements PhotoShelf {
  readonly #db: Database;
  readonly #sql: ReturnType<typeof shelfStatements>;
  readonly #parts: PartSearch;
  /** One for each way to ask. */
  readonly #named = new Map<string, Statement>();

  constructor(db: Database) {
    this.#db = db;
    this.#sql = shelfStatements(db);
    this.#parts = new PartSearch(db);
  }

  groups(by: Grouping, { after = null, limit }: PageQuery = {}): readonly PhotoGroup[] {
    const count = pageSize(limit);
    if (by === 'day') return this.#groupsOf(this.#sql.days.all(by, after ?? AFTER_DAYS, count));
    const last = after === null ? END : Number(this.#sql.group.get(by, after)?.['id'] ?? END);
    return this.#groupsOf(this.#sql.groups.all(by, last, count));
  }

  photos(filter: PhotoFilter, { after = null, limit }: PageQuery = {}): PhotoPage {
    const count = pageSize(limit);
    const rows = this.#select(filter, placeOf(after), count);
    const last = rows.at(-1);
    const next = rows.length < count || last === undefined ? null : `${last['at']}.${last['n']}`;
    return { photos: this.#photosOf(rows), next };
  }

  withPart(query: PartQuery, { after = null, limit, look }: PageQuery & { readonly look: number }): PartPage {
    const { rows, ...found } = this.#parts.find(query, after, { limit: pageSize(limit), look });
    return { photos: rows.length === 0 ? [] : this.#photosOf(rows), ...found };
  }

  photo(id: PhotoId): Photo | null {
    const row = this.#row(id);
    return row === undefined ? null : (this.#photosOf([row])[0] ?? null);
  }

  named({ path, cards = null, day = null }: NameQuery, limit: number) {
    const { name, folders } = placeKey(path);
    const within = folders === '' ? [] : [JSON.stringify(this.#foldersLike(folders))];
    const ofCards = cards === null ? [] : [JSON.stringify(cards)];
    const ofDay = day === null ? [] : [day];
    const values = [name, ...within, ...ofCards, ...ofDay];
    const sql = namedSql({ within: within.length > 0, cards: cards !== null, day: day !== null });
    const ids = this.#prepared(sql.ids)
      .all(...values, limit)
      .map(idOf);
    return { ids, total: Number(this.#prepared(sql.total).get(...values)?.['total']) };
  }

  #prepared(sql: string): Statement {
    const statement = this.#named.get(sql) ?? this.#db.prepare(sql);
    this.#named.set(sql, statement);
    return statement;
  }

  hashed(prefix: string, limit: number): readonly PhotoId[] {
    const digits = prefix.toLowerCase();
    return this.#sql.hashed.all(digits, digits + AFTER_HEX, limit).map(idOf);
  }

  /** Those that end like this one, and those that this one ends like: what is in front may be a mount point. */
  #foldersLike(folders: string): readonly number[] {
    const segments = folders.split('/').slice(0, MAX_DEPTH);
    const ends = segments.map((_, depth) =>
      segments
        .slice(0, depth)
        .map((segment) => `${segment}/`)
        .join(''),
    );
    const below = this.#sql.foldersBelow.all(folders, folders.slice(0, -1) + AFTER_SLASH, MAX_FOLDERS);
    return [...this.#sql.folders.all(JSON.stringify(ends)), ...below].map(({ id }) => Number(id));
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

  place(role: 'card' | 'drive', id: string): KnownPlace | null {
    const label = this.#sql.place.get(role, id)?.['label'];
    return label === undefined ? null : { id, label: String(label) };
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

  #groupsOf(groups: readonly Row[]): PhotoGroup[] {
    const living = this.#drives();
    const figures = byNumber(this.#sql.figures.all(numbersOf(groups, 'id')), 'grp');
    return groups.map(({ id, key }) => {
      let [photos, bytes, photosWithFewest] = [0, 0, 0];
      let fewestCopies = Number.POSITIVE_INFINITY;
      for (const figure of figures.get(Number(id)) ?? []) {
        const copies = countLiving(figure['holders'], living);
        const more = Number(figure['photos']);
        photos += more;
        bytes += Number(figure['bytes']);
        if (copies > fewestCopies) continue;
        photosWithFewest = copies === fewestCopies ? photosWithFewest + more : more;
        fewestCopies = copies;
      }
      return { key: String(key), photos, bytes, fewestCopies, photosWithFewest };
    });
  }

  /** A page with three questions, not three a photo. */
  #photosOf(rows: readonly Row[]): Photo[] {
    const living = this.#drives();
    const numbers = numbersOf(rows, 'n');
    const copies = byNumber(this.#sql.copies.all(numbers), 'photo');
    const told = byNumber(this.#sql.told.all(numbers), 'photo');
    const keys = this.#keysOf([...rows.flatMap(({ day, camera }) => [day, camera]), ...groupsIn(told)]);
    return rows.map((row) => {
      const n = Number(row['n']);
      const rank = Number(row['rank']);
      const at = Number(row['at']);
      const from = (column: 'card' | 'backup') =>
        [...new Set((told.get(n) ?? []).map((chapter) => keys.get(chapter[column] ?? null)))].filter(isText);
      return {
        id: idOf(row),
        xxh64: String(row['xxh64']),
        sizeBytes: Number(row['size']),
        name: String(row['name']),
        day: rank < RANKS.file ? null : keys.get(row['day'] ?? null) || null,
        dayFrom: rank < RANKS.file ? null : rank === RANKS.capture ? 'capture' : 'file',
        takenAt: rank === RANKS.capture ? takenAt(at) : null,
        zone: row['zone'] as string | null,
        camera: keys.get(row['camera'] ?? null) || null,
        cards: from('card') as CardId[],
        backups: from('backup') as BackupId[],
        copies: (copies.get(n) ?? []).map(copyOf),
        verifiedCopies: countLiving(row['holders'], living),
      };
    });
  }

  #keysOf(groups: readonly (SqlValue | undefined)[]): ReadonlyMap<SqlValue, string> {
    const keys = new Map<SqlValue, string>();
    for (const id of new Set(groups)) {
      const key = typeof id === 'number' ? this.#sql.key.get(id)?.['key'] : undefined;
      if (typeof id === 'number' && typeof key === 'string') keys.set(id, key);
    }
    return keys;
  }

  /** Numbers of the drives that are not forgotten. */
  #drives(): ReadonlySet<string> {
    return new Set(this.#sql.drives.all().map(({ n }) => String(n)));
  }
}

/** After every day that can be. */
const AFTER_DAYS = '9999';

/** For `json_each`. */
const numbersOf = (rows: readonly Row[], column: string): string =>
  JSON.stringify(rows.map((row) => Number(row[column])));

const groupsIn = (told: ReadonlyMap<number, readonly Row[]>): SqlValue[] =>
  [...told.values()].flatMap((rows) => rows.flatMap(({ card, backup }) => [card ?? null, backup ?? null]));

const isText = (value: string | undefined): value is string => value !== undefined;

/** How many of these drives, numbers with blanks between them, are not forgotten. */
const countLiving = (holders: SqlValue | undefined, living: ReadonlySet<string>): number =>
  String(holders)
    .split(' ')
    .filter((number) => living.has(number)).length;

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
