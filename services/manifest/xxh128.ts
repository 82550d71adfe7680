import { xxh3 } from '@node-rs/xxhash';

/**
 * XXH3-128 of a stream, seed 0 (xxHash 0.8, doc/xxhash_spec.md, "XXH3 Algorithm Overview"): the native library hashes
 * only what is in memory as a whole, and a video is not. Up to 240 bytes are left to it, longer input is done here.
 */

/** kSecret of the specification. */
const SECRET = Buffer.from(
  'b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671fcb79e64eccc0e578825ad07dccff7221' +
    'b8084674f743248ee03590e6813a264c3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8a8' +
    'fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364eac5ac8334d3ebc3c581a0fffa1363eb17' +
    '0ddd51b7f0da49d316552629d4689e2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b40' +
    '7e',
  'hex',
);
const STRIPE = 64;
const LANES = 8;
const STRIPES_A_BLOCK = 16;
const SHORT = 240;
const PRIME32_1 = 0x9e3779b1;
const PRIME64_1 = 0x9e3779b185ebca87n;
const PRIME64_2 = 0xc2b2ae3d27d4eb4fn;
const START = [
  0xc2b2ae3dn,
  PRIME64_1,
  PRIME64_2,
  0x165667b19e3779f9n,
  0x85ebca77c2b2ae63n,
  0x85ebca77n,
  0x27d4eb2f165667c5n,
  0x9e3779b1n,
];
const u64 = (value: bigint): bigint => BigInt.asUintN(64, value);

/** The secret as little-endian words from any byte offset, for the offsets that the algorithm uses. */
const words = (offset: number, count: number): Uint32Array =>
  Uint32Array.from({ length: count }, (_, index) => SECRET.readUInt32LE(offset + index * 4));
const STRIPE_KEYS = Array.from({ length: STRIPES_A_BLOCK }, (_, stripe) => words(stripe * 8, 16));
const SCRAMBLE_KEY = words(128, 16);
const LAST_KEY = words(121, 16);

export class Xxh128 {
  /** Eight accumulators of 64 bits, low word first: BigInt would be a hundred times slower. */
  readonly #acc = new Uint32Array(LANES * 2);
  readonly #stripe = new Uint32Array(LANES * 2);
  /** The end of the input so far: never empty once there was any, because the last stripe is treated apart. */
  #rest = Buffer.alloc(0);
  /** The stripe before `rest`, which the last one may reach into. */
  #before = Buffer.alloc(0);
  #stripes = 0;
  #length = 0;

  constructor() {
    START.forEach((value, lane) => {
      this.#acc[lane * 2] = Number(value & 0xffffffffn);
      this.#acc[lane * 2 + 1] = Number(value >> 32n);
    });
  }

  update(bytes: Uint8Array): this {
    this.#length += bytes.length;
    const input = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
    let at = 0;
    // Short input is kept whole; longer one must leave at least a byte behind each stripe.
    if (this.#length > SHORT) {
      for (; at + STRIPE < input.length; at += STRIPE) this.#take(view, at);
      if (at > 0) this.#before = Buffer.from(input.subarray(at - STRIPE, at));
    }
    this.#rest = Buffer.from(input.subarray(at));
    return this;
  }

  /** 32 hexadecimal digits, high half first. Once. */
  digest(): string {
    if (this.#length <= SHORT) return xxh3.xxh128(this.#rest).toString(16).padStart(32, '0');
    const end = Buffer.concat([this.#before, this.#rest]);
    const last = end.subarray(end.length - STRIPE);
    this.#load(new DataView(last.buffer, last.byteOffset, STRIPE), 0);
    this.#accumulate(LAST_KEY);
    const length = BigInt(this.#length);
    const low = this.#merge(11, u64(length * PRIME64_1));
    const high = this.#merge(117, u64(~(length * PRIME64_2)));
    return ((high << 64n) | low).toString(16).padStart(32, '0');
  }

  #take(view: DataView, at: number): void {
    this.#load(view, at);
    this.#accumulate(STRIPE_KEYS[this.#stripes] ?? LAST_KEY);
    this.#stripes += 1;
    if (this.#stripes < STRIPES_A_BLOCK) return;
    this.#stripes = 0;
    this.#scramble();
  }

  #load(view: DataView, at: number): void {
    for (let word = 0; word < LANES * 2; word += 1) this.#stripe[word] = view.getUint32(at + word * 4, true);
  }

  #accumulate(key: Uint32Array): void {
    for (let word = 0; word < LANES * 2; word += 2) {
      const low = this.#stripe[word] ?? 0;
      const high = this.#stripe[word + 1] ?? 0;
      // A lane's data goes to its neighbour, the product of its keyed halves to itself.
      this.#add(word ^ 2, low, high);
      const a = (low ^ (key[word] ?? 0)) >>> 0;
      const b = (high ^ (key[word + 1] ?? 0)) >>> 0;
      this.#add(word, Math.imul(a, b) >>> 0, highProduct(a, b));
    }
  }

  #add(word: number, low: number, high: number): void {
    const sum = (this.#acc[word] ?? 0) + low;
    this.#acc[word] = sum;
    // Stores wrap at 32 bits; the carry is what did not fit.
    this.#acc[word + 1] = (this.#acc[word + 1] ?? 0) + high + (sum > 0xffffffff ? 1 : 0);
  }

  #scramble(): void {
    for (let word = 0; word < LANES * 2; word += 2) {
      const low = this.#acc[word] ?? 0;
      const high = this.#acc[word + 1] ?? 0;
      // x ^ (x >> 47) touches the low word alone, with the upper 17 bits.
      const a = (low ^ (high >>> 15) ^ (SCRAMBLE_KEY[word] ?? 0)) >>> 0;
      const b = (high ^ (SCRAMBLE_KEY[word + 1] ?? 0)) >>> 0;
      this.#acc[word] = Math.imul(a, PRIME32_1);
      this.#acc[word + 1] = highProduct(a, PRIME32_1) + (Math.imul(b, PRIME32_1) >>> 0);
    }
  }

  #merge(offset: number, start: bigint): bigint {
    const lane = (index: number): bigint => {
      const word = BigInt(this.#acc[index * 2] ?? 0) | (BigInt(this.#acc[index * 2 + 1] ?? 0) << 32n);
      return word ^ SECRET.readBigUInt64LE(offset + index * 8);
    };
    let sum = start;
    for (let index = 0; index < LANES; index += 2) {
      const product = lane(index) * lane(index + 1);
      sum = u64(sum + (u64(product) ^ (product >> 64n)));
    }
    sum ^= sum >> 37n;
    sum = u64(sum * 0x165667919e3779f9n);
    return sum ^ (sum >> 32n);
  }
}

/** Upper 32 bits of the product of two 32-bit numbers, in halves of 16 that doubles hold exactly. */
function highProduct(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = (middle & 0xffff) + aLow * bHigh;
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(carry / 0x10000)) >>> 0;
}
