import type { BackupId, DriveId } from '../../machines/ids.ts';
import { UserError } from '../errors.ts';
import type { DriveStore } from '../ports.ts';
import { type VerifyWork, withAdvice } from './advice.ts';
import { driveReader } from './drive-reader.ts';
import { type Expected, expectedOf } from './expected.ts';
import { type DriveToVerify, type Emit, Findings, LostCopies } from './findings.ts';
import { Meter } from './meter.ts';
import { Rereading } from './reread-all.ts';
import { AT_ONCE, type VerifyRun } from './run.ts';

interface BackupToVerify {
  readonly backupId: BackupId;
  readonly catalogue: DriveToVerify['catalogue'];
  readonly drives: ReadonlyMap<DriveId, DriveStore>;
  readonly emit: Emit;
}

/**
 * Re-reads the copies that one backup made on the drives that are attached, always from the first. Throws `UserError`
 * 66 when none of its drives is, 74, and the reason of a stop.
 */
export async function* verifyBackup(backup: BackupToVerify, run: VerifyRun = AT_ONCE): VerifyWork {
  const { backupId, catalogue, drives } = backup;
  let [files, bytes, away] = [0, 0, 0];
  for (const { driveId, sizeBytes } of catalogue.copiesOf({ backupId })) {
    if (!drives.has(driveId)) away += 1;
    else [files, bytes] = [files + 1, bytes + sizeBytes];
  }
  if (files === 0 && away > 0) {
    const hint = 'Attach it and try again.';
    throw new UserError('no-drive', 66, `no drive of backup ${backupId} is attached`, hint);
  }
  const done = { files: 0, bytes: 0 };
  const meter = new Meter(run.clock, { total: { files, bytes }, done, drive: null, continued: null });
  yield* withAdvice(rereadBackup(backup, run, meter));
}

async function* rereadBackup(
  { backupId, catalogue, drives, emit }: BackupToVerify,
  run: VerifyRun,
  meter: Meter,
): VerifyWork {
  const findings = new Findings();
  let doneBytes = 0;
  for (const [driveId, store] of drives) {
    const lost = new LostCopies({ store, catalogue, emit }, run.clock);
    const copies = function* (): Generator<Expected> {
      for (const copy of catalogue.copiesOf({ backupId }))
        if (copy.driveId === driveId) yield expectedOf(copy);
    };
    const parts = { reader: driveReader(store), findings, meter, run, lost, journey: null };
    const reading = new Rereading(parts, doneBytes);
    try {
      yield* reading.all(copies());
    } finally {
      await reading.close();
    }
    doneBytes = reading.doneBytes;
  }
  yield { progress: meter.now(false) };
  yield { result: findings.result(catalogue) };
}
