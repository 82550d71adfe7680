import { driveId, type RelativePath } from '../machines/ids.ts';
import type { Capture, Card } from '../machines/media.ts';
import { planCard } from './backup/plan.ts';
import type { PlanStore, StoredGroup } from './backup/ports.ts';
import { isFileProblem, Stopped } from './backup/problems.ts';
import { Source } from './backup/source.ts';
import { UserError } from './errors.ts';
import { type Shelving, type Style, shelvingOf } from './library/layout.ts';
import { isRead } from './library/metadata-readers.ts';
import { clashKey, plainName } from './library/names.ts';
import { namingOf } from './library/naming.ts';
import { leadingCapture, shotOf } from './library/shot.ts';
import { isNumbered } from './library/template.ts';
import type { CardReader, MetadataReader } from './media-ports.ts';
import type { Catalogue } from './ports.ts';
import type { PreviewFile, PreviewMessage } from './work-shapes.ts';

/** Groups whose metadata is asked in one question. */
const ASKED_AT_ONCE = 64;

export interface PreviewParts {
  readonly cards: CardReader;
  readonly metadata: Pick<MetadataReader, 'captures'>;
  /** A new, empty one. Throws `JournalError`. */
  readonly openPlan: () => PlanStore;
  /** The highest number that was given so far; 0 where nobody knows. */
  readonly highestNumber: () => number;
}

/**
 * Where the files of a card would go on an empty drive that takes every name: a line each, in the order of copying, then
 * the counts. Reads names, times and metadata; contents not, so that nothing is said of what a drive has already. Writes
 * nothing. Throws `UserError` 74 when the card cannot be read.
 */
export async function* preview(
  card: Card,
  style: Style,
  { cards, metadata, openPlan, highestNumber }: PreviewParts,
): AsyncGenerator<PreviewMessage> {
  const shelving = shelvingOf(card, style, {
    driveId: driveId(''),
    restricted: false,
    catalogue: EMPTY_DRIVE,
  });
  const store = openPlan();
  try {
    const plan = await planCard(cards, card.path, sourceOf(cards, card.path), store).catch(asUserError);
    decideAll(store);
    const names = new Names(highestNumber());
    let files = 0;
    let renamed = 0;
    const isCounting = shelving.template !== null && isNumbered(shelving.template);
    for (const groups of inBatches(store.groups(isCounting ? 'counting' : 'copying'))) {
      const captures = await capturesOf(groups, card.path, metadata);
      for (const { group } of groups) {
        for (const file of filed(group, captures, shelving, names)) {
          files += 1;
          renamed += Number(file.renamed);
          yield { file };
        }
      }
      yield { progress: { filesDone: files, filesTotal: plan.files } };
    }
    const unreadable = [...plan.unreadable()].length;
    yield { result: { files, renamed, ignored: plan.ignored.length, unreadable } };
  } finally {
    store.close();
  }
}

const EMPTY_DRIVE = { cardsBelow: () => [] } as Partial<Catalogue> as Catalogue;

const sourceOf = (cards: CardReader, root: string): Source =>
  new Source({ cards, root, stop: () => null, onBytes: () => undefined, formatOf: () => null, twice: false });

function asUserError(error: unknown): never {
  if (!isFileProblem(error) && !(error instanceof Stopped)) throw error;
  throw new UserError('unreadable', 74, error.message, 'check the card and try again', error);
}

/** As a backup of a card that is new would. */
function decideAll(store: PlanStore): void {
  for (const groups of inBatches(store.groups('scan'))) {
    store.decide(groups.map(({ number }) => ({ number, states: [], urgent: true })));
  }
}

function* inBatches(groups: Iterable<StoredGroup>): Generator<readonly StoredGroup[]> {
  let batch: StoredGroup[] = [];
  for (const stored of groups) {
    batch.push(stored);
    if (batch.length < ASKED_AT_ONCE) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

type Group = StoredGroup['group'];
type Captures = ReadonlyMap<Group['members'][number], Capture | null>;

async function capturesOf(
  groups: readonly StoredGroup[],
  root: string,
  metadata: PreviewParts['metadata'],
): Promise<Captures> {
  const files = groups
    .flatMap(({ group }) => group.members)
    // The path of one that is not UTF-8 cannot be told.
    .filter((file) => file.pathBase64 === undefined && isRead(plainName(file)));
  const asked = files.map((file) => ({ path: `${root}/${file.path}`, name: plainName(file) }));
  const found = await metadata.captures(asked);
  return new Map(files.map((file, at) => [file, found[at] ?? null]));
}

function filed(group: Group, captures: Captures, shelving: Shelving, names: Names): readonly PreviewFile[] {
  const { members } = group;
  const told = members.map((file) => ({ name: plainName(file), capture: captures.get(file) ?? null }));
  const shot = shotOf(leadingCapture(told).capture, members[0]?.mtimeMs ?? 0);
  const naming = namingOf(group, shelving, shot);
  const { given, isFirst } = names.take(naming);
  return members.map(({ path, pathBase64 }, at) => ({
    path,
    ...(pathBase64 === undefined ? {} : { pathBase64 }),
    to: `${naming.folder}/${given[at] ?? ''}`,
    renamed: !isFirst,
  }));
}

/** The names that are taken so far. Memory: about 100 bytes a file. */
class Names {
  readonly #taken = new Map<RelativePath, Set<string>>();
  #number: number;

  constructor(highestNumber: number) {
    this.#number = highestNumber;
  }

  take(naming: ReturnType<typeof namingOf>): {
    readonly given: readonly string[];
    readonly isFirst: boolean;
  } {
    const taken = this.#taken.get(naming.folder) ?? new Set<string>();
    this.#taken.set(naming.folder, taken);
    const first = naming.isNumbered ? this.#number + 1 : 1;
    for (let number = first; ; number += 1) {
      const given = naming.names(number);
      if (given.some((name) => taken.has(clashKey(name)))) continue;
      for (const name of given) taken.add(clashKey(name));
      if (naming.isNumbered) this.#number = number;
      return { given, isFirst: number === first };
    }
  }
}
