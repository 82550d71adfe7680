import type { Catalogue } from '../ports.ts';

/**
 * The counter of `numbered` and of `{seq}`, one for the whole box: a shot has one number on every drive, and no two
 * cards at once get the same. It goes on from the highest number that the journal has ever recorded or that lies on a
 * drive, so it never goes back, whatever is deleted.
 */
export class Counter {
  readonly #catalogue: Pick<Catalogue, 'highestNumber'>;
  #highest = 0;

  constructor(catalogue: Pick<Catalogue, 'highestNumber'>) {
    this.#catalogue = catalogue;
  }

  /** A number that lies on a drive, whoever gave it. */
  met(number: number): void {
    this.#highest = Math.max(this.#highest, number);
  }

  /** The one before the next. */
  get last(): number {
    return Math.max(this.#highest, this.#catalogue.highestNumber());
  }

  next(): number {
    this.#highest = this.last + 1;
    return this.#highest;
  }
}

/** The numbers of one backup, the same for all its drives. Memory: four bytes a file of the card. */
export class ShotNumbers {
  readonly #counter: Counter;
  #numbers = new Uint32Array(1024);

  constructor(counter: Counter) {
    this.#counter = counter;
  }

  /** Of the shot that is led by this file of the card; a later one than `tried`, where the names of that are taken. */
  of(leader: number, tried = 0): number {
    const known = this.#numbers[leader] ?? 0;
    if (known > tried) return known;
    const number = this.#counter.next();
    if (leader >= this.#numbers.length) {
      const larger = new Uint32Array(Math.max(leader + 1, 2 * this.#numbers.length));
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    this.#numbers[leader] = number;
    return number;
  }
}
