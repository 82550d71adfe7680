import { createHash } from 'node:crypto';
import { Xxh64 } from '@node-rs/xxhash';
import type { RelativePath } from '../../machines/ids.ts';
import { DriveError } from '../errors.ts';
import type { DriveStore } from '../ports.ts';
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
 * Writes a generation under the first free number from `first`, durably, and reads it back. Throws `DriveError`;
 * `drive-not-writable` when the next 100 names are taken.
 */
export async function writeGeneration(
  store: DriveStore,
  root: RelativePath,
  first: number,
  header: GenerationHeader,
  items: readonly GenerationItem[],
): Promise<ChainEntry> {
  const hash = createHash('sha512');
  const chunks: string[] = [];
  for (const chunk of generationText(header, items)) {
    hash.update(chunk);
    chunks.push(chunk);
  }
  const c4 = c4OfSha512(hash.digest());
  for (let sequence = first; sequence < first + MAX_TAKEN; sequence += 1) {
    const name = generationName(sequence, root, header.at);
    const path = below(ascmhlOf(root), name);
    if ((await store.writeNew(path, chunks.join(''))) === 'taken') continue;
    await assertOnMedium(store, path, chunks);
    return { sequence, name, c4 };
  }
  throw new DriveError('drive-not-writable', `${ascmhlOf(root)}: the next ${MAX_TAKEN} names are taken`);
}

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
    await store.writeNew(below(ascmhlOf(root), `ascmhl_chain.damaged-${c4OfText(old)}.txt`), old);
  const text = chainText(chain);
  await store.replaceOwn(path, text);
  await assertOnMedium(store, path, [text]);
}

async function assertOnMedium(
  store: DriveStore,
  path: RelativePath,
  chunks: readonly string[],
): Promise<void> {
  const hash = new Xxh64();
  for (const chunk of chunks) hash.update(chunk);
  const { xxh64 } = await store.readBack(path);
  if (xxh64 === hash.digest().toString(16).padStart(16, '0')) return;
  throw new DriveError('drive-failing', `${path}: reads back differently from what was written`);
}

/** C4 of a manifest as the drive has it. */
export async function c4OnDrive(store: DriveStore, path: RelativePath): Promise<string> {
  const text = await store.readText(path);
  if (text === null) throw new DriveError('drive-failing', `${path}: was there a moment ago`);
  return c4OfText(text);
}
