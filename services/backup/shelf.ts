import type { BackupId, DriveId, RelativePath } from '../../machines/ids.ts';
import { clashKey } from '../library/names.ts';
import type { DriveStore, Found } from '../media-ports.ts';

/** Folders whose names are kept: a card's shots lie in few days. The one used longest ago is forgotten. */
const MAX_FOLDERS = 16;

/** A name that a chapter of a video is going to have, while the backup runs that placed another one of it. */
interface Promised extends Found {
  readonly to: BackupId;
}

/**
 * The names on one drive. Two backups at once must not look for a free name at the same time: `run` lets one after the
 * other. Memory: the names of 16 folders, and those that running backups are going to give to chapters of videos.
 */
export class Shelf {
  #last: Promise<unknown> = Promise.resolve();
  readonly #folders = new Map<RelativePath, Map<string, string>>();
  /** By folder and clash key. */
  readonly #promised = new Map<string, Promised>();

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

  /** No other backup may take this name before `release`, but for the same file. */
  promise(folder: RelativePath, name: string, file: Found, backupId: BackupId): void {
    const { sizeBytes, mtimeMs } = file;
    this.#promised.set(`${folder}/${clashKey(name)}`, { sizeBytes, mtimeMs, to: backupId });
  }

  isPromisedAway(folder: RelativePath, name: string, file: Found, backupId: BackupId): boolean {
    if (this.#promised.size === 0) return false;
    const promised = this.#promised.get(`${folder}/${clashKey(name)}`);
    if (promised === undefined || promised.to === backupId) return false;
    // A card and its copy, both in a reader: what is the same is found under the name later.
    return promised.sizeBytes !== file.sizeBytes || promised.mtimeMs !== file.mtimeMs;
  }

  /** The backup is over. Safe twice. */
  release(backupId: BackupId): void {
    for (const [path, { to }] of this.#promised) if (to === backupId) this.#promised.delete(path);
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
