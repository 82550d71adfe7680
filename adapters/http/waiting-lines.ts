/** Those who wait, in a line for each place (or device); the lines take turns: who asks all the time waits for itself. */
export class WaitingLines<Item> {
  /** The line whose turn it is comes first. None is empty. */
  readonly #lines = new Map<string, Item[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(line: string, item: Item): void {
    const items = this.#lines.get(line);
    if (items === undefined) this.#lines.set(line, [item]);
    else items.push(item);
    this.#size += 1;
  }

  /** The first of the line whose turn it is, which goes behind the others; undefined when nobody waits. */
  next(): Item | undefined {
    for (const [line, items] of this.#lines) {
      const item = items.shift();
      this.#lines.delete(line);
      if (items.length > 0) this.#lines.set(line, items);
      this.#size -= 1;
      return item;
    }
    return undefined;
  }

  /** Takes out the newest of the longest line; among equals, of the one whose turn is last. */
  dropNewest(): Item | undefined {
    let longest: readonly [line: string, items: Item[]] | null = null;
    for (const one of this.#lines) if (one[1].length >= (longest?.[1].length ?? 0)) longest = one;
    if (longest === null) return undefined;
    const [line, items] = longest;
    const item = items.at(-1);
    if (item !== undefined) this.remove(line, item);
    return item;
  }

  /** False when it does not wait there. */
  remove(line: string, item: Item): boolean {
    const items = this.#lines.get(line);
    const at = items?.lastIndexOf(item) ?? -1;
    if (items === undefined || at < 0) return false;
    items.splice(at, 1);
    if (items.length === 0) this.#lines.delete(line);
    this.#size -= 1;
    return true;
  }

  clear(): void {
    this.#lines.clear();
    this.#size = 0;
  }
}
