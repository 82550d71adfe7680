import type { BackupId, CardId, DriveId, RelativePath } from './ids.ts';
import type {
  BackupTotals,
  Card,
  Drive,
  DriveResult,
  DriveShare,
  FailedFile,
  FileOnDrive,
  IndexedFile,
  LearnedFile,
  VerifiedFrom,
  VerifiedUpTo,
} from './media.ts';
import type { Interruption, Reason } from './reasons.ts';

/** A path as it is shown, with U+FFFD, and its bytes. */
export interface NameBytes {
  readonly path: RelativePath;
  readonly pathBase64: string;
}

export type Requester = 'auto' | 'button' | 'person';

/** A `viewer` may read everything and change nothing. */
export const DEVICE_ROLES = ['owner', 'viewer'] as const;
export type DeviceRole = (typeof DEVICE_ROLES)[number];

/** What happened, in the past tense. JSON-safe: written to the journal as it is. */
export type Fact =
  | { readonly type: 'DaemonStarted'; readonly version: string }
  /** First listing of what is attached is complete. */
  | { readonly type: 'DevicesKnown' }
  | { readonly type: 'DeviceAnnounced'; readonly device: string }
  | { readonly type: 'DeviceSettled'; readonly device: string }
  | {
      readonly type: 'CardAttached';
      readonly card: Card;
      /** `auto` by the rule of the configuration key `auto`; `manual` waits for a person. */
      readonly start: 'auto' | 'manual';
    }
  | { readonly type: 'CardDetached'; readonly cardId: CardId }
  /** A device that was refused is gone. */
  | { readonly type: 'DeviceDetached'; readonly device: string }
  | {
      readonly type: 'CardRefused';
      readonly device: string;
      readonly reason: Reason;
      /** What was wrong and what mends it, for people; empty when the reason says it all. */
      readonly detail: string;
    }
  | { readonly type: 'DriveAttached'; readonly drive: Drive }
  | { readonly type: 'DriveDetached'; readonly driveId: DriveId }
  | { readonly type: 'DriveAdopted'; readonly drive: Drive }
  | { readonly type: 'DriveForgotten'; readonly driveId: DriveId }
  | {
      readonly type: 'DriveFailed';
      readonly driveId: DriveId;
      readonly reason: Reason;
      /** What was wrong and what mends it, for people; empty when the reason says it all. */
      readonly detail: string;
    }
  | {
      readonly type: 'DriveContentLearned';
      readonly driveId: DriveId;
      readonly files: readonly LearnedFile[];
    }
  /** Photos that nobody copied here were read, and count as copies from now on: `library index`. */
  | {
      readonly type: 'FilesIndexed';
      readonly driveId: DriveId;
      readonly verifiedFrom: VerifiedFrom;
      readonly files: readonly IndexedFile[];
    }
  | {
      readonly type: 'BackupRequested';
      readonly cardId: CardId;
      readonly by: Requester;
      /** Only this drive may be written. */
      readonly driveId: DriveId | null;
      /** Copy as many shot groups as fit, newest first. */
      readonly fit: boolean;
    }
  | {
      readonly type: 'BackupPlanned';
      readonly backupId: BackupId;
      readonly cardId: CardId;
      readonly label: string;
      readonly files: number;
      readonly bytes: number;
      readonly ignored: readonly RelativePath[];
      readonly drives: readonly DriveShare[];
      /** What a person should know before the first byte: a line each. Absent where there is nothing. */
      readonly notes?: readonly string[];
    }
  /** A batch that is durable, verified and placed on one drive, or found there already. Per file: never reaches a chart. */
  | {
      readonly type: 'FilesSettled';
      readonly backupId: BackupId;
      readonly cardId: CardId;
      readonly driveId: DriveId;
      readonly verifiedFrom: VerifiedFrom;
      readonly copied: readonly FileOnDrive[];
      readonly duplicates: readonly FileOnDrive[];
      readonly failed: readonly FailedFile[];
      /**
       * `verify = "source-twice"`: the copied files were read from the card a second time and were the same. `cache`
       * when one such reading of this backup may have come from the page cache. Absent where the card was read once.
       */
      readonly secondReading?: VerifiedFrom;
      /** What a person should know of these files, a line each. */
      readonly notes?: readonly string[];
    }
  /** The last byte of the card was read: pulling it now loses nothing. */
  | { readonly type: 'CardRead'; readonly backupId: BackupId }
  | { readonly type: 'BackupFlushed'; readonly backupId: BackupId }
  | { readonly type: 'BackupVerified'; readonly backupId: BackupId }
  | {
      readonly type: 'BackupFinished';
      readonly backupId: BackupId;
      readonly cardId: CardId;
      readonly totals: BackupTotals;
      readonly drives: readonly DriveResult[];
      /** False when a volume could only be verified from the page cache: the light is then `attention`. */
      readonly trusted: boolean;
      /**
       * False when `--to` left out a drive that `copies` asks for, or when an inbox holds more than was backed up: the light
       * is then `attention`.
       */
      readonly enough: boolean;
      /** What the whole backup told of the card, a line each. Absent where there is nothing. */
      readonly notes?: readonly string[];
    }
  | {
      readonly type: 'BackupFailed';
      readonly backupId: BackupId;
      readonly cardId: CardId;
      readonly reason: Reason;
      readonly detail: string;
      readonly totals: BackupTotals;
      readonly drives: readonly DriveResult[];
      /** As of `BackupFinished`. */
      readonly notes?: readonly string[];
    }
  | {
      readonly type: 'BackupInterrupted';
      readonly backupId: BackupId;
      readonly cardId: CardId;
      readonly reason: Interruption;
      readonly totals: BackupTotals;
      readonly drives: readonly DriveResult[];
      /** As of `BackupFinished`. */
      readonly notes?: readonly string[];
    }
  /** Copies that a later check found altered or missing: they lose their verified mark. */
  | {
      readonly type: 'CopiesLost';
      /** The backup that found it and copies the file again; null when `verify`, `library index` or `check` did. */
      readonly backupId: BackupId | null;
      /** Absent for the others. */
      readonly by?: 'check';
      readonly driveId: DriveId;
      readonly files: readonly { readonly to: RelativePath; readonly why: 'altered' | 'missing' }[];
    }
  /** A drive is re-read from its first file on; what an earlier verification left unfinished is forgotten. */
  | { readonly type: 'VerificationStarted'; readonly driveId: DriveId }
  /** Every half minute or so, and when it stops: the next one goes on here. */
  | {
      readonly type: 'VerificationProgressed';
      readonly driveId: DriveId;
      /** Re-read since it started, over all its parts. */
      readonly files: number;
      readonly bytes: number;
      readonly reached: VerifiedUpTo;
      /** Manifests whose files were all re-read, since the last of these facts. */
      readonly generations: readonly RelativePath[];
      /** Found since the last of these facts. */
      readonly altered: readonly RelativePath[];
      readonly missing: readonly RelativePath[];
    }
  /** Every file was re-read. Counts over all its parts. */
  | {
      readonly type: 'VerificationFinished';
      readonly driveId: DriveId;
      readonly files: number;
      readonly altered: number;
      readonly missing: number;
    }
  /** Every copy on this drive that is verified, up to this record of the journal, stands in the drive's manifests. */
  | {
      readonly type: 'DriveSealed';
      /** Null when no backup did it: `verify --full`, `library index`. */
      readonly backupId: BackupId | null;
      readonly driveId: DriveId;
      readonly seq: number;
      /**
       * Generations, ours and those of other tools, that a later seal need not read; of an indexed folder those that
       * `verify` reads beside them.
       */
      readonly generations: readonly RelativePath[];
      /** `all`: every generation on the drive was read, and these are all that count; `added`: beside the earlier ones. */
      readonly extent: 'all' | 'added';
    }
  /**
   * Files that a backup of an inbox copied and verified were moved out of the inbox, to `.imagetank/taken/<backup id>/` on
   * the same drive: a client that still writes to one of them goes on writing there.
   */
  | {
      readonly type: 'InboxTaken';
      readonly backupId: BackupId;
      /** The drive with the inbox. */
      readonly driveId: DriveId;
      /** In the inbox; a batch, never all of a large one. */
      readonly files: readonly RelativePath[];
      /** The bytes of those whose names are not UTF-8. Absent where there is none. */
      readonly notUtf8?: readonly NameBytes[];
    }
  /** Files that were taken were looked at again: `removed` were as they had been copied, others went back into the inbox. */
  | {
      readonly type: 'InboxCleared';
      readonly backupId: BackupId;
      readonly driveId: DriveId;
      readonly removed: readonly RelativePath[];
      readonly putBack: readonly { readonly path: RelativePath; readonly as: RelativePath }[];
      /** As of `InboxTaken`, of all paths in it. */
      readonly notUtf8?: readonly NameBytes[];
    }
  /** A phone, a browser or a script may come in over the network from now on, until it is unpaired. */
  | {
      readonly type: 'DevicePaired';
      readonly tokenId: string;
      /** For people; no two that may come in have the same. */
      readonly name: string;
      readonly role: DeviceRole;
      /** SHA-256 of its token, hexadecimal. The token is 256 random bits and recorded nowhere. */
      readonly hash: string;
    }
  | { readonly type: 'DeviceUnpaired'; readonly tokenId: string }
  /** A person asked whether the card may be formatted. */
  | { readonly type: 'CardChecked'; readonly cardId: CardId; readonly safe: boolean }
  | {
      readonly type: 'SpaceChanged';
      readonly driveId: DriveId;
      readonly freeBytes: number;
      readonly low: boolean;
    }
  /** The machine itself; reported when a level changes, not for each reading. */
  | {
      readonly type: 'HealthChanged';
      readonly check: HealthCheck;
      /** What it is about where there are several: a drive's label, a disk's node; else null. */
      readonly subject: string | null;
      readonly level: HealthLevel;
      /** For people: `81.2 °C`, `under-voltage now`. */
      readonly reading: string;
    }
  | { readonly type: 'ButtonPressed' }
  | { readonly type: 'ButtonReleased' }
  | { readonly type: 'Acknowledged' }
  | { readonly type: 'ShutdownRequested'; readonly action: PowerAction }
  /** Every drive is synced and unmounted, as far as we mounted it. */
  | { readonly type: 'DrivesReleased' }
  | { readonly type: 'TimerElapsed'; readonly timer: TimerName }
  | { readonly type: 'ClockSet'; readonly offsetMs: number }
  | { readonly type: 'InternalErrorOccurred'; readonly reason: Reason; readonly detail: string };

