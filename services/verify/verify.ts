import type { RelativePath } from '../../machines/ids.ts';
import { UserError } from '../errors.ts';
import { ASCMHL_FOLDER, DRIVE_ROOTS, isBelowRoots } from '../manifest/names.ts';
import type { RereadLog } from '../manifest/reread-log.ts';
import { type VerifyWork, withAdvice } from './advice.ts';
import type { OpenVerification } from './book.ts';
import { driveReader } from './drive-reader.ts';
import { type Expected, expectedOf } from './expected.ts';
import { type DriveToVerify, Findings, LostCopies } from './findings.ts';
import { Histories, historyRoots } from './histories.ts';
import { Journey } from './journey.ts';
import { Meter } from './meter.ts';
import type { FolderReader } from './ports.ts';
import { Rereading } from './reread-all.ts';
import { AT_ONCE, type VerifyRun } from './run.ts';

/** A drive, and where an interrupted verification of it was. */
interface DriveJourney {
  readonly drive: DriveToVerify;
  /** Null begins anew. */
  readonly from: OpenVerification | null;
}

async function* verifyHistories(
  reader: FolderReader,
  roots: readonly (RelativePath | null)[],
  run: VerifyRun,
  whole: DriveJourney | null,
  log: RereadLog | null = null,
): VerifyWork {
  const { clock } = run;
  const findings = new Findings();
  const lost = whole === null ? null : new LostCopies(whole.drive, clock);
  const journey = whole === null ? null : journeyOf(whole, clock);
  findings.files = whole?.from?.files ?? 0;
  const meter = new Meter(clock, { total: await totals(reader, run.stop), ...startOf(whole) });
  await journey?.begin();
  const histories = new Histories(reader, roots);
  const reading = new Rereading({ reader, findings, meter, run, lost, journey, log }, whole?.from?.bytes);
  try {
    yield { progress: meter.now(run.backups.isBusy()) };
    if (whole === null || journey === null) yield* reading.all(histories.files());
    else {
      yield* reading.all(journey.unread(orByJournal(whole.drive, histories.files())));
      // Placed and never sealed, or listed in a manifest that vouches for nothing any more: the journal still does.
      yield* reading.all(journey.unread(unlistedCopies(whole.drive, histories)));
      if (log !== null) yield* reading.all(comers(whole.drive, reader, histories, log));
      for (const [path, verdict] of journey.lostBefore()) findings[verdict].add(path);
    }
    for await (const found of reader.walk()) {
      run.stop.throwIfAborted();
      if (histories.knows(found.path)) continue;
      findings.unlisted.add(found.path);
      yield* reading.identify(found);
    }
  } finally {
    await reading.close();
  }
  for (const problem of histories.problems) {
    findings[problem.why].add(problem.path);
    findings.manifests.add(problem);
  }
  // An emptied mount point would have had no new files either.
  if (!(await reader.isPresent())) {
    throw new UserError('drive-lost', 74, 'the medium went away', 'Attach it again and verify once more.');
  }
  const { files, altered, missing } = findings;
  await journey?.finish({ files, altered: altered.count, missing: missing.count });
  yield { progress: meter.now(false) };
  yield { result: findings.result(whole?.drive.catalogue) };
}

function journeyOf({ drive, from }: DriveJourney, clock: VerifyRun['clock']): Journey {
  return new Journey({ driveId: drive.store.drive.id, from, clock, emit: drive.emit });
}

function startOf(whole: DriveJourney | null) {
  if (whole === null) return { done: { files: 0, bytes: 0 }, drive: null, continued: null };
  const { drive, from } = whole;
  const { label } = drive.store.drive;
  if (from === null) return { done: { files: 0, bytes: 0 }, drive: label, continued: null };
  const { files, bytes, at, reached } = from;
  return { done: { files, bytes }, drive: label, continued: { after: reached.path, files, at } };
}

function* unlistedCopies({ catalogue, store }: DriveToVerify, histories: Histories): Generator<Expected> {
  for (const copy of catalogue.copiesOf({ driveId: store.drive.id })) {
    if (histories.claim(copy.to)) yield expectedOf(copy);
  }
}

/** Where no manifest has XXH64 the journal may: that is the stronger word. */
async function* orByJournal(
  { catalogue, store }: DriveToVerify,
  files: AsyncIterable<Expected>,
): AsyncGenerator<Expected> {
  for await (const file of files) {
    const copy = file.hash?.format === 'xxh64' ? null : catalogue.copyAt(store.drive.id, file.path);
    yield copy === null ? file : { ...expectedOf(copy), generation: file.generation, isLast: true };
  }
}

/**
 * What nothing listed when its turn was: a copy that was recorded meanwhile, or a file of which nobody knows anything;
 * and what was read in another format than the manifest of `log` will have.
 */
async function* comers(
  { catalogue, store }: DriveToVerify,
  reader: FolderReader,
  histories: Histories,
  log: RereadLog,
): AsyncGenerator<Expected> {
  for await (const { path, sizeBytes } of reader.walk()) {
    if (histories.knows(path) && !log.lacks(path)) continue;
    const copy = catalogue.copyAt(store.drive.id, path);
    // Hashes of folders are made of what lies below our own roots.
    if (copy === null && !isBelowRoots(path)) continue;
    if (copy === null) yield { path, sizeBytes, hash: null, generation: null, isNew: true };
    else if (histories.claim(path)) yield expectedOf(copy);
  }
}

async function totals(
  reader: FolderReader,
  stop: AbortSignal,
): Promise<{ readonly files: number; readonly bytes: number }> {
  let files = 0;
  let bytes = 0;
  for await (const { path, sizeBytes } of reader.walk()) {
    stop.throwIfAborted();
    if (path.split('/').includes(ASCMHL_FOLDER)) continue;
    files += 1;
    bytes += sizeBytes;
  }
  return { files, bytes };
}

/**
 * Re-reads from the medium every file that the manifests of a drive list, and every copy that only the journal knows.
 * `from`: an interrupted verification that it goes on with; null begins at the first file. `log` is told of each file that
 * is read; with it new files are read too. What is altered or missing loses its verified mark within a second
 * (`CopiesLost`). Throws `UserError` 65, 74, and the reason of a stop.
 */
export function verifyDrive(
  drive: DriveToVerify,
  run: VerifyRun = AT_ONCE,
  from: OpenVerification | null = null,
  log: RereadLog | null = null,
): VerifyWork {
  const roots = [...(drive.roots ?? []), ...DRIVE_ROOTS];
  const reader = driveReader(drive.store, drive.openFolder, roots);
  return withAdvice(verifyHistories(reader, roots, run, { drive, from }, log));
}

/**
 * Any folder with an ASC MHL history, nested ones included; `name` is for the message. Throws `UserError` 66 without
 * one, 65, 74, and the reason of a stop.
 */
export function verifyFolder(reader: FolderReader, name: string, run: VerifyRun = AT_ONCE): VerifyWork {
  return withAdvice(verifyAllHistories(reader, name, run));
}

async function* verifyAllHistories(reader: FolderReader, name: string, run: VerifyRun): VerifyWork {
  const roots = await historyRoots(reader, run.stop);
  if (roots.length === 0) {
    const hint = 'Name a folder with an ascmhl folder in it, a drive, or a backup.';
    throw new UserError('no-history', 66, `${name} has no ASC MHL history`, hint);
  }
  yield* verifyHistories(reader, roots, run, null);
}
