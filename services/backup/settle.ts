import type { RelativePath } from '../../machines/ids.ts';
import type { FailedFile, FileOnDrive } from '../../machines/media.ts';
import { DriveError } from '../errors.ts';
import { type Batch, onDrive, type Settled } from './batch.ts';
import { dayApart, shelve } from './filing.ts';
import type { Lane } from './lane.ts';
import { type Placed, placeGroups } from './placement.ts';
import { isFileProblem } from './problems.ts';
import { bothShots, type Shots, shotsOf, undated } from './shots.ts';
import { isBlank } from './suspect-card.ts';
import { type Fault, faultsOf } from './trust.ts';
import { isIntact, type Written, writeAgain } from './written.ts';

/** Measured: storing 128 rows costs 8 ms, 256 cost 13, each commit 4. */
const MAX_FILES_A_FACT = 128;
/** Of one fact: a card with nothing but blank files is not worth more words. */
const MAX_NOTES = 20;

/** Makes what a batch holds in `incoming/` durable. Throws `DriveError`. */
export async function flushBatch(batch: Batch, { store }: Lane): Promise<void> {
  const unflushed = batch.groups.flat().filter(({ isFlushed }) => !isFlushed);
  if (unflushed.length > 0) await store.flushAll(unflushed.map(({ incoming }) => incoming));
}

/**
 * Reads a flushed batch back from the medium. What cannot be made good is a failed file of the batch by then. Returns
 * what its files say of themselves. Throws `DriveError` and `Stopped`.
 */
export async function verifyBatch(batch: Batch, lane: Lane): Promise<Shots> {
  if (batch.isEmpty) return { shots: new Map(), captures: new Map() };
  const { source } = lane;
  // What a camera wrote is read from what lies in `incoming/`, while that is read back.
  const early = shotsOf(batch.groups, lane);
  early.catch(() => undefined);
  source.check();
  const mended = await verifyAll(batch, lane);
  source.check();
  return bothShots(await early, await shotsOf(mended, lane));
}

/**
 * Places a batch that was verified, makes its names durable and only then records it: `FilesSettled` is the
 * acknowledgement. Throws `DriveError`; what was placed by then is found again by the next backup.
 */
export async function placeBatch(batch: Batch, shots: Shots, lane: Lane): Promise<void> {
  if (batch.isEmpty) return;
  const { store, source, shelf } = lane;
  source.check();
  // What is left of a group after verification stays together.
  const groups = batch.groups.filter((group) => group.length > 0);
  const shelved = groups.map((group) => shelve(group, shots.shots.get(group) ?? null, lane));
  const placed = await shelf.run(async () => {
    const all = await placeGroups(shelved, lane, shelf);
    await store.settle(all.map(({ to }) => to));
    return all;
  });
  await record(batch, placed, shots, lane);
}

/** Returns the groups of which a member was copied again. */
async function verifyAll(batch: Batch, lane: Lane): Promise<readonly Written[][]> {
  const all = batch.groups.flat();
  const results = await lane.store.readBackAll(
    all.map(({ incoming }) => incoming),
    async () => lane.source.check(),
  );
  for (const result of results) lane.onReadBack(result);
  const broken = new Set(all.filter((written, at) => !isIntact(written, results[at])));
  const mended = batch.groups.filter((group) => group.some((written) => broken.has(written)));
  for (const group of mended) await mendGroup(group, broken, batch, lane);
  return mended;
}

async function mendGroup(
  group: Written[],
  broken: ReadonlySet<Written>,
  batch: Batch,
  lane: Lane,
): Promise<void> {
  for (const written of group.filter((each) => broken.has(each))) {
    lane.source.check();
    const at = group.indexOf(written);
    try {
      group[at] = await writeAgain(written, lane);
    } catch (error) {
      if (!isFileProblem(error)) throw error;
      group.splice(at, 1);
      batch.fail(written.file, error);
    }
  }
}

/** Of what was placed: the files that were copied, and what lay there already. Throws `DriveError`. */
async function outcomesOf(
  batch: Batch,
  placed: readonly Placed[],
  shots: Shots,
  lane: Lane,
): Promise<{ readonly copied: Settled<FileOnDrive>[]; readonly duplicates: Settled<FileOnDrive>[] }> {
  const { store } = lane;
  const copied: Settled<FileOnDrive>[] = [];
  const duplicates = [...(await stillThere(batch, lane))];
  const fresh = new Set<RelativePath>();
  const said = saidOf(batch, shots, lane);
  for (const [at, found] of (await store.statAll(placed.map(({ to }) => to))).entries()) {
    const each = placed[at];
    if (each === undefined) continue;
    const { written, to, number } = each;
    if (found === null || found.sizeBytes !== written.content.sizeBytes) {
      throw new DriveError('drive-failing', `${to}: was placed a moment ago and is not there as written`);
    }
    const { index } = written.file;
    const outcome = {
      ...onDrive(written, { to, toMtimeMs: found.mtimeMs }),
      ...(number === null ? {} : { number }),
    };
    // Two empty files of one name in one batch end as one.
    if (fresh.has(to) || isRecorded(each, lane)) duplicates.push({ index, outcome });
    else copied.push({ index, outcome: { ...outcome, ...said(written) } });
    fresh.add(to);
  }
  return { copied, duplicates };
}

