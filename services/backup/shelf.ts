import type { DriveId, RelativePath } from '../../machines/ids.ts';
import { clashKey } from '../library/names.ts';
import type { DriveStore } from '../media-ports.ts';

/** Folders whose names are kept: a card's shots lie in few days. The one used longest ago is forgotten. */
const MAX_FOLDERS = 16;

/**
 * The names on one drive. Two backups at once must not look for a free name at the same time: `run` lets one after the
 * other. Memory: the names of 16 folders.
 */
export class Shelf {
  #last: Promise<unknown> = Promise.resolve();
  readonly #folders = new Map<RelativePath, Map<string, string>>();

  /** One at a time, in the order of the calls. */
  run<T>(action: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(action);
    this.#last = mine.catch(() => undefined);
    return mine;
  }

  /** What lies in a folder: names by their clash keys. The same map until the folder is listed anew. */
  async taken(store: Pick<DriveStore, 'list'>, folder: RelativePath): Promise<ReadonlyMap<string, string>> {
    const keys = this.#folders.get(folder) ?? new Map((await store.list(folder)).map(byKey));
    this.#folders.delete(folder);
    this.#folders.set(folder, keys);
    const [oldest] = this.#folders.keys();
    if (this.#folders.size > MAX_FOLDERS && oldest !== undefined) this.#folders.delete(oldest);
    return keys;
  }

  placed(folder: RelativePath, name: string): void {
    this.#folders.get(folder)?.set(...byKey(name));
  }

  /** Somebody else may have written to the drive. */
  forget(): void {
    this.#folders.clear();
  }
}

const byKey = (name: string): [string, string] => [clashKey(name), name];

/** One shelf a drive, for the whole box. */
export class Shelves {
  readonly #shelves = new Map<DriveId, Shelf>();

  of(driveId: DriveId): Shelf {
    const shelf = this.#shelves.get(driveId) ?? new Shelf();
    this.#shelves.set(driveId, shelf);
    return shelf;
  }
}
