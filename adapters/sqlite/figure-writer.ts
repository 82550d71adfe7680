import type { Grouping } from '../../services/library/ports.ts';
import type { Database, Statement } from './database.ts';

interface Figure {
  readonly holders: string;
  readonly bytes: number;
}

/** Day, camera, card and backup. */
type Groups = readonly [number, number, number, number];

interface Sum {
  photos: number;
  bytes: number;
}

/** Which photos are in which group, and the sums of each group by the drives that hold them. */
export class FigureWriter {
  readonly #sql: Readonly<Record<'group' | 'addGroup' | 'first' | 'join' | 'leave' | 'add', Statement>>;
  /** Of one record: 128 files are of few groups. */
  readonly #ids = new Map<string, number>();
  readonly #sums = new Map<number, Map<string, Sum>>();

  constructor(db: Database) {
    this.#sql = {
      group: db.prepare('SELECT id FROM photo_groups WHERE kind = ? AND key = ?'),
      addGroup: db.prepare('INSERT INTO photo_groups (kind, key) VALUES (?, ?) RETURNING id'),
      join: db.prepare('INSERT OR IGNORE INTO photo_members (grp, at, photo) VALUES (?, ?, ?)'),
      first: db.prepare(
        'INSERT INTO photo_members (grp, at, photo) VALUES (?1, ?5, ?6), (?2, ?5, ?6), (?3, ?5, ?6), (?4, ?5, ?6)',
      ),
      leave: db.prepare('DELETE FROM photo_members WHERE grp = ? AND at = ? AND photo = ?'),
      add: db.prepare(
        `INSERT INTO photo_figures (grp, holders, photos, bytes) VALUES (?, ?, ?, ?) ON CONFLICT (grp, holders)
         DO UPDATE SET photos = photos + excluded.photos, bytes = bytes + excluded.bytes`,
      ),
    };
  }

  begin(): void {
    this.#ids.clear();
    this.#sums.clear();
  }

  group(kind: Grouping, key: string): number {
    const name = `${kind} ${key}`;
    const known = this.#ids.get(name);
    if (known !== undefined) return known;
    const row = this.#sql.group.get(kind, key) ?? this.#sql.addGroup.get(kind, key);
    const id = Number(row?.['id']);
    this.#ids.set(name, id);
    return id;
  }

  /** A new photo, in its four groups: three calls less a file than `join`. */
  add(photo: number, figure: Figure & { readonly atMs: number }, groups: Groups): void {
    this.#sql.first.run(...groups, figure.atMs, photo);
    for (const group of groups) this.#add(group, figure, 1);
  }

  /** Groups that it is in already stay as they are. */
  join(photo: number, figure: Figure & { readonly atMs: number }, groups: readonly (number | null)[]): void {
    for (const group of groups) {
      if (group === null) continue;
      const { changes } = this.#sql.join.run(group, figure.atMs, photo);
      if (Number(changes) > 0) this.#add(group, figure, 1);
    }
  }

  /** Of groups that it is not in nothing is taken. */
  leave(photo: number, figure: Figure & { readonly atMs: number }, groups: readonly (number | null)[]): void {
    for (const group of groups) {
      if (group === null) continue;
      const { changes } = this.#sql.leave.run(group, figure.atMs, photo);
      if (Number(changes) > 0) this.#add(group, figure, -1);
    }
  }

  /** Other drives hold it now. */
  move(before: Figure, holders: string, groups: readonly (number | null)[]): void {
    for (const group of groups) {
      if (group === null) continue;
      this.#add(group, before, -1);
      this.#add(group, { ...before, holders }, 1);
    }
  }

  flush(): void {
    for (const [group, sums] of this.#sums) {
      for (const [holders, { photos, bytes }] of sums) {
        if (photos !== 0 || bytes !== 0) this.#sql.add.run(group, holders, photos, bytes);
      }
    }
    this.#sums.clear();
  }

  #add(group: number, { holders, bytes }: Figure, sign: 1 | -1): void {
    const sums = this.#sums.get(group) ?? new Map<string, Sum>();
    const sum = sums.get(holders) ?? { photos: 0, bytes: 0 };
    sum.photos += sign;
    sum.bytes += sign * bytes;
    sums.set(holders, sum);
    this.#sums.set(group, sums);
  }
}
