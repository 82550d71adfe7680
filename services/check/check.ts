import { Xxh64 } from '@node-rs/xxhash';
import type { CardId, DriveId } from '../../machines/ids.ts';
import type { Drive, ManifestHash } from '../../machines/media.ts';
import type { Work } from '../appliance.ts';
import { CardError, isCardError, isDriveError, messageOf, UserError } from '../errors.ts';
import { type CardHistory, openCardHistory, type ReadContent } from '../manifest/card-history.ts';
import { createManifestHash } from '../manifest/hashers.ts';
import type { CardFile, CardReader, DriveStore, ScannedFile } from '../media-ports.ts';
import type { Catalogue } from '../ports.ts';
import { Progress } from '../verify/tally.ts';
import type { CheckResult } from '../work-shapes.ts';
import { type CopyKnowledge, type Standing, standingOf } from './copies.ts';
import { Findings, type NamedDrive, UNREADABLE } from './findings.ts';
import { FileNumbers, type WasSeen } from './gaps.ts';
import { Listing } from './listing.ts';
import { LostCopies, type LostParts } from './lost.ts';

const BLOCK_BYTES = 1024 * 1024;
/** A file that changes under the reader is read once more, as a backup does. */
const READS = 2;

export interface CheckOrder
  extends Pick<CopyKnowledge, 'offsite' | 'alteredBefore'>,
    Pick<LostParts, 'clock' | 'emit'> {
  readonly catalogue: CopyKnowledge['catalogue'] & Pick<Catalogue, 'wasShotSeen' | 'copyAt'>;
  readonly reader: CardReader;
  readonly card: { readonly id: CardId; readonly root: string; readonly kind: 'volume' | 'folder' };
  /** `all` asks for every attached drive, and for one at least. */
  readonly copies: 'all' | number;
  /** Every adopted drive, attached or not. */
  readonly drives: readonly Pick<Drive, 'id' | 'label' | 'kind'>[];
  /** Those that are attached and may be used, opened. */
  readonly stores: ReadonlyMap<DriveId, DriveStore>;
  /** Those of which nobody knows what they hold: read-only, failing, two with one id. Their copies count no more. */
  readonly unusable: ReadonlySet<DriveId>;
}

/**
 * Safe to format? Reads every byte of the card and holds it against verified copies. A copy on an attached drive must
 * also lie there as recorded; for a drive that is away the record stands, and the answer says so. Throws `UserError`
 * 64 for a drive, 66 for a folder without a file, 74 when the card went away or changed while it was read: a card that
 * lists less than before is never safe. What it finds altered or missing on a drive loses its verified mark (`emit`), also
 * when it ends before its answer.
 */
export async function* checkCard(order: CheckOrder): Work<CheckResult> {
  const { reader, card } = order;
  const before = await listing(order);
  // Below the mount point of a card that is not mounted nothing lies, and all of nothing is safe.
  if (before.files === 0 && card.kind === 'folder') throw noFile(card.root);
  const progress = new Progress(before.files, before.bytes);
  const lost = new LostCopies(order);
  const knowledge = knowledgeOf(order, lost);
  const result = findingsFor(order, knowledge.required);
  const history = await openCardHistory(reader, card.root, before.manifests).catch((error: unknown) => {
    throw isCardError(error) ? cardGone(card.root, error) : error;
  });
  const numbers = new FileNumbers();
  const block = new Uint8Array(BLOCK_BYTES);
  const now = new Listing();
  try {
    for await (const entry of reader.scan(card.root)) {
      now.add(entry);
      if (entry.kind === 'ignored') {
        result.ignore(entry);
        continue;
      }
      const isFile = entry.kind === 'file';
      result.add(entry, isFile ? await judge(order, entry, { knowledge, history, block }) : UNREADABLE);
      if (isFile) {
        numbers.add(entry.path, entry.mtimeMs);
        progress.add(entry.sizeBytes);
      }
      lost.flushDue();
      yield* progress.messages();
    }
  } finally {
    lost.flush();
  }
  // A pulled card lists as empty without an error: what was read, and what is there now, must be what was there at first.
  const after = await listing(order);
  if (now.digest !== before.digest || after.digest !== before.digest) throw cardChanged(card.root);
  yield { progress: progress.now() };
  const { catalogue } = order;
  const wasSeen: WasSeen = (shot, fromMs, toMs) => catalogue.wasShotSeen(shot, fromMs, toMs);
  yield { result: { ...result.result(), gaps: numbers.gaps(wasSeen) } };
}

