/** What the health service needs from the outside. */

/** What keeps the processor from its full speed now. */
export type Brake = 'frequency capped' | 'throttled' | 'soft temperature limit';

export type DiskVerdict =
  /** SMART says that it is well. */
  | 'passed'
  /** It works and shows its age: sectors that cannot be read, spare cells used up. */
  | 'worn'
  /** SMART says that it is failing. */
  | 'failing';

/** One thing that could be measured. What could not be is left out: unknown, never an error. */
export type Reading =
  | { readonly check: 'temperature'; readonly celsius: number }
  | {
      readonly check: 'power';
      /** Under-voltage at this moment, or within the last two seconds: the kernel asks the firmware so often. */
      readonly low: boolean;
      /** The firmware remembers an earlier one. */
      readonly wasLow: boolean;
    }
  | { readonly check: 'throttling'; readonly brakes: readonly Brake[] }
  /** Resident memory of this process. */
  | { readonly check: 'memory'; readonly rssBytes: number }
  /** Room for this process on the disk of the journal. */
  | { readonly check: 'state-disk'; readonly freeBytes: number }
  | {
      readonly check: 'disk';
      readonly subject: string;
      readonly verdict: DiskVerdict;
      /** For people; empty when the verdict says it all. */
      readonly detail: string;
    };

/** A disk to ask for its SMART verdict. */
export interface AskedDisk {
  /** What people call it: a drive's label with its node, or the node alone. */
  readonly subject: string;
  /** Device node of the disk or of a partition on it, `/dev/sda1`. */
  readonly node: string;
}

/** Measures the machine. Nothing here throws or rejects. */
export interface HealthSource {
  /** Reads of `/sys` only: temperature, power, throttling. Cheap enough for every few seconds, also on a Pi Zero. */
  quick(): readonly Reading[];
  /** What needs a look at a file system or another process. Every 30 s or slower. */
  slow(): Promise<readonly Reading[]>;
  /** SMART verdicts; a disk that sleeps is left asleep and left out. Seconds; every half hour or slower. */
  disks(disks: readonly AskedDisk[]): Promise<readonly Reading[]>;
  /** The disk on which the journal stands; null where there is none of its own. */
  stateDisk(): Promise<AskedDisk | null>;
  /** Ends processes that still run. */
  stop(): Promise<void>;
}
