import type { RelativePath } from '../../machines/ids.ts';
import type { ManifestHash } from '../../machines/media.ts';
import { PathHashes, PathSet, PathTexts } from './path-set.ts';

/**
 * What a verification of a whole drive read, kept in little memory until `sealReread` writes it down: 80 bytes a file,
 * and those of `PathTexts` for a hash that the journal does not have.
 */
export class RereadLog {
  readonly #hashes = new PathHashes();
  readonly #failed = new PathSet();
  readonly #unreadable = new PathSet();
  readonly #new = new PathSet();
  readonly #otherwise = new PathSet();
  readonly #also = new PathTexts();
  readonly #from = new Map<RelativePath, RelativePath>();
  /** What the manifest is to have beside XXH64; null for nothing. */
  readonly format: ManifestHash['format'] | null;

  constructor(format: ManifestHash['format'] | null = null) {
    this.format = format;
  }

  /**
   * One file, once. `xxh64` is what was read now, 16 hexadecimal digits; null where it could not be read, or was read
   * in another format. `new`: neither a manifest nor the journal knew it. `also`: in `format`, read at the same time; null
   * where it was not, or where it is what the journal has for that content.
   */
  add(
    path: RelativePath,
    finding: 'intact' | 'altered' | 'missing' | 'new',
    xxh64: string | null,
    also: string | null = null,
  ): void {
    if (finding === 'missing') return;
    if (finding !== 'intact' && xxh64 === null) this.#unreadable.add(path);
    else if (finding === 'altered') this.#failed.add(path);
    else if (finding === 'new') this.#new.add(path);
    else if (xxh64 === null) this.#otherwise.add(path);
    if (xxh64 !== null) this.#hashes.add(path, xxh64);
    if (xxh64 !== null && also !== null) this.#also.add(path, also);
  }

  /** A new file is a missing one under another name: as many as `Renames` finds. */
  renamed(path: RelativePath, from: RelativePath): void {
    this.#from.set(path, from);
  }

  /** It is intact by another format, and its XXH64 is not known. */
  lacks(path: RelativePath): boolean {
    return this.#otherwise.has(path) && this.#hashes.get(path) === null;
  }

  /** Null for a file that was not read: it came later. */
  resultOf(path: RelativePath): Reread | null {
    if (this.#unreadable.has(path)) return { xxh64: null, action: 'failed' };
    const xxh64 = this.#hashes.get(path);
    if (xxh64 === null) return null;
    const value = this.#also.get(path);
    const from = this.#from.get(path);
    const read = {
      xxh64,
      ...(this.format === null || value === null ? {} : { hash: { format: this.format, value } }),
      ...(from === undefined ? {} : { from }),
    };
    if (this.#failed.has(path)) return { ...read, action: 'failed' };
    return { ...read, action: this.#new.has(path) ? 'original' : 'verified' };
  }
}

export interface Reread {
  /** Null where the file could not be read: nothing can be said of it, nor of the folders above it. */
  readonly xxh64: string | null;
  /** In the log's format; absent where the journal is asked for it. */
  readonly hash?: ManifestHash;
  /** Where it was listed before somebody renamed it. */
  readonly from?: RelativePath;
  readonly action: 'original' | 'verified' | 'failed';
}
