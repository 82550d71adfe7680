/**
 * The end of a service, told to whoever waits for something meanwhile. Not an `AbortSignal`: with eleven volumes at once
 * Node takes its listeners for a leak and says so, and to tell it otherwise needs Node itself.
 */
export class Closing {
  readonly #waiting = new Set<() => void>();
  #over = false;

  get isOver(): boolean {
    return this.#over;
  }

  /** Runs once, at the end; at once when that is over. What is returned takes it back, and may be called twice. */
  onEnd(run: () => void): () => void {
    if (this.#over) {
      run();
      return () => undefined;
    }
    // Of its own for each call, so that one that waits twice is told twice.
    const told = () => run();
    this.#waiting.add(told);
    return () => this.#waiting.delete(told);
  }

  /** Safe twice. */
  end(): void {
    this.#over = true;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const run of waiting) run();
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting.size;
  }
}
