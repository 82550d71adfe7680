import type { PowerAction, TimerName } from './facts.ts';
import type { BackupId, DriveId } from './ids.ts';
import type { Card } from './media.ts';

/** What is to be done, in the imperative. Executed by the runtime after the fact behind it is durable. */
export type Command =
  | { readonly type: 'timer.arm'; readonly timer: TimerName; readonly delayMs: number }
  | { readonly type: 'timer.disarm'; readonly timer: TimerName }
  | {
      readonly type: 'backup.start';
      readonly backupId: BackupId;
      readonly card: Card;
      /** Drives to write, in order of attachment. */
      readonly driveIds: readonly DriveId[];
      /** Adopted drives that are attached now, those left out by `--to` included. */
      readonly attached: number;
      readonly fit: boolean;
    }
  | {
      readonly type: 'backup.stop';
      readonly backupId: BackupId;
      readonly why: 'card-removed' | 'drive-lost' | 'shutdown' | 'weak-power';
    }
  /** Adopt the only attached writable volume labelled `IMAGETANK`, if there is exactly one. */
  | { readonly type: 'drive.adoptCandidate' }
  /** Let the first device in that asks over the network within two minutes. */
  | { readonly type: 'pairing.open' }
  | { readonly type: 'drives.release' }
  | { readonly type: 'power.end'; readonly action: PowerAction };

export type CommandOf<Type extends Command['type']> = Extract<Command, { readonly type: Type }>;
