import type { FactOf } from './facts.ts';
import type { DriveId } from './ids.ts';
import type { BackupTotals } from './media.ts';

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

const safeOn = (drive: DriveLedger) => drive.copied + drive.duplicates;

/** Where the fewest files are safe; of two such drives the one on which more failed, so that no failure is hidden. */
const isWorse = (one: DriveLedger, other: DriveLedger) =>
  safeOn(one) < safeOn(other) || (safeOn(one) === safeOn(other) && one.failed > other.failed);

/** Counts of the worst drive: a file counts as done only when every drive has it. */
export function totalsOf({ files, bytes, drives }: Ledger): BackupTotals {
  const [first, ...others] = drives;
  if (first === undefined) return { files, bytes, copied: 0, duplicates: 0, failed: 0 };
  const worst = others.reduce((worst, drive) => (isWorse(drive, worst) ? drive : worst), first);
  return { files, bytes, copied: worst.copied, duplicates: worst.duplicates, failed: worst.failed };
}
