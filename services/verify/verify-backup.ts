import type { BackupId, DriveId } from '../../machines/ids.ts';
import { UserError } from '../errors.ts';
import type { DriveStore } from '../media-ports.ts';
import type { EventLog } from '../ports.ts';
import type { VerifyResult } from '../work-shapes.ts';
import { addedUp } from './added-up.ts';
import { type VerifyWork, withAdvice } from './advice.ts';
import { drivesOfBackup, filesOfBackup } from './backup-files.ts';
import { driveReader } from './drive-reader.ts';
import { type DriveToVerify, type Emit, Findings, LostCopies } from './findings.ts';
import { Meter } from './meter.ts';
import { Rereading } from './reread-all.ts';
import { AT_ONCE, type VerifyRun } from './run.ts';

interface BackupToVerify {
  readonly backupId: BackupId;
  readonly catalogue: DriveToVerify['catalogue'];
  readonly log: Pick<EventLog, 'read'>;
  /** Attached ones. */
  readonly drives: ReadonlyMap<DriveId, DriveStore>;
  /** For a drive that is away. */
  readonly labelOf: (id: DriveId) => string;
  readonly emit: Emit;
}

/**
 * Re-reads what one backup settled, copied or found there, on those of its drives that are attached, always from the
 * first; the others are named. Throws `UserError` 66 when there is nothing to read, 74, and the reason of a stop.
 */
export async function* verifyBackup(backup: BackupToVerify, run: VerifyRun = AT_ONCE): VerifyWork {
  const { backupId, log, drives, labelOf } = backup;
  const all = [...drivesOfBackup(log, backupId)];
  const here = all.flatMap((id) => drives.get(id) ?? []);
  const away = all.filter((id) => !drives.has(id)).map(labelOf);
  if (here.length === 0) {
    const why = away.length === 0 ? 'has nothing on any drive' : `is on ${away.join(', ')}: not attached`;
    const hint = away.length === 0 ? 'see: imagetank history' : 'attach it and try again';
    throw new UserError('no-drive', 66, `backup ${backupId} ${why}`, hint);
  }
  let [files, bytes] = [0, 0];
  for (const { drive } of here) {
    for (const { sizeBytes } of filesOfBackup(log, backupId, drive.id)) {
      files += 1;
      bytes += sizeBytes ?? 0;
    }
  }
  const done = { files: 0, bytes: 0 };
  const meter = new Meter(run.clock, { total: { files, bytes }, done, drive: null, continued: null });
  for await (const message of withAdvice(rereadBackup(backup, here, run, meter))) {
    if ('progress' in message || away.length === 0) yield message;
    else yield { result: { ...message.result, away } };
  }
}

async function* rereadBackup(
  { backupId, catalogue, log, emit }: BackupToVerify,
  stores: readonly DriveStore[],
  run: VerifyRun,
  meter: Meter,
): VerifyWork {
  const results: NonNullable<VerifyResult['drives']> = [];
  let doneBytes = 0;
  for (const store of stores) {
    const { id, label } = store.drive;
    const findings = new Findings();
    const lost = new LostCopies({ store, catalogue, emit }, run.clock);
    const parts = { reader: driveReader(store), findings, meter, run, lost, journey: null };
    const reading = new Rereading(parts, doneBytes);
    try {
      yield* reading.all(filesOfBackup(log, backupId, id));
    } finally {
      await reading.close();
    }
    doneBytes = reading.doneBytes;
    results.push({ id, label, ...findings.result(catalogue) });
  }
  yield { progress: meter.now(false) };
  yield { result: addedUp(results) };
}
