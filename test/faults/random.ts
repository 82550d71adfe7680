import { random } from '../lab/random.ts';

/** What campaigns need of chance; the same for the same seed. */
export class Chance {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = random(seed);
  }

  /** A whole number from 0, below `limit`. */
  below(limit: number): number {
    return Math.floor(this.#next() * limit);
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new RangeError('nothing to pick from');
    return item;
  }
}

/** At most `limit` of them, evenly over the whole list and in its order; the seed says with which of them it begins. */
export function spread<T>(items: readonly T[], limit: number, seed: number): readonly T[] {
  if (items.length <= limit) return items;
  const shift = random(seed)();
  return Array.from(
    { length: limit },
    (_, at) => items[Math.floor(((at + shift) * items.length) / limit)] as T,
  );
}
