import { UserError } from '../errors.ts';
import {
  MAX_PAGE,
  type PageQuery,
  type PartPage,
  type PartQuery,
  type Photo,
  type PhotoShelf,
} from './ports.ts';
import type { Rests } from './rests.ts';

/** Photos between two looks at the clock: 0.3 ms here, a few on a Pi that reads them from its card for the first time. */
export const LOOK_AT_ONCE = 128;
/** Photos that one answer looks at: whoever asks sees how far the search is, and asks on. */
export const MAX_LOOKED = 51_200;
/** A page asks one at a time, and again while somebody types. */
export const MAX_SEARCHES = 16;

/** Searches one after the other, in short pieces: lights and copies have the event loop in between. */
export class Finder {
  readonly #shelf: Pick<PhotoShelf, 'withPart'>;
  readonly #rests: Rests;
  #last: Promise<unknown> = Promise.resolve();
  #searches = 0;

  constructor(shelf: Pick<PhotoShelf, 'withPart'>, rests: Rests) {
    this.#shelf = shelf;
    this.#rests = rests;
  }

  /**
   * Until the page is full, `MAX_LOOKED` photos were looked at, or nobody waits for it (`gone`). Throws `UserError` 75
   * when too many search.
   */
  async find(query: PartQuery, page: PageQuery, gone?: AbortSignal): Promise<PartPage> {
    if (this.#searches >= MAX_SEARCHES) {
      const hint = 'try again when one of them has ended';
      throw new UserError('too-many-searches', 75, `${this.#searches} searches are under way`, hint);
    }
    this.#searches += 1;
    const found = this.#last.then(() => this.#search(query, page, gone));
    this.#last = found.catch(() => undefined);
    try {
      return await found;
    } finally {
      this.#searches -= 1;
    }
  }

  async #search(query: PartQuery, { after = null, limit = MAX_PAGE }: PageQuery, gone?: AbortSignal) {
    const count = Math.max(1, Math.min(MAX_PAGE, limit));
    const photos: Photo[] = [];
    let place: Pick<PartPage, 'next' | 'day'> = { next: after, day: null };
    this.#rests.begin();
    for (let looked = 0; looked < MAX_LOOKED && photos.length < count; looked += LOOK_AT_ONCE) {
      if (gone?.aborted) break;
      const piece = { after: place.next, limit: count - photos.length, look: LOOK_AT_ONCE };
      const { photos: some, ...next } = this.#shelf.withPart(query, piece);
      photos.push(...some);
      place = next;
      if (place.next === null) break;
      await this.#rests.rest();
    }
    return { photos, ...place };
  }
}
