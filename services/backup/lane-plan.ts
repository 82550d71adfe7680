import type { DriveShare } from '../../machines/media.ts';
import type { DriveError } from '../errors.ts';
import { isRenamed } from '../library/names.ts';
import { keepsCardNames } from '../library/naming.ts';
import type { DriveStore, ScannedFile } from '../media-ports.ts';
import type { DriveContext, Group } from './drive-context.ts';
import type { GroupState } from './ports.ts';

/** The reserve is meant for large drives: of a small one it may take this share at most. */
const MAX_RESERVE_SHARE = 0.05;

/** What the drive is to hold at the end. */
const HOPED_FOR: readonly GroupState[] = ['new', 'maybe', 'duplicate', 'known'];

export const isWritten = (state: GroupState): boolean => state === 'new' || state === 'maybe';

/** More than the drive's file system can hold in one file: 4 GiB on FAT32. */
export function isTooLarge({ sizeBytes }: Pick<ScannedFile, 'sizeBytes'>, { rules }: DriveStore): boolean {
  return rules.maxFileBytes !== null && sizeBytes > rules.maxFileBytes;
}

interface Sum {
  files: number;
  bytes: number;
  renamed: number;
  tooLarge: number;
}

const NOTHING: Sum = { files: 0, bytes: 0, renamed: 0, tooLarge: 0 };

/** What is planned for one drive, added up: memory is a few numbers. */
export class LanePlan {
  readonly context: DriveContext;
  /** Set when the drive failed while planning: the others go on. */
  error: DriveError | null = null;
  roomBytes = 0;
  readonly #sums = new Map<GroupState, Sum>();

  constructor(context: DriveContext) {
    this.context = context;
  }

  /** Bytes that may be written, asked now. `promisedBytes` belong to other backups. Throws `DriveError`. */
  async measure(promisedBytes: () => number): Promise<void> {
    const { job, store } = this.context;
    const reserveBytes = Math.min(job.reserveBytes, (await store.sizeBytes()) * MAX_RESERVE_SHARE);
    const freeBytes = await store.freeBytes();
    this.roomBytes = Math.floor(freeBytes - reserveBytes) - promisedBytes();
  }

  count(group: Group, state: GroupState): void {
    this.#add(group, state, 1);
  }

  recount(group: Group, before: GroupState, after: GroupState): void {
    this.#add(group, before, -1);
    this.#add(group, after, 1);
  }

  #add(group: Group, state: GroupState, sign: 1 | -1): void {
    const sum = this.#sums.get(state) ?? { ...NOTHING };
    const held = this.#held(group);
    sum.files += sign * held.length;
    sum.bytes += sign * this.bytesOf(group);
    sum.tooLarge += sign * (group.members.length - held.length);
    const { shelving } = this.context;
    const { restricted } = shelving;
    // What lies there has its name already.
    if (isWritten(state) && keepsCardNames(group, shelving))
      sum.renamed += sign * held.filter((file) => isRenamed(file, restricted)).length;
    this.#sums.set(state, sum);
  }

  /** What a group takes on this drive. */
  bytesOf(group: Group): number {
    return this.#held(group).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  }

  #held({ members }: Group): Group['members'] {
    return members.filter((file) => !isTooLarge(file, this.context.store));
  }

  #sum(of: keyof Sum, states: readonly GroupState[]): number {
    return states.reduce((sum, state) => sum + (this.#sums.get(state) ?? NOTHING)[of], 0);
  }

  /** Bytes that will be written at most. */
  get neededBytes(): number {
    return this.#sum('bytes', ['new', 'maybe']);
  }

  get surelyBytes(): number {
    return this.#sum('bytes', ['new']);
  }

  get renamed(): number {
    return this.#sum('renamed', ['new', 'maybe']);
  }

  get tooLarge(): number {
    return this.#sum('tooLarge', HOPED_FOR);
  }

  /** A full drive is good enough for a card that is on it already. */
  hasRoomFor(bytes: number): boolean {
    return bytes === 0 || bytes <= this.roomBytes;
  }

  get share(): DriveShare {
    const files = this.#sum('files', HOPED_FOR);
    return { driveId: this.context.store.drive.id, files, bytes: this.#sum('bytes', HOPED_FOR) };
  }
}
