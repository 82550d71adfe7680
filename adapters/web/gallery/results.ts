import {
  type Asking,
  type Filter,
  idOf,
  type Photo,
  type Section,
  type Shelf,
  withoutKnown,
} from './shelf.ts';

/** What is asked for; empty: anything. */
export interface Wanted {
  /** A part of a file name, in any case. */
  readonly name: string;
  readonly camera: string;
  /** Id of a card. */
  readonly card: string;
  readonly day: string;
}

export const NOTHING_WANTED: Wanted = { name: '', camera: '', card: '', day: '' };
/** As the box names the photos without a camera. */
export const NO_CAMERA = 'unknown';
/** Pages without a photo that fits are skipped, but not without an end: then somebody has to ask for more. */
const MAX_PAGES_AT_ONCE = 10;

export const isWanting = (wanted: Wanted): boolean => Object.values(wanted).some((word) => word !== '');

/** Which one the box is asked by: the one that leaves the fewest photos to look through here. */
export function filterOf({ name, day, card, camera }: Wanted): Filter {
  const group = day !== '' ? { day } : card !== '' ? { card } : { camera };
  if (name === '') return group;
  return Object.values(group).includes('') ? { find: name } : { find: name, ...group };
}

/** What the box was not asked for. By which of its names it was found is the box's knowledge alone. */
export function fits(photo: Photo, { camera, card, day }: Wanted): boolean {
  return (
    (day === '' || photo.day === day) &&
    (camera === '' || photo.camera === (camera === NO_CAMERA ? null : camera)) &&
    (card === '' || photo.cards.some(({ id }) => id === card))
  );
}

/** Photos that fit, in sections of a day each. Their number is known when all have come. */
export class Results implements Shelf {
  readonly #asking: Asking;
  readonly #wanted: Wanted;
  readonly #changed: () => void;
  #photos: readonly Photo[] = [];
  #sections: readonly Section[] = [];
  #after: string | null = null;
  #isWhole = false;
  #trouble: unknown = null;
  #asked: Promise<void> | null = null;
  #searchedTo: string | null = null;
  readonly #gone = new AbortController();

  constructor(asking: Asking, wanted: Wanted, changed: () => void) {
    this.#asking = asking;
    this.#wanted = wanted;
    this.#changed = changed;
  }

  get sections(): readonly Section[] {
    return this.#sections;
  }

  get isWhole(): boolean {
    return this.#isWhole;
  }

  get trouble(): unknown {
    return this.#trouble;
  }

  /** Day that a search for a part of a name has come down to; null where there is none, or it is over. */
  get searchedTo(): string | null {
    return this.#searchedTo;
  }

  /** Something else is looked for now. */
  stop(): void {
    this.#gone.abort();
  }

  more(): Promise<void> {
    if (this.#isWhole || this.#gone.signal.aborted) return Promise.resolve();
    this.#asked ??= this.#nextPhotos().finally(() => {
      this.#asked = null;
    });
    return this.#asked;
  }

  fill(): Promise<void> {
    return Promise.resolve();
  }

  async #nextPhotos(): Promise<void> {
    try {
      const before = this.#photos.length;
      for (let page = 0; page < MAX_PAGES_AT_ONCE; page += 1) {
        await this.#nextPage();
        if (this.#isWhole || this.#photos.length > before) break;
        this.#changed();
      }
      this.#trouble = null;
    } catch (error) {
      if (this.#gone.signal.aborted) return;
      this.#trouble = error;
    }
    this.#changed();
  }

  async #nextPage(): Promise<void> {
    const filter = filterOf(this.#wanted);
    const {
      photos,
      next,
      searchedTo = null,
    } = await this.#asking.photos(filter, this.#after, this.#gone.signal);
    const fitting = photos.filter((photo) => fits(photo, this.#wanted));
    this.#photos = [...this.#photos, ...withoutKnown(this.#photos, fitting, idOf)];
    this.#sections = byDay(this.#photos);
    this.#after = next;
    this.#isWhole = next === null;
    this.#searchedTo = searchedTo;
  }
}

/** Days in the order in which their first photo came. */
export function byDay(photos: readonly Photo[]): Section[] {
  const days = new Map<string, Photo[]>();
  for (const photo of photos) {
    const day = photo.day ?? '';
    const together = days.get(day);
    if (together === undefined) days.set(day, [photo]);
    else together.push(photo);
  }
  return [...days].map(([day, together]) => ({
    day,
    count: together.length,
    photos: together,
    safety: null,
  }));
}
