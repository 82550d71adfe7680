import type { Fact } from '../../machines/facts.ts';
import type { BackupId, DriveId } from '../../machines/ids.ts';
import type { Card, Drive, ManifestHash } from '../../machines/media.ts';
import type { DriveError } from '../errors.ts';
import type { Style } from '../library/layout.ts';
import type { CardReader, DriveStore, MetadataReader } from '../media-ports.ts';
import type { Catalogue } from '../ports.ts';
import type { Counter } from './numbering.ts';
import type { PlanStore } from './ports.ts';
import type { Reservations } from './reservations.ts';
import type { Shelves } from './shelf.ts';

/** What one backup is asked to do. */
export interface BackupJob extends Style {
  readonly backupId: BackupId;
  readonly card: Card;
  /** Adopted, attached and open; written side by side. */
  readonly drives: readonly DriveStore[];
  /** Adopted and attached, but could not be opened: the others are written all the same. */
  readonly unopened: readonly { readonly drive: Drive; readonly error: DriveError }[];
  /** Adopted drives that are attached now: more than `drives` when the order names one. */
  readonly attached: number;
  /** Copy as many shot groups as fit, newest first, instead of nothing when not all of them do. */
  readonly fit: boolean;
  /** Stays free on each drive. */
  readonly reserveBytes: number;
  /** On how many drives every file must lie verified; `all` means each of `drives`. */
  readonly copies: 'all' | number;
  /** `source-twice`: the card is read a second time, past its cache, and must give the same again. */
  readonly verify: 'medium' | 'source-twice';
  /** What the manifest gets beside XXH64; null for nothing. */
  readonly hash: ManifestHash['format'] | null;
}

export type StopWhy = 'card-removed' | 'drive-lost' | 'shutdown' | 'weak-power';

/** Bytes and files of a running backup, live: more often than facts. */
export interface LiveProgress {
  /** On the drive that is furthest behind. */
  readonly filesDone: number;
  readonly filesTotal: number;
  /** Of the card, read or passed over. */
  readonly bytesDone: number;
  readonly bytesTotal: number;
  /** What is settled on each drive that still takes part. */
  readonly drives: readonly {
    readonly id: DriveId;
    readonly filesDone: number;
    readonly bytesDone: number;
  }[];
}

/** What a backup needs from the outside. */
export interface BackupDeps {
  readonly cards: CardReader;
  readonly metadata: Pick<MetadataReader, 'captures'>;
  readonly catalogue: Catalogue;
  /** One for the whole box: backups that run at once share the names of a drive. */
  readonly shelves: Shelves;
  /** One for the whole box: backups that run at once share the room of a drive. */
  readonly reservations: Reservations;
  /** One for the whole box: no two shots get one number. */
  readonly counter: Counter;
  /** A new, empty one. Throws `JournalError`. */
  readonly openPlan: () => PlanStore;
  /** Resolves when the fact is durable in the journal and in the catalogue. */
  readonly emit: (fact: Fact) => Promise<void>;
  /**
   * Writes everything on this drive that is verified and in no manifest yet into its manifests, what an interrupted
   * backup left included. Throws `DriveError`.
   */
  readonly seal: (store: DriveStore) => Promise<void>;
  /** Asked at every block: why the backup has to end now, or null. */
  readonly stop: () => StopWhy | null;
  /** How far it is, live; never journaled. */
  readonly progress: (progress: LiveProgress) => void;
}
