import type { Drive } from '../../machines/media.ts';
import type { Photo, PhotoId, PhotoShelf } from '../library/ports.ts';
import type { Catalogue } from '../ports.ts';
import { copiesOn } from './originals.ts';
import {
  PICTURE_EDGES,
  type PictureCache,
  type PictureMaker,
  type PictureSize,
  type PictureSource,
} from './ports.ts';

/** It becomes part of a path. */
export const PHOTO_ID = /^[0-9a-f]{16}-\d{1,16}$/;
/** Two screens of a gallery. */
const MAX_WAITING = 100;

/**
 * Absolute path of a JPEG, or why there is none: no decoder makes one (`none`); no attached drive has the photo as it was
 * recorded (`away`);
 * copies are made just now, or too many wait (`later`); nothing is known of it (`unknown`).
 */
export type PictureAnswer = { readonly path: string } | 'none' | 'away' | 'later' | 'unknown';

export interface PicturesParts {
  readonly shelf: Pick<PhotoShelf, 'photo'>;
  readonly catalogue: Pick<Catalogue, 'copyAt'>;
  readonly cache: PictureCache;
  readonly maker: PictureMaker;
  /** Adopted drives that are attached now. */
  readonly drives: () => readonly Pick<Drive, 'id' | 'path'>[];
  /** A copy is made: it has the disks and the processor to itself. */
  readonly isBusy: () => boolean;
}

interface Wanted {
  readonly id: PhotoId;
  readonly size: PictureSize;
  readonly answer: Promise<PictureAnswer>;
  readonly settle: (answer: PictureAnswer | Promise<PictureAnswer>) => void;
}

/** Small pictures of what is in the library, made when somebody looks, what was asked for last first. */
export class Pictures {
  readonly #parts: PicturesParts;
  /** The last one is made next: who scrolls on does not look at the others any more. */
  readonly #waiting: Wanted[] = [];
  #making: Wanted | null = null;
  /** What is being made was not let finish: that tells nothing of it. */
  #interrupted = false;
  #stopped = false;

  constructor(parts: PicturesParts) {
    this.#parts = parts;
  }

  async get(id: PhotoId, size: PictureSize): Promise<PictureAnswer> {
    if (!PHOTO_ID.test(id)) return 'unknown';
    const kept = await this.#parts.cache.find(id, size);
    if (kept !== null) return kept === 'none' ? kept : { path: kept };
    if (this.#stopped || this.#parts.isBusy()) return 'later';
    const asked = this.#making === null ? this.#waiting : [this.#making, ...this.#waiting];
    const same = asked.find((wanted) => wanted.id === id && wanted.size === size);
    if (same !== undefined) return same.answer;
    const wanted = wantedOf(id, size);
    this.#waiting.push(wanted);
    if (this.#waiting.length > MAX_WAITING) this.#waiting.shift()?.settle('later');
    void this.#makeAll();
    return wanted.answer;
  }

  /**
   * A copy begins, or a drive is let go: what is asked for now is told to come back. Resolves when nothing of what was made
   * runs any more.
   */
  interrupt(): Promise<void> {
    this.#dismissAll();
    this.#interrupted = true;
    return this.#parts.maker.interrupt();
  }

  /** Resolves when nothing is made any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#dismissAll();
    await this.#parts.maker.stop();
  }

  async #makeAll(): Promise<void> {
    if (this.#making !== null) return;
    for (let next = this.#next(); next !== null; next = this.#next()) {
      this.#making = next;
      this.#interrupted = false;
      // A disk that fails is no answer about the photo.
      next.settle(this.#make(next.id, next.size).catch(() => 'later'));
      await next.answer;
      this.#making = null;
    }
  }

  #next(): Wanted | null {
    if (this.#parts.isBusy()) this.#dismissAll();
    return this.#waiting.pop() ?? null;
  }

  async #make(id: PhotoId, size: PictureSize): Promise<PictureAnswer> {
    const { shelf, cache, maker } = this.#parts;
    const photo = shelf.photo(id);
    if (photo === null) return 'unknown';
    if (this.#sourcesOf(photo).length === 0) return 'away';
    const into = await cache.place();
    if (into === null || this.#stopped || this.#interrupted) return 'later';
    for (const source of this.#sourcesOf(photo)) {
      const outcome = await maker.make(source, PICTURE_EDGES[size], into);
      // A drive that was pulled meanwhile, or a backup that began and took the processor: not the photo's fault.
      const isDisturbed = this.#stopped || this.#interrupted || this.#parts.isBusy();
      if (outcome !== 'made' && (isDisturbed || this.#sourcesOf(photo).length === 0)) return 'later';
      if (outcome === 'altered') continue;
      const kept = await cache.keep(id, size, outcome === 'made');
      if (kept === null) return outcome === 'made' ? 'later' : 'none';
      return kept === 'none' ? kept : { path: kept };
    }
    return 'away';
  }

  #sourcesOf(photo: Photo): readonly PictureSource[] {
    const { catalogue, drives } = this.#parts;
    return copiesOn(photo.copies, drives()).flatMap(({ driveId, root, path }) => {
      const mtimeMs = catalogue.copyAt(driveId, path)?.toMtimeMs ?? null;
      return mtimeMs === null ? [] : [{ root, path, name: photo.name, sizeBytes: photo.sizeBytes, mtimeMs }];
    });
  }

  #dismissAll(): void {
    for (const { settle } of this.#waiting.splice(0)) settle('later');
  }
}

function wantedOf(id: PhotoId, size: PictureSize): Wanted {
  let settle: Wanted['settle'] = () => undefined;
  const answer = new Promise<PictureAnswer>((resolve) => {
    settle = resolve;
  });
  return { id, size, answer, settle };
}
