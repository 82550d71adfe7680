/** Largest packet of multicast DNS (RFC 6762, section 17). */
const MAX_BYTES = 9000;
const HEADER_BYTES = 12;
/** Questions and records of all sections; a network full of printers sends forty. */
const MAX_ENTRIES = 256;
/** Decoded at most: what is more is a flood, and copying has the processor. */
const BYTES_EACH_SECOND = 64 * 1024;
/** The costliest name takes 20 µs. */
const ENTRIES_EACH_SECOND = 1024;

/**
 * Lets through what may be about the box, before anything is decoded: most of what a network says is not, and names that
 * point to names make a packet costly.
 */
export class Sieve {
  /** Labels of our names, in small letters: compressed or not, they stand in a packet that has such a name. */
  readonly #labels: readonly string[];
  #second = { sinceMs: Number.NEGATIVE_INFINITY, bytes: 0, entries: 0 };

  constructor(labels: readonly string[]) {
    this.#labels = labels;
  }

  lets(packet: Buffer, nowMs: number): boolean {
    if (packet.length < HEADER_BYTES || packet.length > MAX_BYTES) return false;
    const entries = [4, 6, 8, 10].reduce((sum, at) => sum + packet.readUInt16BE(at), 0);
    if (entries > MAX_ENTRIES) return false;
    const text = packet.toString('latin1').toLowerCase();
    if (!this.#labels.some((label) => text.includes(label))) return false;
    if (nowMs - this.#second.sinceMs >= 1000) this.#second = { sinceMs: nowMs, bytes: 0, entries: 0 };
    this.#second.bytes += packet.length;
    this.#second.entries += entries;
    return this.#second.bytes <= BYTES_EACH_SECOND && this.#second.entries <= ENTRIES_EACH_SECOND;
  }
}
