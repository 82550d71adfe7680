import { fileName } from '../../services/library/names.ts';
import type { PartQuery } from '../../services/library/ports.ts';
import { hasPart, isPlain } from '../../services/projections/photos.ts';
import type { Database, Row, Statement } from './database.ts';

/** What a piece of a search found, and where the next one goes on; null at the end. */
export interface FoundRows {
  readonly rows: readonly Row[];
  readonly next: string | null;
  readonly day: string | null;
}

interface Group {
  readonly id: number;
  readonly key: string;
}

/** Behind this photo of a group, in the order of time. */
interface Place {
  readonly at: number;
  readonly n: number;
}

interface Room {
  readonly limit: number;
  readonly look: number;
}

const START: Place = { at: Number.MAX_SAFE_INTEGER, n: Number.MAX_SAFE_INTEGER };
const END: Place = { at: Number.MIN_SAFE_INTEGER, n: Number.MIN_SAFE_INTEGER };
const AFTER_DAYS = '9999';

/** The name at the end of a path: what `rtrim` leaves ends with the last slash. */
const COPY_NAME = "substr(path, length(rtrim(path, replace(path, '/', ''))) + 1)";
const LIKE_PART = "LIKE ?6 ESCAPE '!'";
/** The whole path first: that is the cheaper question. */
const HAS_PART = `(name ${LIKE_PART} OR EXISTS (SELECT 1 FROM copies INDEXED BY copies_photo
  WHERE copies.photo = m.photo AND path ${LIKE_PART} AND ${COPY_NAME} ${LIKE_PART}))`;
/** SQLite knows no case beyond ASCII: names with other letters are looked at here. */
const HAS_OTHERS = `(?6 IS NULL AND (name GLOB '*[^ -~]*' OR EXISTS (SELECT 1 FROM copies INDEXED BY copies_photo
  WHERE copies.photo = m.photo AND path GLOB '*[^ -~]*')))`;

/**
 * Looks for a part of a name photo by photo, newest first. An index of all parts would not have them in this order, and
 * costs each file that is copied (ARCHITECTURE.md, 2026-11-22).
 */
export class PartSearch {
  readonly #sql: Readonly<
    Record<'group' | 'dayBefore' | 'count' | 'edge' | 'plain' | 'others' | 'paths' | 'dayOf', Statement>
  >;

  constructor(db: Database) {
    const members = 'FROM photo_members WHERE grp = ? AND (at, photo) < (?, ?) ORDER BY at DESC, photo DESC';
    const found = (condition: string) =>
      db.prepare(
        `SELECT photos.* FROM photo_members AS m CROSS JOIN photos ON photos.n = m.photo
         WHERE m.grp = ?1 AND (m.at, m.photo) < (?2, ?3) AND (m.at, m.photo) >= (?4, ?5) AND ${condition}
         ORDER BY m.at DESC, m.photo DESC LIMIT ?7`,
      );
    this.#sql = {
      group: db.prepare('SELECT id, key FROM photo_groups WHERE kind = ? AND key = ?'),
      dayBefore: db.prepare(
        "SELECT id, key FROM photo_groups WHERE kind = 'day' AND key < ? ORDER BY key DESC LIMIT 1",
      ),
      count: db.prepare(`SELECT count(*) AS photos FROM (SELECT 1 ${members} LIMIT ?)`),
      edge: db.prepare(`SELECT at, photo AS n ${members} LIMIT 1 OFFSET ?`),
      plain: found(HAS_PART),
      others: found(HAS_OTHERS),
      paths: db.prepare('SELECT path FROM copies INDEXED BY copies_photo WHERE photo = ?'),
      dayOf: db.prepare('SELECT key FROM photos CROSS JOIN photo_groups ON id = photos.day WHERE n = ?'),
    };
  }

  find({ part, of }: PartQuery, after: string | null, room: Room): FoundRows {
    const begin = beginOf(after);
    const rows: Row[] = [];
    let left = room.look;
    let group = of !== null ? this.#group(of.by, of.key) : this.#firstDay(begin.day);
    let place = of !== null || group?.key === begin.day ? begin.place : START;
    while (group !== null) {
      const limit = room.limit - rows.length;
      const looked = left > 0 && limit > 0 ? this.#look(group, place, part, { limit, look: left }) : null;
      rows.push(...(looked?.rows ?? []));
      const edge = looked === null ? place : looked.edge;
      if (edge !== null) return { rows, ...this.#next(of === null ? group.key : null, edge) };
      left -= Math.max(1, looked?.photos ?? 0);
      group = of === null ? this.#dayBefore(group.key) : null;
      place = START;
    }
    return { rows, next: null, day: null };
  }

  #next(day: string | null, { at, n }: Place) {
    if (day !== null) return { next: `${day}.${at}.${n}`, day };
    return { next: `${at}.${n}`, day: String(this.#sql.dayOf.get(n)?.['key'] ?? '') || null };
  }

  /** `edge`: of the photo that was looked at last; null when there are no more in the group. */
  #look({ id }: Group, from: Place, part: string, { limit, look }: Room) {
    const photos = Number(this.#sql.count.get(id, from.at, from.n, look)?.['photos']);
    const last = photos < look ? undefined : this.#sql.edge.get(id, from.at, from.n, look - 1);
    const to = last === undefined ? END : placeOf(last);
    const range = [id, from.at, from.n, to.at, to.n] as const;
    const rows = isPlain(part)
      ? this.#sql.plain.all(...range, patternOf(part), limit)
      : this.#sql.others.all(...range, null, limit);
    const full = rows.length < limit ? undefined : rows.at(-1);
    const edge = full ?? last;
    return {
      rows: isPlain(part) ? rows : rows.filter((row) => this.#hasPart(row, part)),
      photos,
      edge: edge === undefined ? null : placeOf(edge),
    };
  }

  #hasPart(row: Row, part: string): boolean {
    if (hasPart(String(row['name']), part)) return true;
    const paths = this.#sql.paths.all(Number(row['n'])).map(({ path }) => String(path));
    return paths.some((path) => hasPart(fileName(path), part));
  }

  #firstDay(day: string | null): Group | null {
    return (day === null ? null : this.#group('day', day)) ?? this.#dayBefore(day ?? AFTER_DAYS);
  }

  #dayBefore(day: string): Group | null {
    return groupOf(this.#sql.dayBefore.get(day));
  }

  #group(by: string, key: string): Group | null {
    return groupOf(this.#sql.group.get(by, key));
  }
}

const groupOf = (row: Row | undefined): Group | null =>
  row === undefined ? null : { id: Number(row['id']), key: String(row['key']) };

/** Nothing in it is a wildcard. */
const patternOf = (part: string): string => `%${part.replace(/[!%_]/g, '!$&')}%`;

const placeOf = (row: Row): Place => ({ at: Number(row['at']), n: Number(row['n']) });

/** `2026-11-21.1763726399120.17`, without the day in a group; the beginning for what is neither. */
function beginOf(after: string | null): { readonly day: string | null; readonly place: Place } {
  const [, day, at, n] = /^(?:(\d{4}-\d{2}-\d{2})\.)?(-?\d{1,16})\.(\d{1,16})$/.exec(after ?? '') ?? [];
  if (at === undefined || n === undefined) return { day: null, place: START };
  return { day: day ?? null, place: { at: Number(at), n: Number(n) } };
}
