import type { Fact } from '../../machines/facts.ts';
import type { RelativePath } from '../../machines/ids.ts';
import { isAsRecorded } from '../library/as-recorded.ts';
import type { DriveStore } from '../media-ports.ts';
import type { Copy } from '../ports.ts';
import { type Content, keyOf } from './content.ts';
import type { DriveContext } from './drive-context.ts';

/** A copy that may stand for a file of the card, and what the drive says of it now. */
export interface Trusted {
  readonly to: RelativePath;
  readonly toMtimeMs: number;
}

export type LostCopies = Extract<Fact, { readonly type: 'CopiesLost' }>['files'];

export type Fault = 'missing' | 'altered';

type Recorded = Pick<Copy, 'to' | 'sizeBytes' | 'toMtimeMs'>;

export interface Look {
  /** Null where size and time on the drive are those recorded, else what it seems to be. */
  readonly fault: Fault | null;
  /** Which file it is (`FoundFile.file`); null where there is none. */
  readonly file: string | null;
}

/** Of each, in their order. Throws `DriveError`. */
export async function looksAt(store: DriveStore, copies: readonly Recorded[]): Promise<readonly Look[]> {
  const found = await store.statAll(copies.map(({ to }) => to));
  return copies.map((copy, at) => {
    const there = found[at] ?? null;
    if (there === null) return { fault: 'missing', file: null };
    return { fault: isAsRecorded(store, copy, there) ? null : 'altered', file: there.file };
  });
}

/** `Look.fault` of each. Throws `DriveError`. */
export const faultsOf = async (store: DriveStore, copies: readonly Recorded[]) =>
  (await looksAt(store, copies)).map(({ fault }) => fault);

/** Verified, and as well as this drive allows: a copy read from the cache on a drive that gives its medium is not. */
export function isVerified(store: DriveStore, copy: Copy): boolean {
  return (
    copy.state === 'verified' &&
    (copy.verifiedFrom === 'medium' || copy.verifiedFrom === store.rules.verifiedFrom)
  );
}

/**
 * Looks at a recorded copy on the drive: verified and as recorded is enough; one that a manifest claims, or that was
 * touched since, is read back from the medium first. What is the very file of the card, or of another drive (a hard
 * link), is `no-copy`. Throws `DriveError`.
 */
export async function examine(
  copy: Copy,
  content: Pick<Content, 'file'>,
  { store, source, claim, onReadBack }: Pick<DriveContext, 'store' | 'source' | 'claim' | 'onReadBack'>,
): Promise<{ readonly trusted: Trusted } | { readonly lost: Fault } | 'no-copy'> {
  const found = await store.stat(copy.to);
  if (found === null) return { lost: 'missing' };
  if (found.file === content.file || !claim(found.file)) return 'no-copy';
  const trusted = { to: copy.to, toMtimeMs: found.mtimeMs };
  if (isVerified(store, copy) && isAsRecorded(store, copy, found)) return { trusted };
  if (found.sizeBytes !== copy.sizeBytes) return { lost: 'altered' };
  const result = await store.readBack(copy.to, async () => source.check());
  onReadBack(result);
  if (keyOf(result) !== keyOf(copy)) return { lost: 'altered' };
  // Its owner may have moved it here a moment ago: its name has to be durable before it is recorded.
  await store.settle([copy.to]);
  return { trusted };
}
