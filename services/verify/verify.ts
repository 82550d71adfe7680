import type { BackupId, DriveId, RelativePath } from '../../machines/ids.ts';
import type { Work } from '../appliance.ts';
import { isDriveError, UserError } from '../errors.ts';
import { isManifestError } from '../manifest/manifest-error.ts';
import type { HashValue } from '../manifest/mhl-reader.ts';
import { ASCMHL_FOLDER, DRIVE_ROOTS } from '../manifest/names.ts';
import type { Copy, DriveStore } from '../ports.ts';
import type { VerifyResult } from '../shapes.ts';
import { driveReader } from './drive-reader.ts';
import { type DriveToVerify, type Emit, Findings, LostCopies } from './findings.ts';
import { Histories, historyRoots } from './histories.ts';
import type { FolderReader } from './ports.ts';
import { reread } from './reread.ts';
import { Progress } from './tally.ts';

interface Expected {
  readonly path: RelativePath;
  readonly sizeBytes: number | null;
  readonly hash: HashValue | null;
}

const expectedOf = ({ to, sizeBytes, xxh64 }: Copy): Expected => ({
  path: to,
  sizeBytes,
  hash: { format: 'xxh64', value: xxh64 },
});

/** Re-reads files and sorts them; a copy that the catalogue knows otherwise than the manifest is altered too. */
async function* rereadAll(
  reader: FolderReader,
  expected: AsyncIterable<Expected> | Iterable<Expected>,
  findings: Findings,
  progress: Progress,
  lost: LostCopies | null,
): AsyncGenerator<{ readonly progress: ReturnType<Progress['now']> }> {
  for await (const file of expected) {
    const { finding, sizeBytes, value } = await reread(reader, file.path, file);
    const copy = lost?.copyAt(file.path) ?? null;
    const contradicted = finding === 'intact' && copy !== null && copy.xxh64 !== value;
    const verdict = contradicted ? 'altered' : finding;
    findings.files += 1;
    if (verdict !== 'intact') {
      findings[verdict].add(file.path);
      if (copy !== null) await lost?.add(file.path, verdict);
    }
    progress.add(sizeBytes);
    yield* progress.messages();
  }
}

/** A pulled or failing medium as the one line that a person can act on. */
async function* withAdvice(work: Work<VerifyResult>): Work<VerifyResult> {
  try {
    yield* work;
  } catch (error) {
    if (isManifestError(error)) {
      throw new UserError(
        'manifest-limit',
        65,
        error.message,
        'Verify a folder with a smaller history.',
        error,
      );
    }
    if (!isDriveError(error)) throw error;
    throw new UserError(error.reason, 74, error.message, 'Attach it again and verify once more.', error);
  }
}

async function* verifyHistories(
  reader: FolderReader,
  roots: readonly (RelativePath | null)[],
  drive: DriveToVerify | null,
): Work<VerifyResult> {
  const findings = new Findings();
  const lost = drive === null ? null : new LostCopies(drive);
  const progress = await totals(reader);
  const histories = new Histories(reader, roots);
  try {
    yield* rereadAll(reader, histories.files(), findings, progress, lost);
    if (drive !== null) {
      // Placed and never sealed, or listed in a manifest that vouches for nothing any more: the journal still does.
      yield* rereadAll(reader, unlistedCopies(drive, histories), findings, progress, lost);
    }
  } finally {
    await lost?.flush();
  }
  for (const { path, why } of histories.problems) {
    findings[why === 'unlisted' ? 'unlisted' : why].add(path);
  }
  for await (const { path } of reader.walk()) {
    if (!histories.knows(path)) findings.unlisted.add(path);
  }
  // An emptied mount point would have had no new files either.
  if (!(await reader.isPresent())) {
    throw new UserError('drive-lost', 74, 'the medium went away', 'Attach it again and verify once more.');
  }
  yield { progress: progress.now() };
  yield { result: findings.result() };
}

function* unlistedCopies(drive: DriveToVerify, histories: Histories): Generator<Expected> {
  for (const copy of drive.catalogue.copiesOf({ driveId: drive.store.drive.id })) {
    if (histories.claim(copy.to)) yield expectedOf(copy);
  }
}

async function totals(reader: FolderReader): Promise<Progress> {
  let files = 0;
  let bytes = 0;
  for await (const { path, sizeBytes } of reader.walk()) {
    if (path.split('/').includes(ASCMHL_FOLDER)) continue;
    files += 1;
    bytes += sizeBytes;
  }
  return new Progress(files, bytes);
}

/**
 * Re-reads every file that the manifests of a drive list, and every copy that only the journal knows, from the medium.
 * What is altered or missing loses its verified mark at once (`CopiesLost`). Throws `UserError` 65, 74.
 */
export function verifyDrive(drive: DriveToVerify): Work<VerifyResult> {
  return withAdvice(verifyHistories(driveReader(drive.store), DRIVE_ROOTS, drive));
}

/** Any folder with an ASC MHL history, nested ones included; `name` is for the message. Throws `UserError` 66 without one, 65, 74. */
export function verifyFolder(reader: FolderReader, name: string): Work<VerifyResult> {
  return withAdvice(verifyAllHistories(reader, name));
}

async function* verifyAllHistories(reader: FolderReader, name: string): Work<VerifyResult> {
  const roots = await historyRoots(reader);
  if (roots.length === 0) {
    const hint = 'Name a folder with an ascmhl folder in it, a drive, or a backup.';
    throw new UserError('no-history', 66, `${name} has no ASC MHL history`, hint);
  }
  yield* verifyHistories(reader, roots, null);
}

/**
 * Re-reads the copies that one backup made on the drives that are attached. Throws `UserError` 66 when none of its
 * drives is, 74.
 */
export async function* verifyBackup(
  backupId: BackupId,
  catalogue: DriveToVerify['catalogue'],
  drives: ReadonlyMap<DriveId, DriveStore>,
  emit: Emit,
): Work<VerifyResult> {
  let files = 0;
  let bytes = 0;
  let away = 0;
  for (const { driveId, sizeBytes } of catalogue.copiesOf({ backupId })) {
    if (!drives.has(driveId)) away += 1;
    else [files, bytes] = [files + 1, bytes + sizeBytes];
  }
  if (files === 0 && away > 0) {
    throw new UserError(
      'no-drive',
      66,
      `no drive of backup ${backupId} is attached`,
      'Attach it and try again.',
    );
  }
  yield* withAdvice(rereadBackup(backupId, catalogue, drives, emit, new Progress(files, bytes)));
}

async function* rereadBackup(
  backupId: BackupId,
  catalogue: DriveToVerify['catalogue'],
  drives: ReadonlyMap<DriveId, DriveStore>,
  emit: Emit,
  progress: Progress,
): Work<VerifyResult> {
  const findings = new Findings();
  for (const [driveId, store] of drives) {
    const lost = new LostCopies({ store, catalogue, emit });
    const copies = function* (): Generator<Expected> {
      for (const copy of catalogue.copiesOf({ backupId }))
        if (copy.driveId === driveId) yield expectedOf(copy);
    };
    try {
      yield* rereadAll(driveReader(store), copies(), findings, progress, lost);
    } finally {
      await lost.flush();
    }
  }
  yield { progress: progress.now() };
  yield { result: findings.result() };
}
