import { Buffer } from 'node:buffer';
import { xxh3 } from '@node-rs/xxhash';

const FIRST_SLOTS = 1024;
const LANE = 64n;

/** Open addressing over words of 64 bits: two for the key of a text, the rest of a slot is its value. */
class PathTable {
  readonly #wordsASlot: 2 | 3;
  #words: BigUint64Array;
  #size = 0;

  constructor(wordsASlot: 2 | 3) {
    this.#wordsASlot = wordsASlot;
    this.#words = new BigUint64Array(FIRST_SLOTS * wordsASlot);
  }

  get size(): number {
    return this.#size;
  }

  has(text: string): boolean {
    return this.value(text) !== null;
  }

  /** Null for a text that is not there; without values, its key. */
  value(text: string): bigint | null {
    const [high, low] = keyOf(text);
    const slot = this.#slotOf(high, low);
    return this.#words[slot] === high ? (this.#words[slot + this.#wordsASlot - 1] ?? 0n) : null;
  }

  /** True when the text was not there before; what is there keeps its value. */
  put(text: string, value: bigint | null): boolean {
    const [high, low] = keyOf(text);
    const slot = this.#slotOf(high, low);
    if (this.#words[slot] === high) return false;
    this.#words[slot] = high;
    this.#words[slot + 1] = low;
    if (value !== null) this.#words[slot + 2] = value;
    this.#size += 1;
    // Half full: beyond that the probes grow long.
    if (this.#size * this.#wordsASlot * 2 > this.#words.length) this.#grow();
    return true;
  }

  /** Where the key stands, or the empty slot where it would. */
  #slotOf(high: bigint, low: bigint): number {
    const width = this.#wordsASlot;
    const mask = this.#words.length / width - 1;
    let slot = Number(low & 0xffffffffn) & mask;
    for (;;) {
      const there = this.#words[slot * width];
      if (there === 0n || (there === high && this.#words[slot * width + 1] === low)) return slot * width;
      slot = (slot + 1) & mask;
    }
  }

  #grow(): void {
    const old = this.#words;
    this.#words = new BigUint64Array(old.length * 2);
    for (let index = 0; index < old.length; index += this.#wordsASlot) {
      const high = old[index] ?? 0n;
      if (high === 0n) continue;
      const slot = this.#slotOf(high, old[index + 1] ?? 0n);
      this.#words.set(old.subarray(index, index + this.#wordsASlot), slot);
    }
  }
}

/**
 * A set of texts that keeps 128 bits of each: a million paths take 32 MB, a `Set` of strings four times that. Two
 * different paths meet with a chance of 1e-27.
 */
export class PathSet {
  readonly #table = new PathTable(2);

  get size(): number {
    return this.#table.size;
  }

  has(text: string): boolean {
    return this.#table.has(text);
  }

  /** True when the text was not there before. */
  add(text: string): boolean {
    return this.#table.put(text, null);
  }
}

/** The XXH64 of paths, in the same manner: a million take 48 MB. */
export class PathHashes {
  readonly #table = new PathTable(3);

  /** 16 hexadecimal digits; null for a path that has none. */
  get(path: string): string | null {
    return this.#table.value(path)?.toString(16).padStart(16, '0') ?? null;
  }

  /** The first one counts. */
  add(path: string, xxh64: string): void {
    this.#table.put(path, BigInt(`0x${xxh64}`));
  }
}

const CHUNK_TEXTS = 4096;

/** A short text of one length for each path, such as a hash: a million C4 take 140 to 190 MB, MD5 80 to 130 MB. */
export class PathTexts {
  readonly #places = new PathTable(3);
  readonly #chunks: Buffer[] = [];
  #length = 0;

  /** Null for a path that has none. */
  get(path: string): string | null {
    const place = this.#places.value(path);
    if (place === null) return null;
    const [chunk, at, length] = this.#placeOf(Number(place));
    return chunk.toString('latin1', at, at + length);
  }

  /** ASCII. The first one counts. Throws `RangeError` for a text of another length than the first one of all. */
  add(path: string, text: string): void {
    if (this.#length === 0) this.#length = text.length;
    if (text.length !== this.#length) throw new RangeError(`${text.length} letters, not ${this.#length}`);
    if (!this.#places.put(path, BigInt(this.#places.size))) return;
    const [chunk, at] = this.#placeOf(this.#places.size - 1);
    chunk.write(text, at, 'latin1');
  }

  #placeOf(index: number): readonly [chunk: Buffer, at: number, length: number] {
    const number = Math.floor(index / CHUNK_TEXTS);
    const chunk = this.#chunks[number] ?? Buffer.alloc(CHUNK_TEXTS * this.#length);
    this.#chunks[number] = chunk;
    return [chunk, (index % CHUNK_TEXTS) * this.#length, this.#length];
  }
}

/** The high word is never 0, which marks an empty slot. */
function keyOf(text: string): readonly [high: bigint, low: bigint] {
  const hash = xxh3.xxh128(text);
  const high = hash >> LANE;
  return [high === 0n ? 1n : high, BigInt.asUintN(64, hash)];
}
