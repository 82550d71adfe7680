import type { BackupTotals, FactOf } from './facts.ts';
import type { DriveId } from './ids.ts';

/** How many files of one backup are settled on one drive. */
export interface DriveLedger {
  readonly driveId: DriveId;
  readonly copied: number;
  readonly duplicates: number;
  readonly failed: number;
}

/** Per-file facts of one backup, counted. The charts never see them. */
export interface Ledger {
  readonly files: number;
  readonly bytes: number;
  readonly drives: readonly DriveLedger[];
}

export function openLedger(planned: FactOf<'BackupPlanned'>): Ledger {
  const drives = planned.drives.map(({ driveId }) => ({ driveId, copied: 0, duplicates: 0, failed: 0 }));
  return { files: planned.files, bytes: planned.bytes, drives };
}

export function foldLedger(ledger: Ledger, settled: FactOf<'FilesSettled'>): Ledger {
  const drives = ledger.drives.map((drive) =>
    drive.driveId === settled.driveId
      ? {
          driveId: drive.driveId,
          copied: drive.copied + settled.copied.length,
          duplicates: drive.duplicates + settled.duplicates.length,
          failed: drive.failed + settled.failed.length,
        }
      : drive,
  );
  return { ...ledger, drives };
}

const settledOn = (drive: DriveLedger) => drive.copied + drive.duplicates + drive.failed;

/** Counts of the drive that got least so far: a file counts as done only when every drive has it. */
export function totalsOf({ files, bytes, drives }: Ledger): BackupTotals {
  const [first, ...others] = drives;
  if (first === undefined) return { files, bytes, copied: 0, duplicates: 0, failed: 0 };
  const least = others.reduce((least, drive) => (settledOn(drive) < settledOn(least) ? drive : least), first);
  return { files, bytes, copied: least.copied, duplicates: least.duplicates, failed: least.failed };
}
