/** What waits for one volume: more than these ask again and again without waiting for an answer. */
const MAX_WAITING = 32;

/** Runs jobs of one name one after the other, those of different names side by side, as many as there are places. */
export class Lanes {
  readonly #places: number;
  readonly #lanes = new Map<string, { last: Promise<unknown>; waiting: number }>();
  readonly #queue: (() => void)[] = [];
  #running = 0;

  constructor(places: number) {
    this.#places = places;
  }

  /** Null when too many wait already. */
  run<Result>(name: string, job: () => Promise<Result>): Promise<Result> | null {
    const lane = this.#lanes.get(name) ?? { last: Promise.resolve(), waiting: 0 };
    if (lane.waiting >= MAX_WAITING) return null;
    this.#lanes.set(name, lane);
    lane.waiting++;
    const result = lane.last.then(() => this.#inPlace(job));
    lane.last = result
      .catch(() => undefined)
      .then(() => {
        lane.waiting--;
        if (lane.waiting === 0) this.#lanes.delete(name);
      });
    return result;
  }

  async #inPlace<Result>(job: () => Promise<Result>): Promise<Result> {
    if (this.#running >= this.#places) await new Promise<void>((go) => this.#queue.push(go));
    else this.#running++;
    try {
      return await job();
    } finally {
      // The place is handed on, or is free again.
      const next = this.#queue.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}
