const MAX_NAMED = 3;

/** The first few of many names, and how many more there are, for one line: `a, b, c and 2 others`. */
export class SomeNames {
  readonly #named: string[] = [];
  #count = 0;

  add(name: string): void {
    this.#count += 1;
    if (this.#named.length < MAX_NAMED) this.#named.push(name);
  }

  get count(): number {
    return this.#count;
  }

  toString(): string {
    const others = this.#count - this.#named.length;
    const more = others === 0 ? '' : ` and ${others === 1 ? '1 other' : `${others} others`}`;
    return `${this.#named.join(', ')}${more}`;
  }
}
