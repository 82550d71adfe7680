import { backupId, driveId } from '../machines/ids.ts';
import type { Capture, Card, Drive } from '../machines/media.ts';
import { type FilingContext, shelve, shotOfGroup } from './backup/filing.ts';
import { filmOf } from './backup/film.ts';
import { Films } from './backup/films.ts';
import { Counter, ShotNumbers } from './backup/numbering.ts';
import { type PlaceContext, placeGroups } from './backup/placement.ts';
import { type CardPlan, planCard } from './backup/plan.ts';
import type { PlanStore, StoredGroup } from './backup/ports.ts';
import { isFileProblem, Stopped } from './backup/problems.ts';
import { Shelf } from './backup/shelf.ts';
import { Source } from './backup/source.ts';
import { Strays } from './backup/strays.ts';
import { UserError } from './errors.ts';
import { ImaginedDrive } from './imagined-drive.ts';
import { type Style, shelvingOf } from './library/layout.ts';
import { isRead } from './library/metadata-readers.ts';
import { plainName } from './library/names.ts';
import { isNumbered } from './library/template.ts';
import type { CardReader, MetadataReader } from './media-ports.ts';
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
  const store = openPlan();
  try {
    const plan = await planCard(cards, card.path, sourceOf(cards, card.path), store).catch(asUserError);
    decideAll(store);
    const imagined = imaginedBackup(card, style, { plan, metadata, highestNumber });
    const { template } = imagined.place.shelving;
    let files = 0;
    let renamed = 0;
    const isCounting = template !== null && isNumbered(template);
    for (const groups of inBatches(store.groups(isCounting ? 'counting' : 'copying'))) {
      const captures = await capturesOf(groups, card.path, metadata);
      for (const { group } of groups) {
        for (const file of await filed(group, captures, imagined)) {
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

interface Imagined {
  readonly drive: ImaginedDrive;
  readonly shelf: Shelf;
  readonly place: PlaceContext & FilingContext;
}

const NOTHING_KNOWN = { cardsBelow: () => [], copyAt: () => null, findEverywhere: () => [] };
const NO_DRIVE: Drive = {
  id: driveId(''),
  label: '',
  uuid: null,
  path: '',
  kind: 'folder',
  sizeBytes: null,
  fsType: null,
  hardware: null,
  adopted: true,
  writable: true,
};

function imaginedBackup(
  card: Card,
  style: Style,
  {
    plan,
    metadata,
    highestNumber,
  }: Pick<PreviewParts, 'metadata' | 'highestNumber'> & { readonly plan: CardPlan },
): Imagined {
  const drive = new ImaginedDrive(NO_DRIVE);
  const place = {
    store: drive,
    catalogue: NOTHING_KNOWN,
    shelving: shelvingOf(card, style, { driveId: NO_DRIVE.id, restricted: false, catalogue: NOTHING_KNOWN }),
    filmOf: (group: Group) => filmOf(group, plan.find),
    films: new Films(card, metadata),
    numbers: new ShotNumbers(new Counter({ highestNumber })),
    strays: new Strays(),
    source: { check: () => undefined },
    onReadBack: () => undefined,
    job: { backupId: backupId('') },
  };
  return { drive, place, shelf: new Shelf() };
}

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

/** As `settle.ts` does it, on a drive in memory. */
async function filed(
  { members }: Group,
  captures: Captures,
  { drive, place, shelf }: Imagined,
): Promise<readonly PreviewFile[]> {
  const leaderMtimeMs = members[0]?.mtimeMs ?? 0;
  const written = members.map((file) => drive.incoming(file, leaderMtimeMs));
  const shot = await shotOfGroup(members, (file) => captures.get(file) ?? null, leaderMtimeMs, place);
  const shelved = shelve(written, shot, place);
  const { naming } = shelved;
  const placed = new Map(
    (await placeGroups([shelved], place, shelf)).map((each) => [each.written.file, each]),
  );
  return members.flatMap((file, at) => {
    const { to } = placed.get(file) ?? {};
    if (to === undefined) return [];
    const { path, pathBase64 } = file;
    const renamed = !naming.isNumbered && to !== `${naming.folder}/${naming.names(1)[at]}`;
    return [{ path, ...(pathBase64 === undefined ? {} : { pathBase64 }), to, renamed }];
  });
}
