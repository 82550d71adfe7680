import type { DriveShare } from '../../machines/facts.ts';
import type { DriveError } from '../errors.ts';
import type { DriveStore, ScannedFile } from '../ports.ts';
import type { DriveContext, Group } from './drive-context.ts';
import type { GroupState } from './ports.ts';

/** The reserve is meant for large drives: of a small one it may take this share at most. */
const MAX_RESERVE_SHARE = 0.05;

/** More than the drive's file system can hold in one file: 4 GiB on FAT32. */
export function isTooLarge({ sizeBytes }: Pick<ScannedFile, 'sizeBytes'>, { rules }: DriveStore): boolean {
  return rules.maxFileBytes !== null && sizeBytes > rules.maxFileBytes;
}

interface Sum {
  files: number;
  bytes: number;
}

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
    const sum = this.#sums.get(state) ?? { files: 0, bytes: 0 };
    sum.files += sign * this.#held(group).length;
    sum.bytes += sign * this.bytesOf(group);
    this.#sums.set(state, sum);
  }

  /** What a group takes on this drive. */
  bytesOf(group: Group): number {
    return this.#held(group).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  }

  #held({ members }: Group): Group['members'] {
    return members.filter((file) => !isTooLarge(file, this.context.store));
  }

  /** Bytes that will be written at most. */
  get neededBytes(): number {
    return this.surelyBytes + this.#bytes('maybe');
  }

  get surelyBytes(): number {
    return this.#bytes('new');
  }

  #bytes(state: GroupState): number {
    return this.#sums.get(state)?.bytes ?? 0;
  }

  /** A full drive is good enough for a card that is on it already. */
  hasRoomFor(bytes: number): boolean {
    return bytes === 0 || bytes <= this.roomBytes;
  }

  get share(): DriveShare {
    const share = { driveId: this.context.store.drive.id, files: 0, bytes: 0 };
    for (const [state, { files, bytes }] of this.#sums) {
      if (state === 'left-out') continue;
      share.files += files;
      share.bytes += bytes;
    }
    return share;
  }
}
