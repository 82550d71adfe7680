import { isInboxCard } from '../../machines/ids.ts';
import type { Card } from '../../machines/media.ts';
import type { ReadFile } from '../backup/drive-context.ts';
import { type PlannedGroup, type Plans, planDrives, readWhole } from '../backup/drive-plan.ts';
import { planCard } from '../backup/plan.ts';
import type { PlanStore } from '../backup/ports.ts';
import { isFileProblem, Stopped } from '../backup/problems.ts';
import { Source } from '../backup/source.ts';
import { isDriveError, UserError } from '../errors.ts';
import type { Style } from '../library/layout.ts';
import { isRead } from '../library/metadata-readers.ts';
import { plainName } from '../library/names.ts';
import type { CardReader, MetadataReader } from '../media-ports.ts';
import type { PreviewMessage } from '../work-shapes.ts';
import { type Asked, type Captures, fileGroup } from './filing.ts';
import { lanesOf, type PreviewDrives } from './lane.ts';
import { PreviewTally } from './tally.ts';

/** Groups whose metadata is asked in one question. */
const ASKED_AT_ONCE = 64;

export interface PreviewParts {
  readonly cards: CardReader;
  readonly metadata: Pick<MetadataReader, 'captures'>;
  /** A new, empty one. Throws `JournalError`. */
  readonly openPlan: () => PlanStore;
  /** The highest number that was given so far; 0 where nobody knows. */
  readonly highestNumber: () => number;
  /** Null without a daemon. Throws `DriveError`. */
  readonly drives: () => Promise<PreviewDrives | null>;
  /** Aborted when nobody listens any more: nothing more is read then, and its reason is thrown. */
  readonly left?: AbortSignal;
}

/**
 * Where a backup would put the files of a card: on each attached drive, with what lies there already; where none is
 * attached, on an empty drive that takes every name. A line each, in the order of copying, then the counts. Reads
 * names, times and metadata, and contents where a drive may have them already; of two equal files on the card it does
 * not know. Writes nothing to card or drive. Throws `UserError` 74 when the card or a drive cannot be read, 65 for an
 * inbox, of which a backup takes what is complete at its time.
 */
export async function* preview(
  card: Card,
  style: Style,
  parts: PreviewParts,
): AsyncGenerator<PreviewMessage> {
  refuseInbox(card);
  const { cards, openPlan, metadata, left } = parts;
  const store = openPlan();
  try {
    const source = sourceOf(cards, card.path, left);
    const plan = await planCard(cards, card.path, source, store);
    const drives = await parts.drives();
    const lanes = await lanesOf(card, style, { ...parts, drives, plan, source });
    const plans = await planDrives(plan, lanes, store);
    const tally = new PreviewTally(plan, lanes, fitting(plans));
    for (const groups of inBatches(plans.groups())) {
      const captures = await capturesOf(groups, card.path, metadata);
      for (const { group, states } of groups) {
        const asked = askedOf(group, captures, source, drives);
        for (const [at, lane] of lanes.entries()) {
          if (!tally.fits(at)) continue;
          for (const file of await fileGroup(asked, states[at] ?? 'none', lane)) yield tally.file(at, file);
        }
      }
      yield tally.passed(groups);
    }
    yield { result: tally.result() };
  } catch (error) {
    throw left?.aborted === true ? left.reason : asUserError(error);
  } finally {
    store.close();
  }
}

function refuseInbox({ id, label }: Card): void {
  if (!isInboxCard(id)) return;
  throw new UserError(
    'no-preview',
    65,
    `${label}: of an inbox there is no preview`,
    'its files are copied when they are complete; imagetank status shows what waits',
  );
}

/** One a drive. Throws the `DriveError` of one that failed. */
function fitting({ drives }: Plans): readonly boolean[] {
  return drives.map((plan) => {
    if (isDriveError(plan)) throw plan;
    return plan.fits;
  });
}

function sourceOf(cards: CardReader, root: string, left: AbortSignal | undefined): Source {
  const stop = () => (left?.aborted === true ? 'shutdown' : null);
  return new Source({ cards, root, stop, onBytes: () => undefined, formatOf: () => null, twice: false });
}

function asUserError(error: unknown): unknown {
  if (isDriveError(error))
    return new UserError(error.reason, 74, error.message, 'attach the drive again and ask once more', error);
  if (!isFileProblem(error) && !(error instanceof Stopped)) return error;
  return new UserError('unreadable', 74, error.message, 'check the card and try again', error);
}

function* inBatches(groups: Iterable<PlannedGroup>): Generator<readonly PlannedGroup[]> {
  let batch: PlannedGroup[] = [];
  for (const planned of groups) {
    batch.push(planned);
    if (batch.length < ASKED_AT_ONCE) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** Of those that may have to be placed. */
async function capturesOf(
  groups: readonly PlannedGroup[],
  root: string,
  metadata: PreviewParts['metadata'],
): Promise<Captures> {
  const files = groups
    .filter(({ states }) => states.some((state) => state !== 'known'))
    .flatMap(({ group }) => group.members)
    // The path of one that is not UTF-8 cannot be told.
    .filter((file) => file.pathBase64 === undefined && isRead(plainName(file)));
  const asked = files.map((file) => ({ path: `${root}/${file.path}`, name: plainName(file) }));
  const found = await metadata.captures(asked);
  return new Map(files.map((file, at) => [file, found[at] ?? null]));
}

function askedOf(
  group: PlannedGroup['group'],
  captures: Captures,
  source: Source,
  drives: PreviewDrives | null,
): Asked {
  let reading: Promise<readonly ReadFile[] | null> | null = null;
  const read = (): Promise<readonly ReadFile[] | null> => {
    reading ??= readWhole(group, source);
    return reading;
  };
  const { known = [], catalogue } = drives ?? {};
  const isSizeKnown = ({ sizeBytes }: { readonly sizeBytes: number }): boolean =>
    sizeBytes > 0 && known.some((id) => catalogue?.hasSize(id, sizeBytes) === true);
  return { group, captures, read, isSizeKnown };
}
