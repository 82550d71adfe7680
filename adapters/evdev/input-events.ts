/** The part of `struct input_event` that counts (include/uapi/linux/input.h). */
export interface KeyChange {
  /** True pressed, false released, null: events were lost, and nobody knows. */
  readonly pressed: boolean | null;
  readonly code: number;
  /** When the kernel saw it, by the clock of the day. */
  readonly atMs: number;
}

const EV_SYN = 0;
const EV_KEY = 1;
const SYN_DROPPED = 3;
const RELEASED = 0;
const PRESSED = 1;

/** Two longs of time, then type, code and value. A 32-bit program gets 32-bit longs, also from a 64-bit kernel. */
export function eventBytes(arch: string): 16 | 24 {
  return arch === 'arm' || arch === 'ia32' ? 16 : 24;
}

/** Cuts a stream of bytes into events. Little endian, as every machine that imagetank runs on. Autorepeat is left out. */
export class InputEvents {
  readonly #size: 16 | 24;
  #rest: Buffer = Buffer.alloc(0);

  constructor(size: 16 | 24) {
    this.#size = size;
  }

  read(bytes: Uint8Array): KeyChange[] {
    const all = Buffer.concat([this.#rest, bytes]);
    const whole = all.length - (all.length % this.#size);
    this.#rest = all.subarray(whole);
    const changes: KeyChange[] = [];
    for (let at = 0; at < whole; at += this.#size) {
      const type = all.readUInt16LE(at + this.#size - 8);
      const code = all.readUInt16LE(at + this.#size - 6);
      const value = all.readInt32LE(at + this.#size - 4);
      const atMs = this.#timeOf(all, at);
      if (type === EV_SYN && code === SYN_DROPPED) changes.push({ pressed: null, code, atMs });
      if (type === EV_KEY && (value === PRESSED || value === RELEASED)) {
        changes.push({ pressed: value === PRESSED, code, atMs });
      }
    }
    return changes;
  }

  /** Seconds and microseconds. */
  #timeOf(bytes: Buffer, at: number): number {
    const [seconds, micros] =
      this.#size === 16
        ? [bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4)]
        : [Number(bytes.readBigUInt64LE(at)), Number(bytes.readBigUInt64LE(at + 8))];
    return seconds * 1000 + micros / 1000;
  }

  /** Half an event of a device that went away is not the beginning of one of the next. */
  forget(): void {
    this.#rest = Buffer.alloc(0);
  }
}
