import type { DriveId } from '../../machines/ids.ts';
import type { Drive } from '../../machines/media.ts';
import { isDriveError } from '../errors.ts';
import { isAsRecorded } from '../library/as-recorded.ts';
import { fileName } from '../library/names.ts';
import type { DriveStore, Found } from '../media-ports.ts';
import type { Catalogue, Copy } from '../ports.ts';
import type { CheckResult } from '../work-shapes.ts';
import { type Content, isBoundToName } from './content.ts';
import type { LostCopies } from './lost.ts';
import type { OffsiteCopies } from './offsite.ts';

export type Why = CheckResult['missing'][number]['why'];

/** What the copies are held against. */
export interface CopyKnowledge {
  readonly catalogue: Pick<Catalogue, 'findEverywhere' | 'findSeen'>;
  /** Attached adopted drives. */
  readonly stores: ReadonlyMap<DriveId, DriveStore>;
  /** Every adopted drive whose copies may count, attached or not: not one that was forgotten, is failing or a clone. */
  readonly drives: ReadonlyMap<DriveId, Pick<Drive, 'kind'>>;
  /** How many drives must hold a file; 1 or more. */
  readonly required: number;
  /** Those that must be among them: what lies on a drive that is away does not stand for what is missing on one here. */
  readonly each: ReadonlySet<DriveId>;
  /** Null: not asked for. */
  readonly offsite: OffsiteCopies | null;
  /** Is told of each copy that was measured and is no copy any more. */
  readonly lost: Pick<LostCopies, 'add'>;
  /** Where this content was recorded and then found altered, as far as the journal tells. */
  readonly alteredBefore: (content: Content) => readonly Pick<Copy, 'driveId' | 'to'>[];
}

/** What holds one file of the card. */
export interface Standing {
  /** Null when that is enough. */
  readonly why: Why | null;
  /** Drives with a verified copy; one that is attached has it as recorded, of one that is away the record says so. */
  readonly good: readonly DriveId[];
  readonly isOffsite: boolean;
}

/** Throws `DriveError` when an attached drive cannot be asked. */
export async function standingOf(content: Content, knowledge: CopyKnowledge): Promise<Standing> {
  const good = new Set<DriveId>();
  const faults = new Set<Why>();
  // One file under several names is there once: the card's own is no copy, and two drives cannot share one.
  const counted = new Set([content.file]);
  for (const copy of copiesFor(content, knowledge)) {
    if (good.has(copy.driveId)) continue;
    const { fault, file } = await lookAt(copy, knowledge);
    if (fault !== null) faults.add(fault);
    else if (file !== null && counted.has(file)) faults.add('hard-link');
    else {
      good.add(copy.driveId);
      if (file !== null) counted.add(file);
    }
  }
  const { required, each, offsite } = knowledge;
  const isEnough = good.size >= required && [...each].every((id) => good.has(id));
  const isOffsite = offsite !== null && offsite.holders(content).length > 0;
  const missesOffsite = offsite !== null && !isOffsite;
  if (!isEnough && isNowhere(good, faults) && (await isAlteredThere(content, knowledge)))
    faults.add('altered');
  const why = isEnough ? (missesOffsite ? 'not-offsite' : null) : whyTooFew(good.size, faults);
  return { why, good: [...good], isOffsite };
}

/** The worst that was found. */
function whyTooFew(good: number, faults: ReadonlySet<Why>): Why {
  if (good > 0) return 'too-few-copies';
  if (faults.has('altered')) return 'altered';
  if (faults.has('hard-link')) return 'hard-link';
  return faults.has('unverified') ? 'unverified' : 'not-on-drive';
}

function copiesFor(content: Content, { catalogue }: CopyKnowledge): readonly Copy[] {
  const copies = catalogue.findEverywhere(content.sizeBytes, content.xxh64);
  if (!isBoundToName(content)) return copies;
  return copies.filter((copy) => {
    if (fileName(copy.to) === fileName(content.path)) return true;
    // Another name that a backup of this very file gave it.
    return catalogue.findSeen(copy.driveId, content.cardId, content.path)?.copy.to === copy.to;
  });
}

interface Look {
  /** Null for a copy that counts. */
  readonly fault: Why | null;
  /** Which file it is; null where that cannot be seen now. */
  readonly file: string | null;
}

const unseen = (fault: Why | null): Look => ({ fault, file: null });

async function lookAt(copy: Copy, knowledge: CopyKnowledge): Promise<Look> {
  const drive = knowledge.drives.get(copy.driveId);
  if (drive === undefined) return unseen('not-on-drive');
  // A folder is exempt: adopting it was the owner's word.
  const trusted =
    copy.verifiedFrom === 'medium' || (copy.verifiedFrom === 'cache' && drive.kind === 'folder');
  if (copy.state !== 'verified' || !trusted || copy.toMtimeMs === null) return unseen('unverified');
  const store = knowledge.stores.get(copy.driveId);
  if (store === undefined) return unseen(null);
  const there = await store.stat(copy.to);
  if (there === null) {
    knowledge.lost.add(copy, 'missing');
    return unseen('not-on-drive');
  }
  const { file } = there;
  if (isAsRecorded(store, copy, there)) return { fault: null, file };
  if (!(await isAltered(store, copy, there))) return { fault: 'unverified', file };
  knowledge.lost.add(copy, 'altered');
  return { fault: 'altered', file };
}

/**
 * Whether a file that is not as recorded holds other bytes: one that was only touched does not, and of one that cannot be
 * read nobody knows.
 */
async function isAltered(store: DriveStore, copy: Copy, there: Found): Promise<boolean> {
  if (there.sizeBytes !== copy.sizeBytes) return true;
  try {
    const { sizeBytes, xxh64 } = await store.readBack(copy.to);
    return sizeBytes !== copy.sizeBytes || xxh64 !== copy.xxh64;
  } catch (error) {
    if (!isDriveError(error) || error.reason === 'drive-lost') throw error;
    return false;
  }
}

const isNowhere = (good: ReadonlySet<DriveId>, faults: ReadonlySet<Why>): boolean =>
  good.size === 0 && [...faults].every((fault) => fault === 'not-on-drive');

/** A copy that was found altered is recorded no more; what lies in its place is still not what was backed up. */
async function isAlteredThere(content: Content, knowledge: CopyKnowledge): Promise<boolean> {
  for (const { driveId, to } of knowledge.alteredBefore(content)) {
    if (isBoundToName(content) && fileName(to) !== fileName(content.path)) continue;
    if (((await knowledge.stores.get(driveId)?.stat(to)) ?? null) !== null) return true;
  }
  return false;
}
