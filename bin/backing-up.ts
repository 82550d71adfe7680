import type { BackupId } from '../machines/ids.ts';
import type { BackupDeps } from '../services/backup/job.ts';
import { Reservations } from '../services/backup/reservations.ts';
import { runBackup } from '../services/backup/run-backup.ts';
import { Shelves } from '../services/backup/shelf.ts';
import type { Config } from '../services/config/schema.ts';
import type { RunBackup, StopReason } from '../services/control/backups.ts';
import type { Inboxes } from '../services/inbox/inboxes.ts';
import type { Style } from '../services/library/layout.ts';
import type { DriveStore } from '../services/media-ports.ts';

interface Parts extends Pick<BackupDeps, 'cards' | 'metadata' | 'catalogue' | 'counter' | 'openPlan'> {
  readonly config: Pick<Config, 'reserve' | 'copies' | 'verify' | 'hash'>;
  readonly style: Style;
  readonly inboxes: Inboxes;
  readonly seal: (drive: DriveStore, backupId: BackupId) => Promise<void>;
}

/** Runs one backup, of a card or of an inbox. */
export function createRunBackup({ config, style, inboxes, seal, cards, ...deps }: Parts): RunBackup {
  const shelves = new Shelves();
  const reservations = new Reservations();
  const { reserve: reserveBytes, copies, verify } = config;
  const hash = config.hash === 'xxh64' ? null : config.hash;
  return (run, hooks) =>
    inboxes.run(run, hooks, cards, (offered, { stop, progress, emit }) =>
      runBackup(
        { ...run, ...style, reserveBytes, copies, verify, hash },
        {
          ...deps,
          cards: offered,
          shelves,
          reservations,
          emit,
          seal: (drive) => seal(drive, run.backupId),
          stop: () => (stop.aborted ? (stop.reason as StopReason) : null),
          progress,
        },
      ),
    );
}
