import type { FactRecord } from '../../machines/facts.ts';
import type { DriveId } from '../../machines/ids.ts';
import type { Drive } from '../../machines/media.ts';
import type { Work } from '../appliance.ts';
import { withDeadline } from '../deadline.ts';
import { UserError } from '../errors.ts';
import type { Clock } from '../ports.ts';
import type { VerificationStatus } from '../shapes.ts';
import type { VerifyProgress } from '../work-shapes.ts';
import { VerificationBook } from './book.ts';

const VERIFY = 'imagetank verify';
const goesOn = (again: string): string => `it goes on where it was with: ${again}`;
/** One that was stopped reads its block to the end: 4 MiB, a second or two where the disk has trouble. */
const ENDS_WITHIN_MS = 5000;

/** Why a reading is stopped; `again` is the command that goes on with it. */
export type Stopping = (again: string) => UserError;

export const ejected =
  (label: string): Stopping =>
  (again) =>
    new UserError(
      'drive-ejected',
      75,
      `stopped, for ${label} was ejected`,
      `attach it again: ${goesOn(again)}`,
    );

export interface VerificationOrder {
  /** What nobody else may verify meanwhile. */
  readonly drives: readonly Drive[];
  /** For people: the backup or the folder; of a drive its label is shown while it is read. */
  readonly name: string;
  /** Aborts when nobody waits for the result any more. */
  readonly left?: AbortSignal | undefined;
  /** The command that goes on with it. Default: `imagetank verify`. */
  readonly again?: string;
}

interface Running {
  readonly again: string;
  readonly name: string;
  readonly drives: ReadonlySet<DriveId>;
  readonly stop: AbortController;
  /** Of `stop`, and of whoever has left. */
  readonly signal: AbortSignal;
  readonly ended: Promise<void>;
  readonly startedAt: string;
  progress: VerifyProgress | null;
}

/** One verification a drive at a time, each stopped when its drive or the box goes; and how far earlier ones came. */
export class Verifications {
  readonly book = new VerificationBook();
  readonly #clock: Pick<Clock, 'stamp' | 'setTimer'>;
  readonly #running = new Set<Running>();

  constructor(clock: Pick<Clock, 'stamp' | 'setTimer'>) {
    this.#clock = clock;
  }

  /** How far each of them is, in the order in which they began. */
  get now(): VerificationStatus[] {
    return [...this.#running].map(statusOf);
  }

  /** Each fact once it is durable. */
  follow(record: Pick<FactRecord, 'fact' | 'at' | 'seq'>): void {
    this.book.apply(record);
    const { fact } = record;
    if (fact.type === 'ShutdownRequested') {
      for (const { stop, again } of this.#running) {
        stop.abort(new UserError('shutting-down', 75, 'stopped, for the box shuts down', goesOn(again)));
      }
    } else if (fact.type === 'DriveDetached' || fact.type === 'DriveForgotten') {
      const hint = (again: string) => `attach it again: ${goesOn(again)}`;
      this.stop(fact.driveId, (again) => new UserError('drive-lost', 74, 'the drive went away', hint(again)));
    }
  }

  /** Whatever reads this drive ends with `why` at the next block. */
  stop(driveId: DriveId, why: Stopping): void {
    for (const { stop, drives, again } of this.#running) if (drives.has(driveId)) stop.abort(why(again));
  }

  /** Resolves when those that run now are over, or some seconds later: each of them ends soon once it was stopped. */
  async ended(): Promise<void> {
    const all = Promise.all([...this.#running].map((running) => running.ended));
    await withDeadline(all, ENDS_WITHIN_MS, this.#clock, () => new Error('late')).catch(() => undefined);
  }

  /** Waits for one that was stopped. Throws `UserError` 75 while another one reads one of these drives. */
  async *on<Result>(
    order: VerificationOrder,
    work: (stop: AbortSignal) => Work<Result, VerifyProgress>,
  ): Work<Result, VerifyProgress> {
    for (let wait = this.#wait(order); wait !== null; wait = this.#wait(order)) await wait;
    order.left?.throwIfAborted();
    const { running, end } = this.#begin(order);
    try {
      for await (const message of work(running.signal)) {
        if ('progress' in message) running.progress = message.progress;
        yield message;
      }
    } finally {
      this.#running.delete(running);
      end();
    }
  }

  /** Null when the drives are free: then nothing may come between. */
  #wait({ drives }: VerificationOrder): Promise<void> | null {
    for (const { id, label } of drives) {
      const other = [...this.#running].find((running) => running.drives.has(id));
      if (other === undefined) continue;
      if (!other.signal.aborted) throw beingVerified(label);
      return withDeadline(other.ended, ENDS_WITHIN_MS, this.#clock, () => beingVerified(label));
    }
    return null;
  }

  #begin({ drives, name, left, again = VERIFY }: VerificationOrder): {
    readonly running: Running;
    readonly end: () => void;
  } {
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const stop = new AbortController();
    const signal = left === undefined ? stop.signal : AbortSignal.any([stop.signal, left]);
    const { at: startedAt } = this.#clock.stamp();
    const ids = new Set(drives.map(({ id }) => id));
    const running: Running = { name, again, drives: ids, stop, signal, ended, startedAt, progress: null };
    this.#running.add(running);
    return { running, end };
  }
}

function beingVerified(label: string): UserError {
  const hint = 'wait until that one ends, or stop it with Ctrl-C where it runs';
  return new UserError('being-verified', 75, `${label} is being verified or indexed already`, hint);
}

const NOTHING_READ: VerifyProgress = {
  drive: null,
  continued: null,
  filesDone: 0,
  filesTotal: 0,
  bytesDone: 0,
  bytesTotal: 0,
  rateBytesPerSecond: null,
  secondsLeft: null,
  waiting: false,
};

function statusOf({ name, drives, startedAt, progress }: Running): VerificationStatus {
  const { drive, continued: _, ...amounts } = progress ?? NOTHING_READ;
  return { target: drive ?? name, drives: [...drives], ...amounts, startedAt };
}
