import { xxh3 } from '@node-rs/xxhash';

const FIRST_SLOTS = 1024;
const LANE = 64n;

/**
 * A set of texts that keeps 128 bits of each: a million paths take 32 MB, a `Set` of strings four times that. Two
 * different paths meet with a chance of 1e-27. Open addressing, two words a slot.
 */
export class PathSet {
  #words = new BigUint64Array(FIRST_SLOTS * 2);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(text: string): boolean {
    const [high, low] = keyOf(text);
    return this.#words[this.#slotOf(high, low)] === high;
  }

  /** True when the text was not there before. */
  add(text: string): boolean {
    const [high, low] = keyOf(text);
    const slot = this.#slotOf(high, low);
    if (this.#words[slot] === high) return false;
    this.#words[slot] = high;
    this.#words[slot + 1] = low;
    this.#size += 1;
    // Half full: beyond that the probes grow long.
    if (this.#size * 4 > this.#words.length) this.#grow();
    return true;
  }

  /** Where the key stands, or the empty slot where it would. */
  #slotOf(high: bigint, low: bigint): number {
    const mask = this.#words.length / 2 - 1;
    let slot = Number(low & 0xffffffffn) & mask;
    for (;;) {
      const there = this.#words[slot * 2];
      if (there === 0n || (there === high && this.#words[slot * 2 + 1] === low)) return slot * 2;
      slot = (slot + 1) & mask;
    }
  }

  #grow(): void {
    const old = this.#words;
    this.#words = new BigUint64Array(old.length * 2);
    for (let index = 0; index < old.length; index += 2) {
      const high = old[index] ?? 0n;
      const low = old[index + 1] ?? 0n;
      if (high === 0n) continue;
      const slot = this.#slotOf(high, low);
      this.#words[slot] = high;
      this.#words[slot + 1] = low;
    }
  }
}

/** The high word is never 0, which marks an empty slot. */
function keyOf(text: string): readonly [high: bigint, low: bigint] {
  const hash = xxh3.xxh128(text);
  const high = hash >> LANE;
  return [high === 0n ? 1n : high, BigInt.asUintN(64, hash)];
}
