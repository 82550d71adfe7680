import type { Drive, FactRecord } from '../../machines/facts.ts';
import type { DriveId } from '../../machines/ids.ts';
import { UserError } from '../errors.ts';
import type { VerifyWork } from './advice.ts';
import { VerificationBook } from './book.ts';

const GOES_ON = 'it goes on where it was with: imagetank verify';

export const ejected = (label: string) =>
  new UserError('drive-ejected', 75, `stopped, for ${label} was ejected`, `attach it again: ${GOES_ON}`);

/** One verification a drive at a time, each stopped when its drive or the box goes; and how far earlier ones came. */
export class Verifications {
  readonly book = new VerificationBook();
  readonly #running = new Map<AbortController, ReadonlySet<DriveId>>();

  /** Each fact once it is durable. */
  follow(record: Pick<FactRecord, 'fact' | 'at' | 'seq'>): void {
    this.book.apply(record);
    const { fact } = record;
    if (fact.type === 'ShutdownRequested') {
      const why = new UserError('shutting-down', 75, 'stopped, for the box shuts down', GOES_ON);
      for (const stop of this.#running.keys()) stop.abort(why);
    } else if (fact.type === 'DriveDetached' || fact.type === 'DriveForgotten') {
      const hint = `attach it again: ${GOES_ON}`;
      this.stop(fact.driveId, new UserError('drive-lost', 74, 'the drive went away', hint));
    }
  }

  /** Whatever reads this drive ends with `why` at the next block. */
  stop(driveId: DriveId, why: UserError): void {
    for (const [stop, drives] of this.#running) if (drives.has(driveId)) stop.abort(why);
  }

  /** Throws `UserError` 75 while another one reads one of these drives. */
  async *on(drives: readonly Drive[], work: (stop: AbortSignal) => VerifyWork): VerifyWork {
    const taken = new Set([...this.#running.values()].flatMap((ids) => [...ids]));
    const busy = drives.find(({ id }) => taken.has(id));
    if (busy !== undefined) {
      const hint = 'wait until that one ends, or stop it with Ctrl-C where it runs';
      throw new UserError('being-verified', 75, `${busy.label} is being verified already`, hint);
    }
    const stop = new AbortController();
    this.#running.set(stop, new Set(drives.map(({ id }) => id)));
    try {
      yield* work(stop.signal);
    } finally {
      this.#running.delete(stop);
    }
  }
}
