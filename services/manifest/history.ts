import type { RelativePath } from '../../machines/ids.ts';
import { c4OfText } from './c4.ts';
import { isManifestError, ManifestError } from './manifest-error.ts';
import {
  type ListedFile,
  MAX_CHAIN_ENTRIES,
  type ManifestItem,
  readChain,
  readGeneration,
} from './mhl-reader.ts';
import type { ChainEntry } from './mhl-writer.ts';
import { ascmhlOf, below, chainOf, sequenceOf } from './names.ts';
import { inChunks } from './xml-reader.ts';

/** Where histories are read from: a `DriveStore` or a `FolderReader`. */
export interface HistorySource {
  /** Names in a folder; empty when it does not exist. */
  list(folder: RelativePath): Promise<readonly string[]>;
  /** Null when there is no regular file. */
  stat(path: RelativePath): Promise<{ readonly sizeBytes: number } | null>;
  /** UTF-8. Null when there is no regular file. */
  readText(path: RelativePath): Promise<string | null>;
}

/** What is wrong with the manifests themselves. */
export interface ManifestProblem {
  /** Of the manifest, chain or missing generation, in the source. */
  readonly path: RelativePath;
  /**
   * `altered`: its bytes are not those of the chain, or it cannot be read; `missing`: the chain names it and it is not
   * there; `unlisted`: it is whole, but no chain names it (a power cut came between the two).
   */
  readonly why: 'altered' | 'missing' | 'unlisted';
  readonly detail: string;
  /** How much of what stands there, or should, is held against files all the same. */
  readonly held: 'nothing' | 'part' | 'all';
}

/** Of a hostile path in a problem; it may have 65,536. */
const MAX_TOLD_CHARS = 200;

export interface Generation extends Pick<ChainEntry, 'sequence' | 'name'> {
  /** From the chain; null for a generation that no chain names. */
  readonly c4: string | null;
  readonly path: RelativePath;
  /** False where only the chain names it. */
  readonly isThere: boolean;
}

/** A file of a history, with its path in the source. */
export interface HistoryFile extends Omit<ListedFile, 'kind'> {
  readonly generation: Generation;
}

/** More is no manifest: 64 MiB, ten times a generation of ours. */
export const MAX_MANIFEST_BYTES = 64 * 1024 * 1024;

/** Reads a chain and the names of the generations; no generation is opened yet. */
export async function openHistory(source: HistorySource, root: RelativePath | null): Promise<MhlHistory> {
  const names = (await source.list(ascmhlOf(root))).filter((name) => sequenceOf(name) !== null);
  if (names.length > MAX_CHAIN_ENTRIES) {
    throw new ManifestError('limit', `more than ${MAX_CHAIN_ENTRIES} generations in ${ascmhlOf(root)}`);
  }
  const problems: ManifestProblem[] = [];
  const chain = await loadChain(source, root, names.length > 0, problems);
  const chained = new Set(chain.map((entry) => entry.name));
  const there = new Set(names);
  const generations: Generation[] = [
    ...chain,
    ...names
      .filter((name) => !chained.has(name))
      .map((name) => ({ name, sequence: sequenceOf(name) ?? 0, c4: null })),
  ].map((entry) => ({
    ...entry,
    path: below(ascmhlOf(root), entry.name),
    isThere: there.has(entry.name),
  }));
  generations.sort((a, b) => a.sequence - b.sequence || (a.name < b.name ? -1 : 1));
  return new MhlHistory(source, root, generations, problems);
}

async function loadChain(
  source: HistorySource,
  root: RelativePath | null,
  expected: boolean,
  problems: ManifestProblem[],
): Promise<readonly ChainEntry[]> {
  const path = chainOf(root);
  try {
    const text = await readBounded(source, path);
    if (text !== null) return readChain(text);
    if (expected)
      problems.push({ path, why: 'missing', detail: 'there are generations, but no chain', held: 'all' });
    return [];
  } catch (error) {
    if (!isManifestError(error)) throw error;
    problems.push({ path, why: 'altered', detail: error.message, held: 'all' });
    return [];
  }
}

async function readBounded(source: HistorySource, path: RelativePath): Promise<string | null> {
  const stat = await source.stat(path);
  if (stat === null) return null;
  if (stat.sizeBytes > MAX_MANIFEST_BYTES) {
    throw new ManifestError('limit', `${path}: ${stat.sizeBytes} bytes, more than ${MAX_MANIFEST_BYTES}`);
  }
  return source.readText(path);
}

/** The history below one root: an `ascmhl` folder with its chain and generations. */
export class MhlHistory {
  readonly root: RelativePath | null;
  /** Oldest first. */
  readonly generations: readonly Generation[];
  /** Grows while generations are read. */
  readonly problems: ManifestProblem[];
  /** Patterns of every generation that was read, each once. */
  readonly ignored = new Set<string>();
  /** Generations of histories further down: path in the source, and the C4 it had. */
  readonly references = new Map<RelativePath, string>();
  readonly #source: HistorySource;

