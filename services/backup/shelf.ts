import type { DriveId, RelativePath } from '../../machines/ids.ts';
import { clashKey } from '../library/names.ts';
import type { DriveStore } from '../ports.ts';

/** Folders whose names are kept: a card's shots lie in few days. The one used longest ago is forgotten. */
const MAX_FOLDERS = 16;

/**
 * The names on one drive. Two backups at once must not look for a free name at the same time: `run` lets one after the
 * other. Memory: the names of 16 folders.
 */
export class Shelf {
  #last: Promise<unknown> = Promise.resolve();
  readonly #folders = new Map<RelativePath, Set<string>>();

  /** One at a time, in the order of the calls. */
  run<T>(action: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(action);
    this.#last = mine.catch(() => undefined);
    return mine;
  }

  /** Clash keys of what lies in a folder. */
  async taken(store: DriveStore, folder: RelativePath): Promise<ReadonlySet<string>> {
    const keys = this.#folders.get(folder) ?? new Set((await store.list(folder)).map(clashKey));
    this.#folders.delete(folder);
    this.#folders.set(folder, keys);
    const [oldest] = this.#folders.keys();
    if (this.#folders.size > MAX_FOLDERS && oldest !== undefined) this.#folders.delete(oldest);
    return keys;
  }

  placed(folder: RelativePath, name: string): void {
    this.#folders.get(folder)?.add(clashKey(name));
  }

  /** Somebody else may have written to the drive. */
  forget(): void {
    this.#folders.clear();
  }
}

/** One shelf a drive, for the whole box. */
export class Shelves {
  readonly #shelves = new Map<DriveId, Shelf>();

  of(driveId: DriveId): Shelf {
    const shelf = this.#shelves.get(driveId) ?? new Shelf();
    this.#shelves.set(driveId, shelf);
    return shelf;
  }
}
