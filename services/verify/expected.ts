import type { RelativePath } from '../../machines/ids.ts';
import type { Generation } from '../manifest/history.ts';
import type { HashFormat, HashValue } from '../manifest/mhl-reader.ts';
import type { Copy } from '../ports.ts';

/** A file as a manifest or the journal says that it is. */
export interface Expected {
  readonly path: RelativePath;
  readonly sizeBytes: number | null;
  /** Null when nothing vouches for it. */
  readonly hash: HashValue | null;
  /** It stands at no place of its own: when it goes on after an interruption it is read again. */
  readonly isLast?: boolean;
  /** Neither a manifest nor the journal says anything of it. */
  readonly isNew?: boolean;
  /** A new one is read in this format. Default XXH64. */
  readonly readAs?: HashFormat;
  /** The manifest that says so; null for the journal. */
  readonly generation: Pick<Generation, 'path' | 'c4'> | null;
}

export const expectedOf = ({ to, sizeBytes, xxh64 }: Pick<Copy, 'to' | 'sizeBytes' | 'xxh64'>): Expected => ({
  path: to,
  sizeBytes,
  hash: { format: 'xxh64', value: xxh64 },
  generation: null,
});
