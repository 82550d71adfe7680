import type { FileOnDrive } from '../../machines/facts.ts';

/** Where a drive that wraps around overwrites first. */
const FIRST = 8;
const SPREAD = 24;

export type Sampled = Pick<FileOnDrive, 'to' | 'sizeBytes' | 'xxh64'>;

/** The first files that a backup placed on a drive and some of all that followed, evenly. Memory: 56 of them at most. */
export class Sample {
  readonly #first: Sampled[] = [];
  #spread: Sampled[] = [];
  #seen = 0;
  #every = 1;

  add({ to, sizeBytes, xxh64 }: Sampled): void {
    if (this.#first.length < FIRST) {
      this.#first.push({ to, sizeBytes, xxh64 });
      return;
    }
    if (this.#seen % this.#every === 0) this.#spread.push({ to, sizeBytes, xxh64 });
    this.#seen += 1;
    if (this.#spread.length < 2 * SPREAD) return;
    this.#spread = this.#spread.filter((_, at) => at % 2 === 0);
    this.#every *= 2;
  }

  get files(): readonly Sampled[] {
    return [...this.#first, ...this.#spread];
  }
}
