import type { Drive } from '../../machines/facts.ts';
import type { CardId, DriveId, RelativePath } from '../../machines/ids.ts';
import { isAsRecorded } from '../library/as-recorded.ts';
import type { Catalogue, Copy, DriveStore } from '../ports.ts';
import type { CheckResult } from '../shapes.ts';

export type Why = CheckResult['missing'][number]['why'];

/** What the copies are held against. */
export interface CopyKnowledge {
  readonly catalogue: Pick<Catalogue, 'findEverywhere' | 'findSeen'>;
  /** Attached adopted drives. */
  readonly stores: ReadonlyMap<DriveId, DriveStore>;
  /** Every adopted drive, attached or not: copies on a forgotten one count no more. */
  readonly drives: ReadonlyMap<DriveId, Pick<Drive, 'kind'>>;
  /** How many drives must hold a file; 1 or more. */
  readonly required: number;
  /** Those that must be among them: what lies on a drive that is away does not stand for what is missing on one here. */
  readonly each: ReadonlySet<DriveId>;
}

/** One file as it was just read from the card. */
export interface Content {
  readonly cardId: CardId;
  readonly path: RelativePath;
  readonly sizeBytes: number;
  readonly xxh64: string;
}

/** Null when enough drives hold the content, else why not. */
export async function whyNotSafe(content: Content, knowledge: CopyKnowledge): Promise<Why | null> {
  const good = new Set<DriveId>();
  const faults = new Set<Why>();
  for (const copy of copiesFor(content, knowledge)) {
    if (good.has(copy.driveId)) continue;
    const fault = await faultOf(copy, knowledge);
    if (fault === null) good.add(copy.driveId);
    else faults.add(fault);
    if (good.size >= knowledge.required && [...knowledge.each].every((id) => good.has(id))) return null;
  }
  if (good.size > 0) return 'too-few-copies';
  if (faults.has('altered')) return 'altered';
  return faults.has('unverified') ? 'unverified' : 'not-on-drive';
}

function copiesFor(content: Content, { catalogue }: CopyKnowledge): readonly Copy[] {
  const copies = catalogue.findEverywhere(content.sizeBytes, content.xxh64);
  if (content.sizeBytes > 0) return copies;
  // All that an empty file has is its name: any other empty file is no copy of it.
  return copies.filter((copy) => {
    const seen = catalogue.findSeen(copy.driveId, content.cardId, content.path);
    return seen?.copy.to === copy.to || basename(copy.to) === basename(content.path);
  });
}

const basename = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** Null for a copy that counts. */
async function faultOf(copy: Copy, knowledge: CopyKnowledge): Promise<Why | null> {
  const drive = knowledge.drives.get(copy.driveId);
  if (drive === undefined) return 'not-on-drive';
  // A folder is exempt: adopting it was the owner's word.
  const trusted =
    copy.verifiedFrom === 'medium' || (copy.verifiedFrom === 'cache' && drive.kind === 'folder');
  if (copy.state !== 'verified' || !trusted || copy.toMtimeMs === null) return 'unverified';
  const store = knowledge.stores.get(copy.driveId);
  if (store === undefined) return null;
  const there = await store.stat(copy.to);
  if (there === null) return 'not-on-drive';
  return isAsRecorded(store, copy, there) ? null : 'altered';
}