/**
 * - `temperature`, `power` (under-voltage), `throttling`: of the board
 * - `memory`: resident memory of the daemon
 * - `state-disk`: room on the disk of the journal
 * - `disk`: SMART verdict of a drive or of the system disk
 */
export type HealthCheck = 'temperature' | 'power' | 'throttling' | 'memory' | 'state-disk' | 'disk';
export type HealthLevel = 'good' | 'warning' | 'bad';

export type PowerAction = 'poweroff' | 'reboot' | 'stop';
export type TimerName = 'settleDelay' | 'holdDelay' | 'pressWindow' | 'stopDelay';
export type FactType = Fact['type'];
export type FactOf<Type extends FactType> = Extract<Fact, { readonly type: Type }>;

/** Facts about single files are folded by the ledger and the catalogue, never by a chart: 50,000 files must not cost 50,000 transitions. */
export const FILE_FACTS = [
  'FilesSettled',
  'DriveContentLearned',
  'FilesIndexed',
  'InboxTaken',
  'InboxCleared',
] as const satisfies readonly FactType[];
export type FileFact = FactOf<(typeof FILE_FACTS)[number]>;
export type ChartFact = Exclude<Fact, FileFact>;

export function isFileFact(fact: Fact): fact is FileFact {
  return (FILE_FACTS as readonly string[]).includes(fact.type);
}

export type Stream = 'appliance' | `backup/${string}`;

/** What the journal knows of each fact beside the fact itself. */
export interface Envelope {
  /** Version of the fact's shape. */
  readonly v: number;
  /** 1, 2, 3 … without gaps over all streams. */
  readonly seq: number;
  readonly stream: Stream;
  /** Wall time, ISO 8601 UTC with `Z`, for people. */
  readonly at: string;
  readonly clock: 'synced' | 'unsynced';
  /** Milliseconds since boot, for durations. */
  readonly monoMs: number;
  readonly bootId: string;
  /** SHA-256 of the previous record's stored bytes, hexadecimal; 64 zeros for the first. */
  readonly prev: string;
}

/** One line of the journal, upcast to the present version. */
export interface FactRecord extends Envelope {
  readonly fact: Fact;
}

export function streamOf(fact: Fact): Stream {
  return 'backupId' in fact && fact.backupId !== null ? `backup/${fact.backupId}` : 'appliance';
}
