import type { FailedFile } from '../../machines/media.ts';
import type { ShotGroup } from '../library/groups.ts';
import type { CardPath, ScannedFile } from '../media-ports.ts';

/** `index` numbers the files of one card, from 0 in the order of the scan. */
export interface PlannedFile extends ScannedFile {
  readonly index: number;
}

/**
 * What one drive needs of a group. `new`: to be copied; `maybe`: all its sizes are on the drive, so it is hashed
 * before it is written; `duplicate`: a `maybe` that was hashed while planning, because room is tight; `known`: need
 * not be read again; `left-out`: does not fit (`fit`); `none`: that drive failed while planning.
 */
export type GroupState = 'new' | 'maybe' | 'duplicate' | 'known' | 'left-out' | 'none';

export interface StoredGroup {
  /** From 0, in the order of `addGroups`. */
  readonly number: number;
  readonly group: ShotGroup<PlannedFile>;
  /** One a drive; empty before `decide`. */
  readonly states: readonly GroupState[];
}

export interface Decision {
  readonly number: number;
  readonly states: readonly GroupState[];
  /** What is urgent is copied first. */
  readonly urgent: boolean;
}

/**
 * Where the plan of one backup lies while it runs. Never durable, never read again: a crash or `close` leaves nothing.
 * Every listing may be left half-way, and `decide` may be called while one is under way. Throws `JournalError`
 * (`state-disk-full`, `io`).
 */
export interface PlanStore {
  addGroups(groups: readonly ShotGroup<PlannedFile>[]): void;
  addUnreadable(failures: readonly FailedFile[]): void;
  /**
   * `scan`: as they were added. `newest`: by the time of their newest file, newest first. `copying`: the decided ones
   * alone, urgent ones first, newest first inside; `counting`: the same, oldest first inside. `decide` may not change what is urgent while one of them is listed.
   */
  groups(order: 'scan' | 'newest' | 'copying' | 'counting'): Iterable<StoredGroup>;
  unreadable(): Iterable<FailedFile>;
  /** Replaces what was decided before. */
  decide(decisions: readonly Decision[]): void;
  /** Null when no such file was added. */
  find(file: CardPath): PlannedFile | null;
  /** Safe twice. */
  close(): void;
}
