import type { CardHistory } from '../manifest/card-history.ts';
import type { DriveContext } from './drive-context.ts';
import type { BackupDeps } from './job.ts';
import type { Meter } from './meter.ts';
import type { ShotNumbers } from './numbering.ts';
import type { Shelf } from './shelf.ts';
import type { Strays } from './strays.ts';
import type { DriveReport, Tally } from './tally.ts';

/** One drive of one backup, with where its outcome is counted. */
export interface Lane extends DriveContext, Pick<BackupDeps, 'metadata' | 'emit'> {
  readonly shelf: Shelf;
  readonly numbers: ShotNumbers;
  readonly strays: Strays;
  readonly report: DriveReport;
  readonly tally: Tally;
  readonly meter: Meter;
  readonly cardHistory: CardHistory;
  /** So many bytes are on the drive now: they are no longer reserved, they are taken. */
  readonly onWritten: (bytes: number) => void;
}
