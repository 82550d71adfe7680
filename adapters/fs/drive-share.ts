import { SyncFence } from './sync-fence.ts';

/** One after the other: at most one `action` runs at a time, in the order of the calls. */
export class Lock {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(action: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(action);
    this.#last = mine.catch(() => undefined);
    return mine;
  }
}

/** What all who write to one drive must share: two backups at once open the same drive twice. */
export interface DriveShare {
  readonly lock: Lock;
  /** Absolute paths of the incoming files of this process, which nobody else may clear away. */
  readonly live: Set<string>;
  /** By attachment: a drive that was attached anew begins anew. */
  readonly fences: Map<string, SyncFence>;
}

/** Attachments of one drive that are remembered; only the last one can still be used. */
const MAX_FENCES = 16;

/** One small entry for each drive that this process has ever opened. */
const shares = new Map<string, DriveShare>();

export function shareOf(driveId: string): DriveShare {
  const share = shares.get(driveId) ?? { lock: new Lock(), live: new Set(), fences: new Map() };
  shares.set(driveId, share);
  return share;
}

/** The same for all who opened the drive while it was attached this one time. `path` is for people. */
export function fenceOf({ fences }: DriveShare, attachment: string, path: string): SyncFence {
  const fence = fences.get(attachment) ?? new SyncFence(path);
  fences.set(attachment, fence);
  const [oldest] = fences.keys();
  if (fences.size > MAX_FENCES && oldest !== undefined) fences.delete(oldest);
  return fence;
}
