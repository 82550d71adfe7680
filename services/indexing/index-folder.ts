import type { RelativePath } from '../../machines/ids.ts';
import { fileName } from '../library/names.ts';
import { Pace } from '../verify/pace.ts';
import type { FolderReader } from '../verify/ports.ts';
import type { VerifyRun } from '../verify/run.ts';
import { signsOf } from '../verify/signs.ts';
import { Batch, type BatchParts } from './batch.ts';
import { filesOf } from './listing.ts';
import { Looking, type LookingParts } from './looking.ts';

export interface IndexJob extends Omit<BatchParts, 'clock'>, Pick<LookingParts, 'isDryRun'> {
  /** Of the drive, below its top. */
  readonly folder: RelativePath;
  readonly roots: readonly (RelativePath | null)[];
  readonly reader: FolderReader;
  readonly run: VerifyRun;
  /** A number of the box's counter that lies there, whether its file could be read or not. */
  readonly met: (number: number) => void;
}

/** How far it is. */
export interface Step {
  readonly files: number;
  readonly bytes: number;
  /** A backup goes first. */
  readonly waiting: boolean;
}

/**
 * Reads every file that is no verified copy yet from the medium and records it as one; nothing is written but facts. What
 * was recorded with another content is altered and loses its mark, as `verify` would say. All of it is durable at its end;
 * when it is stopped, what was read until then is. Throws `DriveError` when the drive goes, and the reason of a stop.
 */
export async function* indexFolder(job: IndexJob): AsyncGenerator<Step> {
  const left = new AbortController();
  const stop = AbortSignal.any([job.run.stop, left.signal]);
  const { clock, rateBytesPerSecond } = job.run;
  const pace = new Pace({ ...job.run, stop });
  const batch = new Batch({ ...job, clock });
  const looking = new Looking({ ...job, pace, rateBytesPerSecond, batch });
  let files = 0;
  let knownBytes = 0;
  let work: Promise<unknown> = Promise.resolve();
  const step = (): Step => ({ files, bytes: knownBytes + pace.spentBytes, waiting: pace.isHeldUp });
  try {
    for await (const listed of filesOf({ ...job, stop })) {
      const spent = pace.spentBytes;
      work = looking.look(listed);
      for await (const _ of signsOf(work, clock)) yield step();
      await work;
      const number = job.numberIn(fileName(listed.path));
      if (number !== null) job.met(number);
      files += 1;
      if (pace.spentBytes === spent) knownBytes += listed.found?.sizeBytes ?? 0;
      yield step();
    }
    work = batch.record();
    for await (const _ of signsOf(work, clock)) yield step();
    await work;
  } finally {
    left.abort();
    await work.catch(() => undefined);
    // Nothing waits here at the end. After a stop it is what was read: the next run goes on behind it, or reads it again.
    await batch.record().catch(() => undefined);
  }
}