  constructor(
    source: HistorySource,
    root: RelativePath | null,
    generations: readonly Generation[],
    problems: ManifestProblem[],
  ) {
    this.#source = source;
    this.root = root;
    this.generations = generations;
    this.problems = problems;
  }

  /** True for one that no chain names and that is not whole: it is never taken into a chain, nor does a seal rely on it. */
  isLeftOut({ path, c4 }: Generation): boolean {
    return c4 === null && this.problems.some((known) => known.path === path && known.why === 'altered');
  }

  /** This history with the generations that are not among `known`; problems are noted in both. */
  without(known: ReadonlySet<RelativePath>): MhlHistory {
    const rest = this.generations.filter(({ path }) => !known.has(path));
    return new MhlHistory(this.#source, this.root, rest, this.problems);
  }

  /**
   * Every entry of every generation that is what its chain says, newest generation first: the first entry of a path is
   * the one that counts. A generation that no chain names counts when it is whole; what is altered, damaged or missing
   * vouches for nothing and becomes a problem. One generation's text is in memory at a time.
   */
  async *files(): AsyncGenerator<HistoryFile> {
    for (const generation of this.generations.toReversed()) {
      const text = await this.#textOf(generation);
      if (text === null) continue;
      for (const item of this.#items(generation, text)) {
        if (item.kind === 'file') yield this.#located(item, generation);
        else this.#note(item, generation);
      }
    }
  }

  /** Null, and a problem, when the generation cannot be used. */
  async #textOf(generation: Generation): Promise<string | null> {
    const { path, c4 } = generation;
    const text = await readBounded(this.#source, path).catch((error: unknown) => {
      if (!isManifestError(error)) throw error;
      this.#report(path, 'altered', error.message, 'nothing');
      return undefined;
    });
    if (text === null) this.#report(path, 'missing', 'the chain names it', 'nothing');
    if (text === null || text === undefined) return null;
    if (c4 === null) return this.#unlisted(path, text);
    if (c4OfText(text) === c4) return text;
    this.#report(path, 'altered', 'its C4 is not the one in the chain', 'nothing');
    return null;
  }

  #unlisted(path: RelativePath, text: string): string | null {
    const { damage, refused } = lookThrough(text);
    if (damage !== null) {
      this.#report(path, 'altered', damage, 'nothing');
      return null;
    }
    // No reason to drop the other lines.
    if (refused !== null) this.#refuse(path, refused);
    else this.#report(path, 'unlisted', 'no chain names it', 'all');
    return text;
  }

  *#items(generation: Generation, text: string): Generator<ManifestItem> {
    try {
      yield* readGeneration(inChunks(text));
    } catch (error) {
      if (!isManifestError(error)) throw error;
      this.#report(generation.path, 'altered', error.message, 'part');
    }
  }

  #located(item: ListedFile, generation: Generation): HistoryFile {
    const { sizeBytes, hashes } = item;
    const previousPath = item.previousPath === null ? null : below(this.root, item.previousPath);
    return { path: below(this.root, item.path), sizeBytes, hashes, previousPath, generation };
  }

  #note(item: Exclude<ManifestItem, ListedFile>, generation: Generation): void {
    if (item.kind === 'ignore') this.ignored.add(item.pattern);
    // Newest first: an older reference to the same generation is not newer knowledge.
    else if (item.kind === 'refused') this.#refuse(generation.path, item.path);
    else if (!this.references.has(below(this.root, item.path))) {
      this.references.set(below(this.root, item.path), item.c4);
    }
  }

  #refuse(manifest: RelativePath, path: string): void {
    const told = JSON.stringify(path.slice(0, MAX_TOLD_CHARS));
    this.#report(manifest, 'altered', `${told} is no path below its folder`, 'part');
  }

  /** Once a manifest and kind: a hostile one could refuse a million paths. */
  #report(
    path: RelativePath,
    why: ManifestProblem['why'],
    detail: string,
    held: ManifestProblem['held'],
  ): void {
    if (this.problems.some((known) => known.path === path && known.why === why)) return;
    this.problems.push({ path, why, detail, held });
  }
}

/** Whether a text is a whole generation, and the first path in it that is never opened. */
function lookThrough(text: string): { readonly damage: string | null; readonly refused: string | null } {
  let refused: string | null = null;
  try {
    for (const item of readGeneration(inChunks(text))) if (item.kind === 'refused') refused ??= item.path;
    return { damage: null, refused };
  } catch (error) {
    if (!isManifestError(error)) throw error;
    return { damage: error.message, refused };
  }
}
