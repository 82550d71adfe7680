import { createHash } from 'node:crypto';
import { Xxh64, xxh3 } from '@node-rs/xxhash';
import { c4OfSha512 } from './c4.ts';
import type { HashFormat } from './mhl-reader.ts';
import { Xxh128 } from './xxh128.ts';

export interface RunningHash {
  /** Takes the next bytes; they may be overwritten afterwards. */
  update(bytes: Uint8Array): unknown;
  /** As a manifest writes it. Once. */
  digest(): string;
}

const hex64 = (value: bigint): string => value.toString(16).padStart(16, '0');

function ofCrypto(algorithm: 'md5' | 'sha1'): RunningHash {
  const hash = createHash(algorithm);
  return { update: (bytes) => hash.update(bytes), digest: () => hash.digest('hex') };
}

function ofXxh(hash: { update(bytes: Uint8Array): unknown; digest(): bigint }): RunningHash {
  return { update: (bytes) => hash.update(bytes), digest: () => hex64(hash.digest()) };
}

function ofC4(): RunningHash {
  const hash = createHash('sha512');
  return { update: (bytes) => hash.update(bytes), digest: () => c4OfSha512(hash.digest()) };
}

const HASHERS = {
  xxh64: () => ofXxh(new Xxh64()),
  xxh3: () => ofXxh(xxh3.Xxh3.withSeed(0n)),
  xxh128: () => new Xxh128(),
  md5: () => ofCrypto('md5'),
  sha1: () => ofCrypto('sha1'),
  c4: ofC4,
} as const satisfies Record<HashFormat, () => RunningHash>;

/** A hash of ASC MHL v2.0 over a stream, in any pieces. */
export const createManifestHash = (format: HashFormat): RunningHash => HASHERS[format]();
