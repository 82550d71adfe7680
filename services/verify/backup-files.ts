import type { BackupId, DriveId } from '../../machines/ids.ts';
import { PathSet } from '../manifest/path-set.ts';
import type { EventLog } from '../ports.ts';
import { type Expected, expectedOf } from './expected.ts';

/**
 * What one backup settled on a drive, copied or found there, each path once: as its facts have it. The catalogue only has
 * what still counts: a copy that was lost since would be asked for no more.
 */
export function* filesOfBackup(
  log: Pick<EventLog, 'read'>,
  backupId: BackupId,
  driveId: DriveId,
): Generator<Expected> {
  const seen = new PathSet();
  for (const { fact } of log.read({ stream: `backup/${backupId}` })) {
    if (fact.type !== 'FilesSettled' || fact.driveId !== driveId) continue;
    for (const file of [...fact.copied, ...fact.duplicates]) {
      if (seen.has(file.to)) continue;
      seen.add(file.to);
      yield expectedOf(file);
    }
  }
}

/** Drives on which the backup settled anything, in that order. */
export function drivesOfBackup(log: Pick<EventLog, 'read'>, backupId: BackupId): ReadonlySet<DriveId> {
  const drives = new Set<DriveId>();
  for (const { fact } of log.read({ stream: `backup/${backupId}` })) {
    if (fact.type !== 'FilesSettled') continue;
    if (fact.copied.length + fact.duplicates.length > 0) drives.add(fact.driveId);
  }
  return drives;
}
