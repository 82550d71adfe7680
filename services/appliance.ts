import type { Observable } from 'rxjs';
import type { AskedStyle } from './library/asked-style.ts';
import type { Library } from './library/library.ts';
import type { BackupStatus, DriveStatus, HistoryLine, LightLine, Status } from './shapes.ts';
import type {
  CheckOptions,
  CheckResult,
  IndexResult,
  PreviewMessage,
  VerifyProgress,
  VerifyResult,
  WorkProgress,
} from './work-shapes.ts';

/** Long work: progress messages, then exactly one with the result. */
export type Work<Result, Progress = WorkProgress> = AsyncIterable<
  { readonly progress: Progress } | { readonly result: Result }
>;

export type IndexWork = Work<IndexResult, VerifyProgress>;

export interface VerifyOptions {
  /** Also what takes the whole of a folder: directory hashes in a new generation. */
  readonly full: boolean;
  /** Forget where an interrupted verification of the drive was. */
  readonly restart: boolean;
  /** Bytes a second at most; null for as fast as it goes. */
  readonly rateBytesPerSecond: number | null;
}

export const PLAIN_VERIFY: VerifyOptions = { full: false, restart: false, rateBytesPerSecond: null };

export interface IndexOptions {
  /** Bytes a second at most; null for as fast as it goes. */
  readonly rateBytesPerSecond: number | null;
  /** Tell what would be read; read and record nothing. */
  readonly dryRun: boolean;
}

export const PLAIN_INDEX: IndexOptions = { rateBytesPerSecond: null, dryRun: false };

/** As many copies as the configuration asks for. */
export const PLAIN_CHECK: CheckOptions = { copies: null, offsite: false };

export interface BackupOrder {
  /** Label, UUID, id or absolute path of a card or folder; null for every attached card. */
  readonly card: string | null;
  /** Label, UUID, id or path of the only drive that may be written; null for all adopted ones. */
  readonly to: string | null;
  /** Copy as many shot groups as fit, newest first. */
  readonly fit: boolean;
  /** The caller waits for the end: with no adopted drive attached that is refused (66) instead of waiting for one. */
  readonly wait: boolean;
}

/**
 * All that can be asked of a running daemon: the HTTP server is a thin skin over this, the demo calls it directly.
 * Every refusal is a `UserError` with the exit code of `contract.md` section 2.
 */
export interface Appliance {
  status(): Promise<Status>;
  /** Oldest first; `before`: only those that began before the backup of this id. */
  history(query?: { readonly last?: number; readonly before?: string }): readonly HistoryLine[];
  /** One backup, running or ended. Throws 66. */
  backupStatus(id: string): BackupStatus;
  /** Ids of the states in which the charts are now, with all that they lie in, as in `diagrams/`: `appliance.life.ready`. */
  chartStates(): readonly string[];
  /** Begins with the light of this moment, then one line whenever the signal or a LED value changes. */
  readonly lights$: Observable<LightLine>;
  /** Ids in the order of the cards; a card that is being backed up gives that backup's id. Throws 66, 65, 77. */
  backup(order: BackupOrder): Promise<readonly { readonly id: string; readonly card: string }[]>;
  /** Progress of one backup until its history line, which is the last message. Throws 66. */
  follow(id: string): Observable<{ readonly progress: BackupStatus } | { readonly result: HistoryLine }>;
  /** What it knows of photos. Throws 64, 65, 66. */
  readonly library: Pick<Library, 'groups' | 'photos' | 'find' | 'photo' | 'explain'>;
  /**
   * Safe to format? Label, UUID, id or path of a card, or an absolute folder. Reads every byte. Throws 64 for a drive, 65,
   * 66, 74 when the card or a drive does not answer, and 75 when what the drives hold changed meanwhile.
   */
  check(card: string, options?: CheckOptions): Work<CheckResult>;
  /**
   * Where the files of an attached card would go; null for the only one. Contents are not read, nothing is written.
   * Throws 64, 65, 66, 74.
   */
  preview(card: string | null, asked: AskedStyle): AsyncIterable<PreviewMessage>;
  /**
   * A backup's id, a drive, or an absolute folder with an ASC MHL history; null for every attached drive. A drive goes
   * on where it was interrupted. Waits while a backup runs. Throws 65, 66, 74, and 75 for a drive that is being verified
   * or when it is stopped.
   */
  verify(target: string | null, options?: VerifyOptions): Work<VerifyResult, VerifyProgress>;
  /**
   * Photos in a folder of an adopted drive become copies where they lie: read, recorded and listed in a manifest. Waits
   * while a backup runs. What was read is recorded when it is stopped. Throws 64, 65, 66, 74, 75, 77.
   */
  index(dir: string, options?: IndexOptions): IndexWork;
  drives(): Promise<readonly DriveStatus[]>;
  /** Label or UUID of an attached volume, or an absolute folder. Throws 66, 65, 73, 74, 77. */
  adopt(target: string, force: boolean): Promise<DriveStatus>;
  /** Throws 65, 66, 74, 75. */
  forget(target: string): Promise<DriveStatus>;
  /** Syncs and lets go; throws 75 while it is being written, 74 while the journal takes nothing. */
  eject(target: string): Promise<DriveStatus>;
  acknowledge(): Promise<void>;
  /** Resolves when it is under way; the daemon ends after the lights are off. */
  power(action: 'poweroff' | 'reboot'): Promise<void>;
  /** Stored journal lines after a sequence number, at most `limit`: the reader sets the pace, whatever the journal's size. */
  journal(query: { readonly after: number; readonly limit: number }): readonly string[];
  /** Sequence number of the last record: at once, then whenever it grows. */
  readonly head$: Observable<number>;
  /** Cards and drives are folders of this machine, and the button is pressed by a command. */
  readonly isSimulated: boolean;
  /** The simulated board; throws 77 when the board is another one. */
  readonly sim: SimControls;
}

export interface SimControls {
  /** A folder becomes a card; the label is the folder's name unless given. */
  insert(dir: string, label: string | null): Promise<{ readonly id: string }>;
  /** Null removes the only card. */
  remove(dir: string | null): Promise<void>;
  driveIn(dir: string): Promise<{ readonly id: string | null; readonly adopted: boolean }>;
  driveOut(dir: string): Promise<void>;
  press(): Promise<void>;
  /** Presses, waits `ms`, releases. */
  hold(ms: number): Promise<void>;
}
