/** Counts long work of which no fact tells until it ends. */
export class Busy {
  #running = 0;

  get now(): boolean {
    return this.#running > 0;
  }

  /** The same messages; counted from the first that is asked for until the last, or until nobody listens any more. */
  async *during<Message>(work: AsyncIterable<Message>): AsyncGenerator<Message> {
    this.#running += 1;
    try {
      yield* work;
    } finally {
      this.#running -= 1;
    }
  }
}
