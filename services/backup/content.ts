import { Xxh64 } from '@node-rs/xxhash';

/** `contract.md` section 4: a known file is told by its first 64 KiB. */
export const HEAD_BYTES = 64 * 1024;

/** What was read from the card under one path. */
export interface Content {
  readonly sizeBytes: number;
  /** Modification time at opening, ms since 1970 UTC. */
  readonly mtimeMs: number;
  /** 16 hexadecimal digits. */
  readonly xxh64: string;
  readonly headXxh64: string;
}

/** Hashes a file and its head in one pass. */
export class ContentHash {
  readonly #all = new Xxh64();
  readonly #head = new Xxh64();
  #bytes = 0;

  update(bytes: Uint8Array): void {
    const room = HEAD_BYTES - this.#bytes;
    if (room > 0) this.#head.update(bytes.subarray(0, room));
    this.#all.update(bytes);
    this.#bytes += bytes.length;
  }

  digest(): Pick<Content, 'xxh64' | 'headXxh64'> {
    return { xxh64: hex(this.#all), headXxh64: hex(this.#head) };
  }
}

const hex = (hash: Xxh64): string => hash.digest().toString(16).padStart(16, '0');

/** One content has one key. */
export const keyOf = (content: Pick<Content, 'sizeBytes' | 'xxh64'>): string =>
  `${content.sizeBytes}/${content.xxh64}`;
