import type { DriveId } from '../../machines/ids.ts';

interface Turn {
  readonly on: DriveId;
  readonly cut: () => void;
  /** Never rejects. */
  readonly over: Promise<unknown>;
}

/** One at a time for each upload: who comes later ends who is there, for a phone that lost its network comes back anew. */
export class TurnTaking {
  readonly #turns = new Map<string, Turn>();

  get count(): number {
    return this.#turns.size;
  }

  has(id: string): boolean {
    return this.#turns.has(id);
  }

  /** Settles as `run` does. `cut` makes it end soon; `on`: the drive where it is staged. */
  async take<T>(id: string, on: DriveId, cut: () => void, run: () => Promise<T>): Promise<T> {
    for (let turn = this.#turns.get(id); turn !== undefined; turn = this.#turns.get(id)) {
      turn.cut();
      await turn.over;
    }
    const result = run().finally(() => this.#turns.delete(id));
    this.#turns.set(id, { on, cut, over: result.catch(() => undefined) });
    return result;
  }

  /** Resolves when those that are there now, of one drive or of all, are over. */
  async endAll(drive?: DriveId): Promise<void> {
    const turns = [...this.#turns.values()].filter(({ on }) => drive === undefined || on === drive);
    for (const { cut } of turns) cut();
    await Promise.all(turns.map(({ over }) => over));
  }
}
