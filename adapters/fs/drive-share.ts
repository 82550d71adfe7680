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
}

/** One small entry for each drive that this process has ever opened. */
const shares = new Map<string, DriveShare>();

export function shareOf(driveId: string): DriveShare {
  const share = shares.get(driveId) ?? { lock: new Lock(), live: new Set() };
  shares.set(driveId, share);
  return share;
}
