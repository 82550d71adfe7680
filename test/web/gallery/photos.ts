import type { Asking, Filter, Photo, Section } from '../../../adapters/web/gallery/shelf.ts';
import type { GroupLine } from '../../../services/library/shapes.ts';

export const photo = (id: string, more: Partial<Photo> = {}): Photo => ({
  id,
  name: `${id}.JPG`,
  xxh64: '0123456789abcdef',
  sizeBytes: 1000,
  day: '2025-05-03',
  dayFrom: 'capture',
  takenAt: '2025-05-03T12:31:00',
  zone: null,
  camera: 'SONY ILCE-7M3',
  cards: [{ id: 'card-1', label: 'SD32GB-03' }],
  backups: [],
  copies: [],
  verifiedCopies: 2,
  ...more,
});

/** `photosOf('a', 3)`: a1, a2, a3. */
export const photosOf = (day: string, count: number): Photo[] =>
  Array.from({ length: count }, (_, at) => photo(`${day}#${at + 1}`, { day }));

/** Of so many photos, those that are here. */
export const section = (count: number, here: readonly Photo[] = [], day = '2025-05-03'): Section => ({
  day,
  count,
  photos: here,
  safety: null,
});

/** A box with these days, in pages of this size. What was asked is kept. */
export class FakeBox implements Asking {
  days_: Map<string, Photo[]>;
  readonly asked: string[] = [];
  fails = false;
  readonly #page: { readonly days: number; readonly photos: number };

  constructor(days: Record<string, Photo[]>, page = { days: 2, photos: 2 }) {
    this.days_ = new Map(Object.entries(days));
    this.#page = page;
  }

  async days(after: string | null) {
    this.#note(`days after ${after}`);
    const keys = [...this.days_.keys()];
    const from = after === null ? 0 : keys.findIndex((key) => key < after);
    const some = from < 0 ? [] : keys.slice(from, from + this.#page.days);
    const groups = some.map(
      (key): GroupLine => ({ ...GROUP, key, label: key, photos: this.days_.get(key)?.length ?? 0 }),
    );
    return { groups, next: some.length < this.#page.days ? null : (some.at(-1) ?? null) };
  }

  async photos(filter: Filter, after: string | null, _gone?: AbortSignal): ReturnType<Asking['photos']> {
    this.#note(`${JSON.stringify(filter)} after ${after}`);
    const all = 'day' in filter ? (this.days_.get(filter.day) ?? []) : [...this.days_.values()].flat();
    const from = after === null ? 0 : all.findIndex(({ id }) => id === after) + 1;
    const photos = all.slice(from, from + this.#page.photos);
    return { photos, next: photos.length < this.#page.photos ? null : (photos.at(-1)?.id ?? null) };
  }

  #note(question: string): void {
    this.asked.push(question);
    if (this.fails) throw new TypeError('no answer');
  }
}

const GROUP = { by: 'day', bytes: 0, fewestCopies: 2, photosWithFewest: 1 } as const;
