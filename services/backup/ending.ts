import type { Fact } from '../../machines/facts.ts';
import type { BackupTotals, DriveResult, VerifiedFrom } from '../../machines/media.ts';
import type { Interruption, Reason } from '../../machines/reasons.ts';
import { isJournalError, messageOf } from '../errors.ts';
import type { BackupJob } from './job.ts';
import { isFileProblem, isStopped } from './problems.ts';
import { type Cause, type DriveReport, lowest } from './tally.ts';

export interface EndingParts {
  readonly totals: () => BackupTotals;
  /** Whether every second reading of the card came from its medium. */
  readonly secondFrom: () => VerifiedFrom;
  /** What the whole backup told of the card. */
  readonly notes: () => readonly string[];
}

/** The one fact that a backup ends in, from what its drives report. */
export class Ending {
  readonly #job: BackupJob;
  /** Grows until the backup begins. */
  readonly #reports: readonly DriveReport[];
  readonly #parts: EndingParts;

  constructor(job: BackupJob, reports: readonly DriveReport[], parts: EndingParts) {
    this.#job = job;
    this.#reports = reports;
    this.#parts = parts;
  }

  /** Of the drives that are attached, those that `--to` left out too. */
  #isEnough(drives: number): boolean {
    return this.#job.copies !== 'all' || drives >= this.#job.attached;
  }

  /** A second reading that came from the cache proves nothing of a volume. */
  get #isSourceTrusted(): boolean {
    const { card, verify } = this.#job;
    return verify === 'medium' || card.kind === 'folder' || this.#parts.secondFrom() === 'medium';
  }

  /** So many drives must hold every file. */
  get wanted(): number {
    const { copies } = this.#job;
    return copies === 'all' ? this.#reports.length : Math.max(1, copies);
  }

  /** Of a backup that came to its end. */
  good(): Fact {
    const done = this.#reports.filter((report) => report.isDone);
    if (done.length >= this.wanted) {
      const enough = done.filter((report) => report.isTrusted).length >= this.wanted;
      const trusted = enough && this.#isSourceTrusted;
      return {
        type: 'BackupFinished',
        ...this.#summary('failed', 'internal'),
        trusted,
        enough: this.#isEnough(done.length),
        ...this.#notes(),
      };
    }
    const causes = this.#reports.flatMap(({ cause }) => (cause === null ? [] : [cause]));
    if (this.#reports.length < this.wanted) {
      const detail = `${this.#reports.length} of ${this.wanted} drives are attached`;
      causes.push({ reason: 'too-few-copies', detail });
    }
    return this.failed(lowest(causes) ?? { reason: 'internal', detail: 'a drive did not come to its end' });
  }

  /** The end that an error makes. */
  byError(error: unknown): Fact {
    if (isFileProblem(error)) return this.failed({ reason: error.reason, detail: error.message });
    if (!isStopped(error)) {
      const full = isJournalError(error) && error.code === 'state-disk-full';
      return this.failed({ reason: full ? 'state-disk-full' : 'internal', detail: messageOf(error) });
    }
    if (error.why === 'drive-lost') return this.failed({ reason: 'drive-lost', detail: error.message });
    const { why } = error;
    return {
      type: 'BackupInterrupted',
      ...this.#summary('interrupted', why),
      reason: why,
      ...this.#notes(),
    };
  }

  failed({ reason, detail }: Cause): Fact {
    return { type: 'BackupFailed', ...this.#summary('failed', reason), reason, detail, ...this.#notes() };
  }

  #notes(): { readonly notes?: readonly string[] } {
    const notes = this.#parts.notes();
    return notes.length > 0 ? { notes } : {};
  }

  #summary(outcome: 'failed' | 'interrupted', reason: Reason | Interruption) {
    const drives: readonly DriveResult[] = this.#reports.map((report) => report.result({ outcome, reason }));
    const { backupId, card } = this.#job;
    return { backupId, cardId: card.id, totals: this.#parts.totals(), drives };
  }
}
