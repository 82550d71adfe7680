import type { DriveId } from '../../machines/ids.ts';
import type { CardPath, ScannedOther } from '../media-ports.ts';
import { MAX_REPORTED } from '../verify/tally.ts';
import type { CheckResult } from '../work-shapes.ts';
import type { Standing } from './copies.ts';

/** A drive as the answer names it. */
export type NamedDrive = Pick<CheckResult['drives'][number], 'id' | 'label' | 'state'>;

export interface Question {
  readonly asked: 'all' | number;
  readonly required: number;
  readonly isOffsiteAsked: boolean;
  /** Every adopted drive. */
  readonly drives: readonly NamedDrive[];
}

/** What nobody could read has no copy. */
export const UNREADABLE: Standing = { why: 'unreadable', good: [], isOffsite: false };

/** Adds up the answer, file by file. Counts everything, names a bounded number. */
export class Findings {
  readonly #question: Question;
  readonly #attached: ReadonlySet<string>;
  readonly #held = new Map<DriveId, number>();
  readonly #missing: CheckResult['missing'] = [];
  readonly #notFiles: NonNullable<CheckResult['notFiles']> = [];
  readonly #ignored: string[] = [];
  #files = 0;
  #verified = 0;
  #offsite = 0;
  /** Fewest drives that were looked at for a verified file; where there is none, those that were asked. */
  #lookedAt: number;

  constructor(question: Question) {
    this.#question = question;
    this.#attached = new Set(question.drives.filter(({ state }) => state === 'attached').map(({ id }) => id));
    this.#lookedAt = Math.min(question.required, this.#attached.size);
  }

  add({ path, pathBase64 }: CardPath, { why, good, isOffsite }: Standing): void {
    this.#files += 1;
    if (isOffsite) this.#offsite += 1;
    for (const id of good) this.#held.set(id, (this.#held.get(id) ?? 0) + 1);
    if (why === null) {
      this.#verified += 1;
      const lookedAt = good.filter((id) => this.#attached.has(id)).length;
      this.#lookedAt = Math.min(this.#lookedAt, lookedAt);
      return;
    }
    if (this.#missing.length >= MAX_REPORTED) return;
    const raw = pathBase64 === undefined ? {} : { pathBase64 };
    this.#missing.push({ path, ...raw, why, copies: good.length, drives: [...good] });
  }

  /** It is on no drive, and its owner has to know; but what a link points at is not on the card either. */
  ignore({ path, pathBase64, special: what }: ScannedOther): void {
    if (what === undefined) {
      if (this.#ignored.length < MAX_REPORTED) this.#ignored.push(path);
    } else if (this.#notFiles.length < MAX_REPORTED) {
      this.#notFiles.push(pathBase64 === undefined ? { path, what } : { path, pathBase64, what });
    }
  }

  result(): Omit<CheckResult, 'gaps'> {
    const { asked, required, isOffsiteAsked } = this.#question;
    const lookedAt = this.#lookedAt;
    return {
      safe: this.#verified === this.#files,
      files: this.#files,
      verified: this.#verified,
      // Where nothing counts, nothing counts on record either.
      copies: { asked, required, lookedAt, onRecord: this.#verified === 0 ? 0 : required - lookedAt },
      drives: this.#drives(),
      ...(isOffsiteAsked ? { offsite: { verified: this.#offsite } } : {}),
      missing: this.#missing,
      ...(this.#notFiles.length === 0 ? {} : { notFiles: this.#notFiles }),
      ...(this.#ignored.length === 0 ? {} : { ignored: this.#ignored }),
    };
  }

  /** One that is away and holds nothing of this card has nothing to do with the answer. */
  #drives(): CheckResult['drives'] {
    const counted = this.#question.drives.map((drive) => ({
      ...drive,
      files: this.#held.get(drive.id as DriveId) ?? 0,
    }));
    return counted.filter(({ state, files }) => state !== 'away' || files > 0);
  }
}
