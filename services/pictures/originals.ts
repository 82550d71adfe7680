import type { RelativePath } from '../../machines/ids.ts';
import type { Drive } from '../../machines/media.ts';
import { UserError } from '../errors.ts';
import type { Photo, PhotoId, PhotoShelf } from '../library/ports.ts';
import type { Throttle } from '../throttle.ts';
import type { DriveFile, OpenDriveFile } from './ports.ts';

/** Held in memory for each download. */
const BLOCK_BYTES = 256 << 10;

export type AttachedDrive = Pick<Drive, 'id' | 'path'>;

/** A photo as it came from the camera, open for reading. */
export interface Original {
  readonly photo: Photo;
  /**
   * Its bytes from `first` to `last`, both included, in blocks, each read when it is asked for. Throws when the file ends
   * early or cannot be read.
   */
  read(first: number, last: number): AsyncGenerator<Uint8Array>;
  close(): Promise<void>;
}

export interface OriginalsParts {
  readonly shelf: Pick<PhotoShelf, 'photo'>;
  /** Adopted drives that are attached now. */
  readonly drives: () => readonly AttachedDrive[];
  readonly open: OpenDriveFile;
  readonly throttle: Throttle;
}

/** Copies of it that count, on attached drives. */
export const copiesOn = (copies: Photo['copies'], drives: readonly AttachedDrive[]) =>
  drives.flatMap(({ id, path: root }) =>
    copies
      .filter(({ driveId, counts }) => driveId === id && counts)
      .map(({ driveId, to: path }) => ({ driveId, root, path })),
  );

/** Photos and films themselves, from whichever attached drive holds a copy that counts. */
export class Originals {
  readonly #parts: OriginalsParts;
  /** With the drive each lies on. */
  readonly #open = new Map<DriveFile, string>();
  /** Such that never reject. */
  readonly #opening = new Map<Promise<unknown>, string>();
  #stopped = false;

  constructor(parts: OriginalsParts) {
    this.#parts = parts;
  }

  /** Throws `UserError` 66: `unknown-photo`, or `photo-away` when no attached drive has it as it was recorded. */
  async open(id: PhotoId): Promise<Original> {
    const photo = this.find(id);
    for (const { root, path } of copiesOn(photo.copies, this.#parts.drives())) {
      const file = await this.#parts.throttle.during(root, () => this.#opened(root, path, photo.sizeBytes));
      if (file === null) continue;
      return {
        photo,
        read: (first, last) => this.#read(root, file, first, last),
        close: () => this.#close(file),
      };
    }
    throw away(photo.name);
  }

  /**
   * A drive, no longer among `drives`, is to be unmounted: what is read from it breaks off. Resolves when nothing of it is
   * open.
   */
  async letGo(root: string): Promise<void> {
    await Promise.all([...this.#opening].map(([opening, at]) => (at === root ? opening : null)));
    await Promise.all([...this.#open].map(([file, at]) => (at === root ? this.#close(file) : null)));
  }

  /** Nothing is opened any more, and what is read breaks off. Resolves when nothing is open. */
  async stop(): Promise<void> {
    this.#stopped = true;
    const roots = new Set([...this.#opening.values(), ...this.#open.values()]);
    await Promise.all([...roots].map((root) => this.letGo(root)));
  }

  /** Whether a copy should be at hand; opening it tells. */
  isHere(photo: Photo): boolean {
    return copiesOn(photo.copies, this.#parts.drives()).length > 0;
  }

  /** Throws `UserError` 66. */
  find(id: PhotoId): Photo {
    const photo = this.#parts.shelf.photo(id);
    if (photo === null) throw unknownPhoto(id);
    return photo;
  }

  /** Null when it is not there as it was recorded, or the drive is being let go. */
  async #opened(root: string, path: RelativePath, sizeBytes: number): Promise<DriveFile | null> {
    // Others had their turn before.
    if (this.#stopped || !this.#parts.drives().some((drive) => drive.path === root)) return null;
    const open = async () => {
      const file = await this.#parts.open(root, path);
      if (file?.sizeBytes === sizeBytes) this.#open.set(file, root);
      else await file?.close();
      return file;
    };
    const opening = open();
    const over = opening.catch(() => undefined);
    this.#opening.set(over, root);
    try {
      const file = await opening;
      return file !== null && this.#open.has(file) ? file : null;
    } finally {
      this.#opening.delete(over);
    }
  }

  async #close(file: DriveFile): Promise<void> {
    if (this.#open.delete(file)) await file.close();
  }

  async *#read(root: string, file: DriveFile, first: number, last: number): AsyncGenerator<Uint8Array> {
    for (let at = first; at <= last; ) {
      const block = new Uint8Array(Math.min(BLOCK_BYTES, last + 1 - at));
      await this.#parts.throttle.pay(block.length);
      const count = await this.#parts.throttle.during(root, () => file.read(block, at));
      if (count < block.length) throw new Error('the file ends before its size says so');
      yield block;
      at += count;
    }
  }
}

export const unknownPhoto = (id: string): UserError =>
  new UserError(
    'unknown-photo',
    66,
    `${id.slice(0, 40)}: no such photo is known`,
    'take the id from a list of photos',
  );

export const away = (what: string): UserError =>
  new UserError(
    'photo-away',
    66,
    `${what}: no drive with a verified copy is attached`,
    'attach a drive that has it: imagetank explain NAME tells which',
  );
