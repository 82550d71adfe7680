import { Xxh64 } from '@node-rs/xxhash';
import type { ManifestHash } from '../../machines/facts.ts';
import type { CardId, RelativePath } from '../../machines/ids.ts';
import type { Work } from '../appliance.ts';
import { CardError, isCardError, isDriveError, messageOf, UserError } from '../errors.ts';
import { type CardHistory, isManifest, openCardHistory, type ReadContent } from '../manifest/card-history.ts';
import { createManifestHash } from '../manifest/hashers.ts';
import type { CardPath, CardReader, ScannedFile, ScannedOther } from '../ports.ts';
import type { CheckResult } from '../shapes.ts';
import { MAX_REPORTED, Progress } from '../verify/tally.ts';
import { type CopyKnowledge, type Why, whyNotSafe } from './copies.ts';
import { FileNumbers } from './gaps.ts';

const BLOCK_BYTES = 1024 * 1024;
const MAX_MANIFESTS = 1000;
/** A file that changes under the reader is read once more, as a backup does. */
const READS = 2;

export interface CheckOrder extends Omit<CopyKnowledge, 'required' | 'each'> {
  readonly reader: CardReader;
  readonly card: { readonly id: CardId; readonly root: string };
  /** The configuration's `copies`: `all` asks for every attached drive, and for one at least. */
  readonly copies: 'all' | number;
}

/**
 * Safe to format? Reads every byte of the card and holds it against verified copies. A copy on an attached drive must
 * also lie there as recorded; for a drive that is away the record stands. Throws `UserError` 74 when the card went
 * away or changed while it was read: a card that lists less than before is never safe.
 */
export async function* checkCard(order: CheckOrder): Work<CheckResult> {
  const { reader, card } = order;
  const before = await listing(order);
  const progress = new Progress(before.files, before.bytes);
  const result = new Findings();
  const knowledge: CopyKnowledge = {
    ...order,
    required: requiredCopies(order),
    each: new Set(order.copies === 'all' ? order.stores.keys() : []),
  };
  const history = await openCardHistory(reader, card.root, before.manifests).catch((error: unknown) => {
    throw isCardError(error) ? cardGone(card.root, error) : error;
  });
  const numbers = new FileNumbers();
  const block = new Uint8Array(BLOCK_BYTES);
  for await (const entry of reader.scan(card.root)) {
    if (entry.kind === 'ignored') {
      result.ignore(entry);
      continue;
    }
    const why =
      entry.kind === 'unreadable' ? 'unreadable' : await judge(order, entry, { knowledge, history, block });
    result.add(entry, why);
    numbers.add(entry.path);
    if (entry.kind === 'file') progress.add(entry.sizeBytes);
    yield* progress.messages();
  }
  // A pulled card lists as empty without an error: what is there now must be what was there at first.
  if ((await listing(order)).digest !== before.digest || result.files !== before.files) {
    throw cardChanged(card.root);
  }
  yield { progress: progress.now() };
  const wasSeen = seenOn(order);
  yield { result: { ...result.result(), gaps: numbers.gaps(wasSeen) } };
}

function requiredCopies({ copies, stores }: CheckOrder): number {
  return Math.max(1, copies === 'all' ? stores.size : copies);
}

class Findings {
  readonly #missing: CheckResult['missing'] = [];
  readonly #notFiles: NonNullable<CheckResult['notFiles']> = [];
  #unsafe = 0;
  #verified = 0;

  /** Readable or not. */
  get files(): number {
    return this.#unsafe + this.#verified;
  }

  add({ path, pathBase64 }: CardPath, why: Why | null): void {
    if (why === null) {
      this.#verified += 1;
      return;
    }
    this.#unsafe += 1;
    if (this.#missing.length < MAX_REPORTED)
      this.#missing.push(pathBase64 === undefined ? { path, why } : { path, pathBase64, why });
  }

  /** It is on no drive, and its owner has to know; but what it points at is not on the card either. */
  ignore({ path, pathBase64, special: what }: ScannedOther): void {
    if (what === undefined || this.#notFiles.length >= MAX_REPORTED) return;
    this.#notFiles.push(pathBase64 === undefined ? { path, what } : { path, pathBase64, what });
  }

  result(): Omit<CheckResult, 'gaps'> {
    const found = { files: this.files, verified: this.#verified, missing: this.#missing };
    const notFiles = this.#notFiles.length === 0 ? {} : { notFiles: this.#notFiles };
    return { safe: this.#unsafe === 0, ...found, ...notFiles };
  }
}

/** Everything that counts, in one pass that reads no content. Throws `UserError` 74 when the card is gone. */
async function listing({
  reader,
  card,
}: CheckOrder): Promise<{ files: number; bytes: number; digest: bigint; manifests: RelativePath[] }> {
  const hash = new Xxh64();
  const manifests: RelativePath[] = [];
  let files = 0;
  let bytes = 0;
  for await (const entry of reader.scan(card.root)) {
    if (entry.kind === 'ignored') continue;
    files += 1;
    const { path, pathBase64 = '' } = entry;
    if (isManifest(path) && manifests.length < MAX_MANIFESTS) manifests.push(path);
    const [sizeBytes, mtimeMs] = entry.kind === 'file' ? [entry.sizeBytes, entry.mtimeMs] : [-1, -1];
    bytes += Math.max(0, sizeBytes);
    hash.update(`${path}\0${pathBase64}\0${sizeBytes}\0${mtimeMs}\n`);
  }
  if (!(await reader.isPresent(card.root))) throw cardGone(card.root);
  return { files, bytes, digest: hash.digest(), manifests };
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
): Promise<Why | null> {
  const { reader, card } = order;
  try {
    const read = await readWhole(reader, card.root, file, { block, format: history.wanted(file.path) });
    // The copy is true to the card; whether the card is what the camera wrote, its manifest denies.
    if (history.contradiction(file.path, read) !== null) return 'altered';
    return await whyNotSafe({ cardId: card.id, path: file.path, ...read }, knowledge);
  } catch (error) {
    if (isDriveError(error)) throw new UserError(error.reason, 74, error.message, DRIVE_HINT, error);
    if (!isCardError(error)) throw error;
    if (error.code === 'gone' || !(await reader.isPresent(card.root))) throw cardGone(card.root, error);
    return 'unreadable';
  }
}

/** Throws `CardError`; `unreadable` also when the file gave fewer bytes than it has, or kept changing. */
async function readWhole(
  reader: CardReader,
  root: string,
  file: ScannedFile,
  { block, format }: { readonly block: Uint8Array; readonly format: ManifestHash['format'] | null },
): Promise<ReadContent> {
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
        const read = { sizeBytes: position, xxh64: hash.digest().toString(16).padStart(16, '0') };
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

/** Whether any adopted drive, attached or not, ever got this path from this card. */
function seenOn(order: CheckOrder): (path: ScannedFile['path']) => boolean {
  const drives = [...order.drives.keys()];
  return (path) => drives.some((id) => order.catalogue.findSeen(id, order.card.id, path) !== null);
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
