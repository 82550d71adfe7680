import type { Measured, RsyncMeasured } from './contenders.ts';
import type { ImagetankMeasured } from './imagetank.ts';
import type { Workload } from './workloads.ts';

/** One workload, set up: its card is there, and every contender can be asked to back it up. */
export interface Scene {
  readonly card: string;
  /** Before each run: what the camera did meanwhile. */
  next?(): void;
  /** Each gets a folder of its own that is gone after the run, not made yet. */
  cp(to: string): Promise<Measured>;
  rsync(to: string): Promise<RsyncMeasured>;
  imagetank(to: string): Promise<ImagetankMeasured>;
  /** Throws when the drives do not hold what the card holds. `to` is that of the last run. */
  check(to: string): void;
  remove(): void;
}

/** Where scenes are set up. */
export interface Stage {
  readonly root: string;
  readonly workload: Workload;
  readonly hasRsync: boolean;
}
