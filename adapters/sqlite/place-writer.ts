import type { PlaceKey } from '../../services/projections/photos.ts';
import type { Database, Statement } from './database.ts';

/** Where contents were seen, so that a name and the end of a path find them. */
export class PlaceWriter {
  readonly #sql: Readonly<Record<'find' | 'add' | 'place', Statement>>;
  /** Of one record: 128 files lie in few folders. */
  readonly #folders = new Map<string, number>();

  constructor(db: Database) {
    this.#sql = {
      find: db.prepare('SELECT id FROM photo_folders WHERE folders = ?'),
      add: db.prepare('INSERT INTO photo_folders (folders) VALUES (?) RETURNING id'),
      place: db.prepare('INSERT OR IGNORE INTO photo_places (name, photo, folder) VALUES (?, ?, ?)'),
    };
  }

  /** Before each record: what an earlier one left here may have been rolled back. */
  begin(): void {
    this.#folders.clear();
  }

  add({ name, folders }: PlaceKey, photo: number): void {
    this.#sql.place.run(name, photo, this.#folder(folders));
  }

  #folder(folders: string): number {
    const known = this.#folders.get(folders);
    if (known !== undefined) return known;
    const id = Number((this.#sql.find.get(folders) ?? this.#sql.add.get(folders))?.['id']);
    this.#folders.set(folders, id);
    return id;
  }
}
