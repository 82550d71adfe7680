import type { RelativePath } from '../../machines/ids.ts';
import type { FailedFile } from '../../machines/media.ts';
import { isCardError, messageOf } from '../errors.ts';
import { type ShotGroup, shotGroups } from '../library/groups.ts';
import { SpecialFiles } from '../library/special-files.ts';
import { isManifest } from '../manifest/card-history.ts';
import type { CardPath, CardReader, ScannedFailure, ScannedOther } from '../media-ports.ts';
import type { PlannedFile, PlanStore } from './ports.ts';
import { FileProblem, Stopped } from './problems.ts';
import type { Source } from './source.ts';

/** Ignored entries named in the plan, and how long each may be: a card of links must not make a fact of megabytes. */
const MAX_IGNORED_NAMED = 1000;
const MAX_IGNORED_LENGTH = 255;
const MAX_MANIFESTS = 1000;
/** Groups written to the store in one go: a transaction costs more than a row. */
const STORED_AT_ONCE = 128;

/**
 * What is on the card, by its first listing: a pulled card lists as empty without an error, so no later listing counts.
 * Every file in it must end copied, duplicate or failed. Its files lie in the store, not in memory.
 */
export interface CardPlan {
  /** Listed files and entries that could not even be listed. */
  readonly files: number;
  readonly bytes: number;
  /** The first 1,000. */
  readonly ignored: readonly RelativePath[];
  /** Links, pipes, sockets and devices among them: a line for their owner, null when there are none. */
  readonly specialNote: (label: string) => string | null;
  /** Of histories that a camera or another tool left on the card; the first 1,000. */
  readonly manifests: readonly RelativePath[];
  /** Could not even be listed; numbered behind the files. */
  unreadable(): Iterable<{ readonly index: number; readonly outcome: FailedFile }>;
  /** In the order of the scan. */
  groups(): Iterable<ShotGroup<PlannedFile>>;
  /** The file of this name; null when the listing had none. */
  find(file: CardPath): PlannedFile | null;
  /** Gives the scratch back; safe twice. */
  close(): void;
}

/**
 * Lists the whole card once, into the store, which is closed when this fails. Throws `Stopped`, `JournalError`, and
 * `FileProblem` when not even the root can be listed.
 */
export async function planCard(
  cards: CardReader,
  root: string,
  source: Source,
  store: PlanStore,
): Promise<CardPlan> {
  try {
    return await new Listing(cards, root, source, store).read();
  } catch (error) {
    store.close();
    if (!isCardError(error)) throw error;
    if (error.code === 'gone') throw new Stopped('card-removed', messageOf(error), error);
    throw new FileProblem('card-unreadable', messageOf(error), false, error);
  }
}

class Listing {
  readonly #cards: CardReader;
  readonly #root: string;
  readonly #source: Source;
  readonly #store: PlanStore;
  readonly #ignored: RelativePath[] = [];
  readonly #manifests: RelativePath[] = [];
  readonly #specials = new SpecialFiles();
  #unreadable: FailedFile[] = [];
  #failures = 0;
  #files = 0;
  #bytes = 0;

  constructor(cards: CardReader, root: string, source: Source, store: PlanStore) {
    this.#cards = cards;
    this.#root = root;
    this.#source = source;
    this.#store = store;
  }

  async read(): Promise<CardPlan> {
    let groups: ShotGroup<PlannedFile>[] = [];
    for await (const group of shotGroups(this.#planned())) {
      groups.push(group);
      if (groups.length < STORED_AT_ONCE) continue;
      this.#store.addGroups(groups);
      groups = [];
    }
    this.#store.addGroups(groups);
    this.#storeUnreadable();
    if (!(await this.#cards.isPresent(this.#root)))
      throw new Stopped('card-removed', `${this.#root} went away while it was listed`);
    return planOf(this.#store, this.#files, this.#failures, this.#bytes, {
      ignored: this.#ignored,
      manifests: this.#manifests,
      specialNote: (label) => this.#specials.note(label),
    });
  }

  async *#planned(): AsyncGenerator<PlannedFile> {
    for await (const entry of this.#cards.scan(this.#root)) {
      this.#source.check();
      if (entry.kind === 'unreadable') this.#fail(entry);
      else if (entry.kind === 'ignored') this.#ignore(entry);
      else {
        this.#bytes += entry.sizeBytes;
        if (this.#manifests.length < MAX_MANIFESTS && isManifest(entry.path))
          this.#manifests.push(entry.path);
        yield { ...entry, index: this.#files++ };
      }
    }
  }

  #ignore({ path, special }: ScannedOther): void {
    if (special !== undefined) this.#specials.add(path, special);
    if (this.#ignored.length < MAX_IGNORED_NAMED && path.length <= MAX_IGNORED_LENGTH)
      this.#ignored.push(path);
  }

  #fail({ path, pathBase64, detail }: ScannedFailure): void {
    const failed: FailedFile = { path, reason: 'card-unreadable', detail };
    this.#unreadable.push(pathBase64 === undefined ? failed : { ...failed, pathBase64 });
    this.#failures += 1;
    if (this.#unreadable.length >= STORED_AT_ONCE) this.#storeUnreadable();
  }

  #storeUnreadable(): void {
    this.#store.addUnreadable(this.#unreadable);
    this.#unreadable = [];
  }
}

function planOf(
  store: PlanStore,
  files: number,
  failures: number,
  bytes: number,
  named: Pick<CardPlan, 'ignored' | 'manifests' | 'specialNote'>,
): CardPlan {
  return {
    files: files + failures,
    bytes,
    ...named,
    *unreadable() {
      let index = files;
      for (const outcome of store.unreadable()) yield { index: index++, outcome };
    },
    *groups() {
      for (const { group } of store.groups('scan')) yield group;
    },
    find: (file) => store.find(file),
    close: () => store.close(),
  };
}