/** What is written down of a photo: its capture, and the day of its shot where it does not say that itself. */
function saidOf(batch: Batch, { shots, captures }: Shots, { shelving }: Lane) {
  const shotOf = new Map(batch.groups.flatMap((group) => group.map((each) => [each, shots.get(group)])));
  return (written: Written): Pick<FileOnDrive, 'capture' | 'day'> => {
    const capture = captures.get(written) ?? null;
    const shot = shotOf.get(written);
    const { mtimeMs } = written.content;
    const day = shot === undefined ? null : dayApart(shot, { capture, mtimeMs }, shelving);
    const isSilent = capture === null || Object.keys(capture).length === 0;
    return { ...(isSilent ? {} : { capture }), ...(day === null ? {} : { day }) };
  };
}

async function record(batch: Batch, placed: readonly Placed[], shots: Shots, lane: Lane): Promise<void> {
  const { store, report, tally, meter } = lane;
  const { copied, duplicates } = await outcomesOf(batch, placed, shots, lane);
  const blank = placed.filter(({ written }) => isBlank(written.file, written.content));
  for (const { written } of blank) tally.suspect(written.file.index);
  const notes = blank.slice(0, MAX_NOTES).map(({ written }) => blankNote(written.file.path));
  for (const { outcome } of [...copied, ...duplicates]) {
    const why = lane.cardHistory.contradiction(outcome.path, outcome);
    if (why !== null) report.cardChanged({ reason: 'card-altered', detail: why });
  }
  await emitSliced({ copied, duplicates, failed: batch.failed }, notes, lane);
  for (const { index } of copied) tally.copied(index);
  for (const { file, content } of batch.groups.flatMap((group) => undated(group, shots.captures))) {
    // That one has a line of its own.
    if (!isBlank(file, content)) tally.undated(file.index, file.path);
  }
  for (const { index } of duplicates) tally.duplicate(index);
  for (const { index, outcome } of batch.failed) {
    tally.failed(index);
    if (outcome.reason === 'card-unreadable') tally.suspect(index);
    report.fileFailed(outcome);
  }
  let bytes = 0;
  for (const { index, outcome } of [...copied, ...duplicates]) {
    report.holds(index, outcome.sizeBytes);
    bytes += outcome.sizeBytes;
  }
  for (const { outcome } of copied) report.placed(outcome);
  lane.onWritten(copied.reduce((sum, { outcome }) => sum + outcome.sizeBytes, 0));
  meter.settled(store.drive.id, copied.length + duplicates.length + batch.failed.length, bytes);
}

interface Outcomes {
  readonly copied: readonly Settled<FileOnDrive>[];
  readonly duplicates: readonly Settled<FileOnDrive>[];
  readonly failed: readonly Settled<FailedFile>[];
}

/** In facts that are stored in a few milliseconds each: lights and commands come in between. */
async function emitSliced(all: Outcomes, notes: readonly string[], lane: Lane): Promise<void> {
  const { job, store, report, source } = lane;
  const slice = <T>(settled: readonly Settled<T>[], from: number): T[] =>
    settled.slice(from, from + MAX_FILES_A_FACT).map(({ outcome }) => outcome);
  const longest = Math.max(all.copied.length, all.duplicates.length, all.failed.length);
  for (let from = 0; from < longest; from += MAX_FILES_A_FACT) {
    const copied = slice(all.copied, from);
    const isTwice = source.isReadTwice && copied.length > 0;
    await lane.emit({
      type: 'FilesSettled',
      backupId: job.backupId,
      cardId: job.card.id,
      driveId: store.drive.id,
      verifiedFrom: report.verifiedFrom,
      copied,
      duplicates: slice(all.duplicates, from),
      failed: slice(all.failed, from),
      ...(isTwice ? { secondReading: source.secondFrom } : {}),
      ...(from === 0 && notes.length > 0 ? { notes } : {}),
    });
  }
}

const blankNote = (path: string): string =>
  `${path} begins as flash that was never written: copied as it is, look at it (a card with less room than it says?)`;

/**
 * The duplicates that still are: hours may have gone by since they were found, their owner may have tidied the drive,
 * and a verification may have taken their mark. The others are failed files of this backup; the next one copies them.
 */
async function stillThere(batch: Batch, lane: Lane): Promise<readonly Settled<FileOnDrive>[]> {
  const { store, catalogue } = lane;
  const { duplicates } = batch;
  if (duplicates.length === 0) return duplicates;
  const known = duplicates.map(({ outcome }) => catalogue.copyAt(store.drive.id, outcome.to));
  const faults = await faultsOf(
    store,
    duplicates.map(({ outcome }) => outcome),
  );
  const gone = new Map<RelativePath, Fault>();
  const kept = duplicates.filter(({ outcome }, at) => {
    const copy = known[at] ?? null;
    const fault = faults[at] ?? null;
    if (copy !== null && fault !== null) gone.set(outcome.to, fault);
    return fault === null && copy?.xxh64 === outcome.xxh64;
  });
  for (const settled of duplicates) {
    if (kept.includes(settled)) continue;
    const { to } = settled.outcome;
    const detail = `${settled.outcome.path}: ${to} on ${store.drive.label} went away or changed while the card was backed up; back up again`;
    batch.failed.push({ index: settled.index, outcome: failedOf(settled.outcome, detail) });
  }
  if (gone.size > 0) await lane.onLost([...gone].map(([to, why]) => ({ to, why })));
  return kept;
}

function failedOf({ path, pathBase64 }: FileOnDrive, detail: string): FailedFile {
  const failed = { path, reason: 'verify-mismatch', detail } as const;
  return pathBase64 === undefined ? failed : { ...failed, pathBase64 };
}

/** Found under its name, and the catalogue knew of it: nothing was copied. Otherwise an earlier run placed it. */
function isRecorded({ adopted, to }: Placed, { catalogue, store }: Lane): boolean {
  return adopted && catalogue.copyAt(store.drive.id, to) !== null;
}
