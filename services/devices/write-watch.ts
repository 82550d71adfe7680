import type { Place, VolumePlace } from './place.ts';
import type { Places } from './ports.ts';

type Counter = Pick<Places, 'sectorsWritten'>;

/** A card that the helper mounts, and only to read. */
const isWatched = (place: Place): place is VolumePlace => place.kind === 'volume' && place.holder === 'us';

/**
 * Notices that somebody wrote to a card that we only read: by a mount that came and went between two looks, or by a new
 * file system on it.
 */
export class WriteWatch {
  readonly #counter: Counter;
  /** Sectors that had been written before the volume was looked at, by its key. */
  readonly #before = new Map<string, number | null>();

  constructor(counter: Counter) {
    this.#counter = counter;
  }

  async begin(key: string, node: string): Promise<void> {
    this.#before.set(key, await this.#counter.sectorsWritten(node));
  }

  /** Of these cards those that were written to; what is not among them is forgotten. */
  async written(cards: readonly Place[]): Promise<readonly VolumePlace[]> {
    const watched = cards.filter(isWatched);
    const keys = new Set(watched.map(({ key }) => key));
    for (const key of this.#before.keys()) if (!keys.has(key)) this.#before.delete(key);
    const found: VolumePlace[] = [];
    for (const place of watched) {
      const before = this.#before.get(place.key);
      if (before === undefined || place.target === null) continue;
      if ((await this.#counter.sectorsWritten(place.target.node)) !== before) found.push(place);
    }
    return found;
  }
}
