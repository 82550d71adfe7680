/** What an emulated machine takes for a disk: bytes that are read and written at once, in the order they are asked for. */
import { readSync } from 'node:fs';

export interface Disk {
  readonly sizeBytes: number;
  read(offset: number, length: number): Buffer;
  /** Done when it returns, as far as the machine can tell; on the medium only after a `flush`. */
  write(offset: number, bytes: Buffer): void;
  flush(): void;
}

const BLOCK_BYTES = 4096;

/** A disk that shows another one, and forgets what was written to it. */
export class Overlay implements Disk {
  readonly sizeBytes: number;
  readonly #below: Pick<Disk, 'read'>;
  readonly #written = new Map<number, Buffer>();

  constructor(below: Pick<Disk, 'read'>, sizeBytes: number) {
    this.#below = below;
    this.sizeBytes = sizeBytes;
  }

  forget(): void {
    this.#written.clear();
  }

  read(offset: number, length: number): Buffer {
    const bytes = Buffer.from(this.#below.read(offset, length));
    if (this.#written.size === 0) return bytes;
    for (const { block, from, to, at } of pieces(offset, length)) {
      this.#written.get(block)?.copy(bytes, at, from, to);
    }
    return bytes;
  }

  write(offset: number, bytes: Buffer): void {
    for (const { block, from, to, at } of pieces(offset, bytes.length)) {
      const own = this.#written.get(block) ?? Buffer.from(this.#below.read(block * BLOCK_BYTES, BLOCK_BYTES));
      bytes.copy(own, from, at, at + to - from);
      this.#written.set(block, own);
    }
  }

  flush(): void {}
}

/** A range cut at the borders of blocks: from where to where in each block, and where that lies in the range. */
function* pieces(offset: number, length: number) {
  for (let at = 0; at < length; ) {
    const block = Math.floor((offset + at) / BLOCK_BYTES);
    const from = (offset + at) % BLOCK_BYTES;
    const to = Math.min(BLOCK_BYTES, from + length - at);
    yield { block, from, to, at };
    at += to - from;
  }
}

/** Bytes of a file; what lies behind its end is zero, as on the rest of a larger disk. */
export function readFully(file: number, offset: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let done = 0; done < length; ) {
    const count = readSync(file, bytes, done, length - done, offset + done);
    if (count === 0) break;
    done += count;
  }
  return bytes;
}
