import { Xxh64, xxh64 } from '@node-rs/xxhash';
import type { ManifestHash } from '../../machines/media.ts';
import { createManifestHash, type RunningHash } from '../manifest/hashers.ts';
import { isOneByte } from './suspect-card.ts';

/** `contract.md` section 4: a known file is told by its first 64 KiB. */
export const HEAD_BYTES = 64 * 1024;

/** What was read from the card under one path. */
export interface Content {
  readonly sizeBytes: number;
  /** Modification time at opening, ms since 1970 UTC. */
  readonly mtimeMs: number;
  /** Which file it was read from: `CardFile.file`. */
  readonly file: string;
  /** 16 hexadecimal digits. */
  readonly xxh64: string;
  readonly headXxh64: string;
  /** Its first 4 KiB are one byte over and over, as of flash that was never written. */
  readonly beginsBlank: boolean;
  /** In the format of the manifest, where that is not XXH64. */
  readonly hash?: ManifestHash;
}

/** Hashes a file and its head in one pass, and what its manifest asks for beside. */
export class ContentHash {
  readonly #all = new Xxh64();
  readonly #head = new Xxh64();
  readonly #format: ManifestHash['format'] | null;
  readonly #other: RunningHash | null;
  #bytes = 0;
  #beginsBlank = false;

  constructor(format: ManifestHash['format'] | null) {
    this.#format = format;
    this.#other = format === null ? null : createManifestHash(format);
  }

  update(bytes: Uint8Array): void {
    const room = HEAD_BYTES - this.#bytes;
    if (this.#bytes === 0) this.#beginsBlank = isOneByte(bytes);
    if (room > 0) this.#head.update(bytes.subarray(0, room));
    this.#all.update(bytes);
    this.#other?.update(bytes);
    this.#bytes += bytes.length;
  }

  digest(): Pick<Content, 'xxh64' | 'headXxh64' | 'beginsBlank' | 'hash'> {
    const both = { xxh64: hex(this.#all), headXxh64: hex(this.#head), beginsBlank: this.#beginsBlank };
    if (this.#format === null || this.#other === null) return both;
    return { ...both, hash: { format: this.#format, value: this.#other.digest() } };
  }
}

const hex = (hash: Xxh64): string => hash.digest().toString(16).padStart(16, '0');

/** `Content.headXxh64` of a file's beginning. */
export const headHash = (start: Uint8Array): string =>
  xxh64(start.subarray(0, HEAD_BYTES)).toString(16).padStart(16, '0');

/** One content has one key. */
export const keyOf = (content: Pick<Content, 'sizeBytes' | 'xxh64'>): string =>
  `${content.sizeBytes}/${content.xxh64}`;
