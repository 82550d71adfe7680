import type { RelativePath } from '../../machines/ids.ts';
import type { DriveStore } from '../media-ports.ts';
import { c4OnDrive, replaceChain, writeGeneration } from './generation-store.ts';
import type { Generation, MhlHistory } from './history.ts';
import type { ChainEntry, GenerationHeader, GenerationItem } from './mhl-writer.ts';
import { ascmhlOf, below } from './names.ts';

/** About 35 MB of text at most for paths as cameras and people make them; more items get a further generation. */
export const MAX_ITEMS_A_GENERATION = 100_000;

/**
 * Appends generations to the history of one root, ours or one that another tool began: what the chain says of earlier
 * generations is kept as it is. Generations that a power cut kept out of the chain are taken in, when they are whole.
 */
export class HistoryWriter {
  readonly #store: DriveStore;
  readonly #root: RelativePath;
  readonly #history: MhlHistory;
  readonly #chain: ChainEntry[];
  readonly #written: RelativePath[] = [];

  private constructor(store: DriveStore, root: RelativePath, history: MhlHistory, chain: ChainEntry[]) {
    this.#store = store;
    this.#root = root;
    this.#history = history;
    this.#chain = chain;
  }

  /** What no chain names must have been read in `history`: its problems tell which of it is broken. */
  static async open(store: DriveStore, root: RelativePath, history: MhlHistory): Promise<HistoryWriter> {
    return new HistoryWriter(store, root, history, await wholeChain(store, history));
  }

  /** New generations, in the order in which they were written. */
  get written(): readonly RelativePath[] {
    return this.#written;
  }

  /** Every generation that the chain names and that lies on the drive. */
  get settled(): readonly RelativePath[] {
    const lost = new Set(this.#history.generations.filter(({ isThere }) => !isThere).map(({ path }) => path));
    return this.#chain.map(({ name }) => below(ascmhlOf(this.#root), name)).filter((path) => !lost.has(path));
  }

  /** At least one item, at most `MAX_ITEMS_A_GENERATION`. Durable, but without a chain entry until `finish`. */
  async add(header: GenerationHeader, items: Iterable<GenerationItem>): Promise<void> {
    const first = lastSequence(this.#history, this.#chain) + 1;
    const entry = await writeGeneration(this.#store, this.#root, first, header, items);
    this.#chain.push(entry);
    this.#written.push(below(ascmhlOf(this.#root), entry.name));
  }

  /** Writes the chain, unless the one on the drive has the same entries already. */
  async finish(): Promise<void> {
    const before = this.#history.generations.filter((known) => known.c4 !== null).length;
    if (this.#chain.length > before) await replaceChain(this.#store, this.#root, this.#history, this.#chain);
  }
}

/** The chain on the drive, and whole generations that a power cut kept out of it, in order. */
async function wholeChain(store: DriveStore, history: MhlHistory): Promise<ChainEntry[]> {
  const broken = new Set(
    history.problems.filter((problem) => problem.why === 'altered').map((problem) => problem.path),
  );
  const chain: ChainEntry[] = [];
  for (const { sequence, name, c4, path } of history.generations) {
    if (c4 !== null) chain.push({ sequence, name, c4 });
    else if (!broken.has(path)) chain.push({ sequence, name, c4: await c4OnDrive(store, path) });
  }
  return chain;
}

/** Of every generation on the drive, those included that vouch for nothing: a number is never used twice. */
function lastSequence(history: MhlHistory, chain: readonly ChainEntry[]): number {
  const all: readonly Pick<Generation, 'sequence'>[] = [...history.generations, ...chain];
  return all.reduce((last, { sequence }) => Math.max(last, sequence), 0);
}
