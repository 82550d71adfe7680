import type { FactOf, FactRecord } from '../../machines/facts.ts';
import type { DriveId, RelativePath } from '../../machines/ids.ts';
import type { VerifiedUpTo } from '../../machines/media.ts';
import type { Verdict } from './findings.ts';
import { MAX_REPORTED } from './tally.ts';

/** A verification of a drive that did not come to its end. */
export interface OpenVerification {
  readonly files: number;
  readonly bytes: number;
  readonly reached: VerifiedUpTo;
  /** Manifests whose files were all re-read. */
  readonly generations: ReadonlySet<RelativePath>;
  readonly bad: ReadonlyMap<RelativePath, Verdict>;
  /** When it got so far, as recorded. */
  readonly at: string;
  /** The journal's record that says that it began. */
  readonly startedSeq: number;
}

interface Entry {
  readonly startedSeq: number;
  readonly generations: Set<RelativePath>;
  readonly bad: Map<RelativePath, Verdict>;
  last: Pick<OpenVerification, 'files' | 'bytes' | 'reached' | 'at'> | null;
}

/** Which drives were re-read in part, and how far: folded from the journal, so it survives a power cut. */
export class VerificationBook {
  readonly #open = new Map<DriveId, Entry>();

  /** Folds the three facts of verifications and `DriveForgotten`; every other fact is passed over. */
  apply({ fact, at, seq }: Pick<FactRecord, 'fact' | 'at' | 'seq'>): void {
    if (fact.type === 'VerificationStarted') {
      this.#open.set(fact.driveId, { startedSeq: seq, generations: new Set(), bad: new Map(), last: null });
    } else if (fact.type === 'VerificationFinished' || fact.type === 'DriveForgotten') {
      this.#open.delete(fact.driveId);
    } else if (fact.type === 'VerificationProgressed') {
      this.#progress(fact, at);
    }
  }

  /** Null when there is nothing to go on with: the next one begins anew. */
  unfinished(driveId: DriveId): OpenVerification | null {
    const entry = this.#open.get(driveId);
    if (entry === undefined || entry.last === null) return null;
    const { startedSeq, generations, bad, last } = entry;
    return { startedSeq, generations, bad, ...last };
  }

  #progress(fact: FactOf<'VerificationProgressed'>, at: string): void {
    const entry = this.#open.get(fact.driveId);
    if (entry === undefined) return;
    for (const generation of fact.generations) entry.generations.add(generation);
    for (const path of fact.altered) entry.bad.set(path, 'altered');
    for (const path of fact.missing) entry.bad.set(path, 'missing');
    entry.last = { files: fact.files, bytes: fact.bytes, reached: fact.reached, at };
    // So much is wrong that reading it all again costs little beside; what was found must never be forgotten.
    if (entry.bad.size > MAX_REPORTED) this.#open.delete(fact.driveId);
  }
}