function knowledgeOf(order: CheckOrder, lost: LostCopies): CopyKnowledge {
  const { catalogue, offsite, stores, drives, unusable, copies, alteredBefore } = order;
  const counting = drives.filter(({ id }) => !unusable.has(id));
  return {
    ...{ catalogue, offsite, stores, lost, alteredBefore },
    drives: new Map(counting.map((drive) => [drive.id, drive])),
    required: Math.max(1, copies === 'all' ? stores.size : copies),
    each: new Set(copies === 'all' ? stores.keys() : []),
  };
}

function findingsFor(order: CheckOrder, required: number): Findings {
  const { drives, stores, unusable, copies: asked, offsite } = order;
  const named = drives.map(({ id, label }): NamedDrive => {
    const state = unusable.has(id) ? 'unusable' : stores.has(id) ? 'attached' : 'away';
    return { id, label: stores.get(id)?.drive.label ?? label, state };
  });
  return new Findings({ asked, required, isOffsiteAsked: offsite !== null, drives: named });
}

/** In one pass that reads no content. Throws `UserError` 74 when the card is gone. */
async function listing({ reader, card }: CheckOrder): Promise<Listing> {
  const found = new Listing();
  for await (const entry of reader.scan(card.root)) found.add(entry);
  if (!(await reader.isPresent(card.root))) throw cardGone(card.root);
  return found;
}

interface Means {
  readonly knowledge: CopyKnowledge;
  /** What the card's own manifests say. */
  readonly history: CardHistory;
  readonly block: Uint8Array;
}

async function judge(
  order: CheckOrder,
  file: ScannedFile,
  { knowledge, history, block }: Means,
): Promise<Standing> {
  const { reader, card } = order;
  try {
    const read = await readWhole(reader, card.root, file, { block, format: history.wanted(file.path) });
    // The copy is true to the card; whether the card is what the camera wrote, its manifest denies.
    const isContradicted = history.contradiction(file.path, read) !== null;
    const standing = await standingOf({ cardId: card.id, path: file.path, ...read }, knowledge);
    return isContradicted ? { ...standing, why: 'altered' } : standing;
  } catch (error) {
    if (isDriveError(error)) throw new UserError(error.reason, 74, error.message, DRIVE_HINT, error);
    if (!isCardError(error)) throw error;
    if (error.code === 'gone' || !(await reader.isPresent(card.root))) throw cardGone(card.root, error);
    return UNREADABLE;
  }
}

/** Throws `CardError`; `unreadable` also when the file gave fewer bytes than it has, or kept changing. */
async function readWhole(
  reader: CardReader,
  root: string,
  file: ScannedFile,
  { block, format }: { readonly block: Uint8Array; readonly format: ManifestHash['format'] | null },
): Promise<ReadContent & Pick<CardFile, 'file'>> {
  for (let attempt = 1; attempt <= READS; attempt += 1) {
    const open = await reader.open(root, file);
    try {
      const hash = new Xxh64();
      const other = format === null ? null : createManifestHash(format);
      let position = 0;
      for (let got = await open.read(block, 0); got > 0; got = await open.read(block, position)) {
        hash.update(block.subarray(0, got));
        other?.update(block.subarray(0, got));
        position += got;
      }
      if (position === open.sizeBytes && !(await open.changed())) {
        const xxh64 = hash.digest().toString(16).padStart(16, '0');
        const read = { sizeBytes: position, xxh64, file: open.file };
        return format === null || other === null
          ? read
          : { ...read, hash: { format, value: other.digest() } };
      }
    } finally {
      await open.close();
    }
  }
  throw new CardError('unreadable', `${file.path}: changed while it was read`);
}

const DRIVE_HINT = 'Attach the drive again and check once more.';
const HINT = 'Insert it again and check once more; do not format it.';

function cardGone(root: string, cause?: unknown): UserError {
  const detail = cause === undefined ? '' : ` (${messageOf(cause)})`;
  return new UserError('card-removed', 74, `the card at ${root} went away${detail}`, HINT, cause);
}

function cardChanged(root: string): UserError {
  return new UserError('card-changed', 74, `the card at ${root} changed while it was checked`, HINT);
}

const noFile = (root: string): UserError =>
  new UserError(
    'no-file',
    66,
    `there is no file in ${root}`,
    'is the card mounted there? imagetank status shows what is attached',
  );
