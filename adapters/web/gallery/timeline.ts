import type { GroupLine } from '../../../services/library/shapes.ts';
import { type Asking, idOf, type Photo, type Section, type Shelf, withoutKnown } from './shelf.ts';

interface Day extends Section {
  /** For the next page; null: the first one comes next. */
  readonly after: string | null;
}

/** All photos, day by day: which days there are comes page by page, and photos of a day when somebody comes near it. */
export class Timeline implements Shelf {
  readonly #asking: Asking;
  readonly #changed: () => void;
  #days: readonly Day[] = [];
  #after: string | null = null;
  #isWhole = false;
  #trouble: unknown = null;
  #asked: Promise<void> | null = null;
  readonly #filling = new Map<string, Promise<void>>();

  constructor(asking: Asking, changed: () => void) {
    this.#asking = asking;
    this.#changed = changed;
  }

  get sections(): readonly Section[] {
    return this.#days;
  }

  get isWhole(): boolean {
    return this.#isWhole;
  }

  get trouble(): unknown {
    return this.#trouble;
  }

  more(): Promise<void> {
    if (this.#isWhole) return Promise.resolve();
    this.#asked ??= this.#told(() => this.#nextDays()).finally(() => {
      this.#asked = null;
    });
    return this.#asked;
  }

  /** Until this day or one before it is known, or there are no more. */
  async reach(day: string): Promise<void> {
    while (!this.#isWhole && (this.#days.at(-1)?.day ?? '9') > day) {
      const before = this.#days.length;
      await this.more();
      if (this.#days.length === before) return;
    }
  }

  async fill(section: number, end: number): Promise<void> {
    const day = this.#days[section];
    if (day === undefined) return;
    const running = this.#filling.get(day.day);
    const begin = () =>
      this.#told(() => this.#fillDay(day.day, end)).finally(() => this.#filling.delete(day.day));
    const now = running ?? begin();
    this.#filling.set(day.day, now);
    await now;
    // What was asked for meanwhile may lie further down.
    if (running !== undefined && this.#trouble === null) await this.fill(section, end);
  }

  async #nextDays(): Promise<void> {
    const { groups, next } = await this.#asking.days(this.#after);
    this.#days = [...this.#days, ...withoutKnown(this.#days, groups.map(dayOf), ({ day }) => day)];
    this.#after = next;
    this.#isWhole = next === null;
  }

  async #fillDay(key: string, end: number): Promise<void> {
    for (;;) {
      const day = this.#days.find((one) => one.day === key);
      if (day === undefined || day.photos.length >= Math.min(end, day.count)) return;
      const { photos, next } = await this.#asking.photos({ day: key }, day.after);
      const together = [...day.photos, ...withoutKnown(day.photos, photos, idOf)];
      this.#replace({ ...day, photos: together, after: next, count: countOf(day, together, next) });
    }
  }

  #replace(changed: Day): void {
    this.#days = this.#days.map((day) => (day.day === changed.day ? changed : day));
    this.#changed();
  }

  async #told(ask: () => Promise<void>): Promise<void> {
    try {
      await ask();
      this.#trouble = null;
    } catch (error) {
      this.#trouble = error;
    }
    this.#changed();
  }
}

/** The box counted when it named the day; what it lists is newer. */
function countOf({ count }: Day, photos: readonly Photo[], next: string | null): number {
  return next === null ? photos.length : Math.max(count, photos.length + 1);
}

function dayOf({ key, photos: count, fewestCopies, photosWithFewest }: GroupLine): Day {
  return { day: key, count, photos: [], safety: { fewestCopies, photosWithFewest }, after: null };
}
