import type { RelativePath } from '../../machines/ids.ts';
import { PathHashes, PathSet } from './path-set.ts';

/** What a verification of a whole drive read, kept in little memory until `sealReread` writes it down: 80 bytes a file. */
export class RereadLog {
  readonly #hashes = new PathHashes();
  readonly #failed = new PathSet();
  readonly #unreadable = new PathSet();

  /**
   * One file, once. `xxh64` is what was read now, 16 hexadecimal digits; null where it could not be read, or was read
   * in another format.
   */
  add(path: RelativePath, finding: 'intact' | 'altered' | 'missing', xxh64: string | null): void {
    if (finding === 'missing') return;
    if (finding === 'altered') (xxh64 === null ? this.#unreadable : this.#failed).add(path);
    if (xxh64 !== null) this.#hashes.add(path, xxh64);
  }

  /** Null for a file that was not read: it is new. */
  resultOf(path: RelativePath): Reread | null {
    if (this.#unreadable.has(path)) return { xxh64: null, action: 'failed' };
    const xxh64 = this.#hashes.get(path);
    return xxh64 === null ? null : { xxh64, action: this.#failed.has(path) ? 'failed' : 'verified' };
  }
}

export interface Reread {
  /** Null where the file could not be read: nothing can be said of it, nor of the folders above it. */
  readonly xxh64: string | null;
  readonly action: 'original' | 'verified' | 'failed';
}
