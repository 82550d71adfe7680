/**
 * Everything that the inside needs from the outside, named by role. Adapters implement these, one folder a
 * technology; each port has one contract suite in `test/contracts/` that runs on every implementation.
 */
import type { Observable } from 'rxjs';
import type { Envelope, Fact, FactRecord, Stream } from '../machines/facts.ts';
import type { BackupId, CardId, DriveId, RelativePath } from '../machines/ids.ts';
import type { Card, Hardware, ManifestHash, VerifiedFrom } from '../machines/media.ts';
import type { Light, ThreeLeds } from '../machines/signals.ts';
import type { PhotoShelf } from './library/ports.ts';

/** Moment of a fact: wall time for people, monotonic time and boot for durations. */
export type Stamp = Pick<Envelope, 'at' | 'clock' | 'monoMs' | 'bootId'>;

export interface Clock {
  stamp(): Stamp;
  /** Milliseconds since boot, with fractions; never goes back. */
  monoMs(): number;
  /** Runs once after `delayMs` at the earliest; the returned function disarms it and may be called twice. */
  setTimer(delayMs: number, run: () => void): () => void;
}

/** Random identifiers. */
export interface Ids {
  /** RFC 9562 version 4. */
  uuid(): string;
}

export interface StampedFact {
  readonly fact: Fact;
  readonly stamp: Stamp;
}

export interface ReadQuery {
  /** Only records with a greater sequence number. Default 0. */
  readonly after?: number;
  readonly stream?: Stream;
  /** Leave out facts about single files (see `FILE_FACTS`). */
  readonly skipFileFacts?: boolean;
  readonly limit?: number;
}

/** The journal. Single writer. */
export interface EventLog {
  /**
   * Chains and stores all facts in one transaction and returns when they are durable (synced).
   * Throws `JournalError` `state-disk-full` or `io`; then nothing was stored.
   */
  append(facts: readonly StampedFact[]): Promise<readonly FactRecord[]>;
  /** In order of `seq`, upcast to the present version. Throws `JournalError` `damaged` or `newer`. */
  read(query?: ReadQuery): Iterable<FactRecord>;
  /** The stored bytes of each record, one line each without its newline, in order. */
  lines(query?: Omit<ReadQuery, 'skipFileFacts'>): Iterable<string>;
  /** Last record: its sequence number and the SHA-256 of its stored bytes; 0 and 64 zeros when empty. */
  head(): { readonly seq: number; readonly hash: string };
  close(): void;
}

/** One content on one drive. */
export interface Copy {
  readonly driveId: DriveId;
  readonly to: RelativePath;
  readonly sizeBytes: number;
  readonly xxh64: string;
  /** What the manifest gets beside XXH64, where it was computed. */
  readonly hash?: ManifestHash;
  /** As the drive reported it when the copy was recorded; null when only a manifest claims the copy. */
  readonly toMtimeMs: number | null;
  /** `claimed`: a manifest says so, not re-read yet. */
  readonly state: 'verified' | 'claimed';
  readonly verifiedFrom: VerifiedFrom | null;
  readonly backupId: BackupId | null;
}

/** What was read from a card under one path, and the copy that holds it. */
export interface SeenFile {
  readonly cardId: CardId;
  readonly path: RelativePath;
  readonly sizeBytes: number;
  readonly mtimeMs: number;
  readonly headXxh64: string;
  readonly copy: Copy;
}

export type CopyScope =
  | { readonly driveId: DriveId; readonly below?: RelativePath }
  | { readonly backupId: BackupId };

/** Read model: which content lies verified on which drive. Kept in the journal's own transaction. */
export interface Catalogue {
  /** True when some copy on the drive has this size: a cheap first question. */
  hasSize(driveId: DriveId, sizeBytes: number): boolean;
  /** Copies on one drive, verified ones first. */
  findContent(driveId: DriveId, sizeBytes: number, xxh64: string): readonly Copy[];
  /** Copies on all drives. */
  findEverywhere(sizeBytes: number, xxh64: string): readonly Copy[];
  findSeen(driveId: DriveId, cardId: CardId, path: RelativePath): SeenFile | null;
  copyAt(driveId: DriveId, to: RelativePath): Copy | null;
  /** All copies of a backup, or of a drive or one folder of it, in byte order of their paths in UTF-8. */
  copiesOf(scope: CopyScope): Iterable<Copy>;
  /**
   * Verified copies that are in no manifest yet, recorded up to the journal's record `upTo`, in order of path: those that a
   * backup's seal lists. What was indexed elsewhere than below `Photos` and `Other` is not among them.
   */
  unsealed(driveId: DriveId, upTo: number): Iterable<Copy>;
  /** What they list is not among the unsealed: a seal need not read them. Empty at first. */
  sealedGenerations(driveId: DriveId): ReadonlySet<RelativePath>;
  /**
   * True when a file of this name without its extension (`IMG_0231`), last modified between these moments, was ever read
   * from any card: cameras use a number again after 9,999 shots. To the minute.
   */
  wasShotSeen(shot: string, fromMs: number, toMs: number): boolean;
  /**
   * The highest number from the counter (`FileOnDrive.number`) that was ever recorded, on any drive; 0 when none was. Never
   * goes back, also when copies or drives are forgotten.
   */
  highestNumber(): number;
  /** Cards whose files lie below this folder of the drive, for `mirror` with two cards of one label. */
  cardsBelow(driveId: DriveId, folder: RelativePath): readonly CardId[];
}

