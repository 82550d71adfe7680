import { createHash } from 'node:crypto';
import { Xxh64 } from '@node-rs/xxhash';
import type { RelativePath } from '../../machines/ids.ts';
import { DriveError } from '../errors.ts';
import type { DriveStore } from '../media-ports.ts';
import { c4OfSha512, c4OfText } from './c4.ts';
import type { MhlHistory } from './history.ts';
import {
  type ChainEntry,
  chainText,
  type GenerationHeader,
  type GenerationItem,
  generationText,
} from './mhl-writer.ts';
import { ascmhlOf, below, chainOf, generationName } from './names.ts';

/** Names that something else has taken at this very second; more is no accident. */
const MAX_TAKEN = 100;

/**
 * Writes a generation under the first free number from `first`, durably, and reads it back; the text of it is never held
 * as a whole. Throws `DriveError`; `drive-not-writable` when the next 100 names are taken.
 */
export async function writeGeneration(
  store: DriveStore,
  root: RelativePath,
  first: number,
  header: GenerationHeader,
  items: Iterable<GenerationItem>,
): Promise<ChainEntry> {
  const hashed = new HashedText();
  const names = Array.from({ length: MAX_TAKEN }, (_, at) => generationName(first + at, root, header.at));
  const paths = names.map((name) => below(ascmhlOf(root), name));
  const path = await store.writeNew(paths, hashed.of(generationText(header, items)));
  if (path === null) {
    throw new DriveError('drive-not-writable', `${ascmhlOf(root)}: the next ${MAX_TAKEN} names are taken`);
  }
  const { c4, xxh64 } = hashed.end();
  await assertOnMedium(store, path, xxh64);
  const at = paths.indexOf(path);
  return { sequence: first + at, name: names[at] ?? '', c4 };
}

/** Hashes a text while it is written. */
class HashedText {
  readonly #sha512 = createHash('sha512');
  readonly #xxh64 = new Xxh64();

  *of(pieces: Iterable<string>): Generator<string> {
    for (const piece of pieces) {
      this.#sha512.update(piece);
      this.#xxh64.update(piece);
      yield piece;
    }
  }

  end(): { readonly c4: string; readonly xxh64: string } {
    return { c4: c4OfSha512(this.#sha512.digest()), xxh64: hex(this.#xxh64.digest()) };
  }
}

const hex = (hash: bigint): string => hash.toString(16).padStart(16, '0');

/** A chain that could not be read is kept beside the new one: it may be the proof that somebody altered it. */
export async function replaceChain(
  store: DriveStore,
  root: RelativePath,
  history: MhlHistory,
  chain: readonly ChainEntry[],
): Promise<void> {
  const path = chainOf(root);
  const unreadable = history.problems.some((problem) => problem.path === path && problem.why === 'altered');
  const old = unreadable ? await store.readText(path) : null;
  if (old !== null)
    await store.writeNew([below(ascmhlOf(root), `ascmhl_chain.damaged-${c4OfText(old)}.txt`)], [old]);
  const text = chainText(chain);
  await store.replaceOwn(path, text);
  await assertOnMedium(store, path, hex(new Xxh64().update(text).digest()));
}

async function assertOnMedium(store: DriveStore, path: RelativePath, wanted: string): Promise<void> {
  const { xxh64 } = await store.readBack(path);
  if (xxh64 === wanted) return;
  throw new DriveError('drive-failing', `${path}: reads back differently from what was written`);
}

/** C4 of a manifest as the drive has it. */
export async function c4OnDrive(store: DriveStore, path: RelativePath): Promise<string> {
  const text = await store.readText(path);
  if (text === null) throw new DriveError('drive-failing', `${path}: was there a moment ago`);
  return c4OfText(text);
}
