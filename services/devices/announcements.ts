import type { Fact } from '../../machines/facts.ts';

/**
 * Which devices are announced, each by everybody who does not know yet what it is: a disk without partitions and the
 * volume on it have one name, and the first of them to be settled must not speak for the other.
 */
export class Announcements {
  readonly #emit: (fact: Fact) => void;
  readonly #counts = new Map<string, number>();

  constructor(emit: (fact: Fact) => void) {
    this.#emit = emit;
  }

  add(device: string): void {
    const count = this.#counts.get(device) ?? 0;
    this.#counts.set(device, count + 1);
    if (count === 0) this.#emit({ type: 'DeviceAnnounced', device });
  }

  /** Nothing happens to one that was not added. */
  remove(device: string): void {
    const count = this.#counts.get(device) ?? 0;
    if (count > 1) this.#counts.set(device, count - 1);
    else if (this.#counts.delete(device)) this.#emit({ type: 'DeviceSettled', device });
  }
}