export interface HistoryRow {
  readonly id: BackupId;
  /** Label of the card. */
  readonly card: string;
  readonly cardId: CardId;
  readonly drives: readonly {
    readonly id: DriveId;
    readonly outcome: 'done' | 'failed' | 'interrupted' | null;
    readonly reason: string | null;
    readonly verifiedFrom: VerifiedFrom | null;
    /** That this drive holds verified: copied to it or found on it. */
    readonly files: number;
    readonly bytes: number;
  }[];
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly outcome: 'done' | 'failed' | 'interrupted' | null;
  readonly reason: string | null;
  readonly files: number;
  readonly bytes: number;
  readonly copied: number;
  readonly duplicates: number;
  readonly failed: number;
  /** Where the second reading of the copied files came from (`verify = "source-twice"`); null: they were read once. */
  readonly secondReading: VerifiedFrom | null;
  /** What a person should know, a line each; the first 20. */
  readonly notes: readonly string[];
}

/** Read model: every backup, oldest first. Kept in the journal's own transaction. */
export interface History {
  /** `before`: only those that began before this one; none for an id that is not there. */
  rows(query?: { readonly last?: number; readonly before?: BackupId }): readonly HistoryRow[];
  find(id: BackupId): HistoryRow | null;
}

/** Together, because read models commit with the facts that they are made from. */
export interface Store {
  readonly log: EventLog;
  readonly catalogue: Catalogue;
  readonly history: History;
  readonly shelf: PhotoShelf;
  /** Drops all read models and makes them again from the journal. */
  rebuild(): void;
  /**
   * Clears away some of what no answer tells any more, the copies of forgotten drives: one transaction of bounded length.
   * False when nothing is left. Throws what the disk throws; the next call goes on.
   */
  tidy(): boolean;
}

/** Something attached or detached cards and drives. */
export interface DeviceSource {
  readonly facts$: Observable<Fact>;
  /** Resolves when everything that was attached already has been reported. */
  start(): Promise<void>;
  /** Safe after a half-done start. */
  stop(): Promise<void>;
}

/**
 * Shows lights. With hardware, `off` is shown only when the daemon alone ends: when the machine goes down the last
 * light stands until the `system-shutdown` script puts it out (`contract.md` section 1).
 */
export interface LedDriver {
  /** Level-triggered: showing the same light again is harmless. Never throws. */
  show(light: Light, leds: ThreeLeds): void;
  /** Lets go of the LEDs, `dark` or as they are (`standing`, default dark). Safe twice and before `show`. */
  stop(last?: 'dark' | 'standing'): Promise<void>;
}

export type ButtonEdge = 'pressed' | 'released';

export interface Board {
  readonly leds: LedDriver;
  readonly button$: Observable<ButtonEdge>;
}

/** The service manager that started the daemon; nothing happens where there is none. */
export interface ServiceManager {
  /** The daemon still starts, and needs a minute more from now on. */
  starting(): void;
  /** The daemon is ready: its socket answers and devices are known. */
  ready(): void;
  /** One line for `systemctl status`. */
  status(line: string): void;
  /** The daemon is ending. */
  stopping(): void;
  /** Tells the watchdog now and then that the daemon is alive, for as long as `isAlive` says so. */
  watch(isAlive: () => boolean): void;
  stop(): Promise<void>;
}

export interface PowerSwitch {
  /** Called last, when the lights are off. */
  end(action: 'poweroff' | 'reboot' | 'stop'): Promise<void>;
}

/** Where a path stands, as the kernel sees it. */
export interface Volume {
  readonly path: string;
  readonly label: string | null;
  readonly uuid: string | null;
  readonly device: string | null;
  readonly sizeBytes: number | null;
  readonly fsType: string | null;
  readonly readOnly: boolean;
  /** On the disk that holds the running system. */
  readonly system: boolean;
  /** Null where there is no block device. */
  readonly hardware: Hardware | null;
}

export type { Card };
