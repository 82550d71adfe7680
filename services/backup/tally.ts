import type { DriveId, RelativePath } from '../../machines/ids.ts';
import type { BackupTotals, Drive, DriveResult, FailedFile, VerifiedFrom } from '../../machines/media.ts';
import { CODE_OF_REASON, type Interruption, type Reason } from '../../machines/reasons.ts';
import type { DriveError } from '../errors.ts';
import { SomeNames } from '../library/some-names.ts';
import type { DriveRules } from '../media-ports.ts';
import { type PlacedFile, PlacedSample } from './wrap-check.ts';

const COPIED = 1;
const DUPLICATE = 2;
const FAILED = 4;
const SUSPECT = 8;
const UNDATED = 16;

/** What became of each file of the card, over all drives: one byte a file. */
export class Tally {
  readonly #bytes: number;
  readonly #flags: Uint8Array;
  readonly #undated = new SomeNames();
  #suspects = 0;

  constructor(files: number, bytes: number) {
    this.#flags = new Uint8Array(files);
    this.#bytes = bytes;
  }

  copied(index: number): void {
    this.#mark(index, COPIED);
  }

  duplicate(index: number): void {
    this.#mark(index, DUPLICATE);
  }

  failed(index: number): void {
    this.#mark(index, FAILED);
  }

  /** What the card gave of it is nothing, or looks like flash that was never written: see `endsEarly`. */
  suspect(index: number): void {
    if (!this.isSuspect(index)) this.#suspects += 1;
    this.#mark(index, SUSPECT);
  }

  /** Copied, and nothing in it says when it was taken. Told for several drives it counts once. */
  undated(index: number, path: RelativePath): void {
    if (((this.#flags[index] ?? 0) & UNDATED) === 0) this.#undated.add(path);
    this.#mark(index, UNDATED);
  }

  /** One line for all of them; null for none. */
  get undatedNote(): string | null {
    if (this.#undated.count === 0) return null;
    const has = this.#undated.count === 1 ? 'has' : 'have';
    return `${this.#undated} ${has} no capture date that can be read: the time of the file counts instead`;
  }

  get suspects(): number {
    return this.#suspects;
  }

  isSuspect(index: number): boolean {
    return ((this.#flags[index] ?? 0) & SUSPECT) !== 0;
  }

  #mark(index: number, flag: number): void {
    this.#flags[index] = (this.#flags[index] ?? 0) | flag;
  }

  /** A file that failed on any drive failed; one that was copied to any was copied. */
  totals(): BackupTotals {
    let copied = 0;
    let duplicates = 0;
    let failed = 0;
    for (const flags of this.#flags) {
      if ((flags & FAILED) !== 0) failed += 1;
      else if ((flags & COPIED) !== 0) copied += 1;
      else if ((flags & DUPLICATE) !== 0) duplicates += 1;
    }
    return { files: this.#flags.length, bytes: this.#bytes, copied, duplicates, failed };
  }
}

/** Numbers, a bit each. */
class Bits {
  #words = new Uint8Array(1024);

  /** False when it was there already. */
  add(number: number): boolean {
    const at = number >>> 3;
    if (at >= this.#words.length) {
      const larger = new Uint8Array(Math.max(at + 1, 2 * this.#words.length));
      larger.set(this.#words);
      this.#words = larger;
    }
    const word = this.#words[at] ?? 0;
    this.#words[at] = word | (1 << (number & 7));
    return (word & (1 << (number & 7))) === 0;
  }
}

export interface Cause {
  readonly reason: Reason;
  readonly detail: string;
}

/** The cause with the lowest code, the first of them where several have it (`contract.md` section 1). */
export function lowest(causes: readonly Cause[]): Cause | null {
  return causes.reduce<Cause | null>((least, cause) => {
    return least === null || CODE_OF_REASON[cause.reason] < CODE_OF_REASON[least.reason] ? cause : least;
  }, null);
}

/** How one drive of the backup fares. */
export class DriveReport {
  readonly driveId: DriveId;
  readonly #kind: Drive['kind'];
  readonly #causes = new Map<Reason, Cause>();
  readonly #held = new Bits();
  #files = 0;
  #bytes = 0;
  #verifiedFrom: VerifiedFrom;
  #complete = false;
  readonly sample = new PlacedSample();
  /** Set when the drive itself failed: nothing more is written to it. */
  broken = false;

  constructor({ drive, rules }: { readonly drive: Drive; readonly rules: Pick<DriveRules, 'verifiedFrom'> }) {
    this.driveId = drive.id;
    this.#kind = drive.kind;
    this.#verifiedFrom = rules.verifiedFrom;
  }

  /** Of a drive that takes part and could not even be opened. */
  static ofUnopened(drive: Drive, { reason, message }: DriveError): DriveReport {
    const report = new DriveReport({ drive, rules: { verifiedFrom: 'cache' } });
    report.driveFailed({ reason, detail: message });
    return report;
  }

  get verifiedFrom(): VerifiedFrom {
    return this.#verifiedFrom;
  }

  /** One read-back from the cache spoils the claim for the whole drive. */
  readBack(from: VerifiedFrom): void {
    if (from === 'cache') this.#verifiedFrom = 'cache';
  }

  /** A file of the card, by its number, lies verified here. Told twice it counts once. */
  holds(index: number, sizeBytes: number): void {
    if (!this.#held.add(index)) return;
    this.#files += 1;
    this.#bytes += sizeBytes;
  }

  /** Copied in this backup: some of them are looked at once more at its end. */
  placed({ to, sizeBytes, xxh64, headXxh64 }: PlacedFile): void {
    this.sample.add({ to, sizeBytes, xxh64, headXxh64 });
  }

  get isEmpty(): boolean {
    return this.#files === 0;
  }

  fileFailed({ reason, detail }: FailedFile): void {
    this.#cause({ reason, detail });
  }

  /** The drive is good, but the card has more on it than was planned. */
  cardChanged(cause: Cause): void {
    this.#cause(cause);
  }

  driveFailed(cause: Cause): void {
    this.broken = true;
    this.#cause(cause);
  }

  #cause(cause: Cause): void {
    if (!this.#causes.has(cause.reason)) this.#causes.set(cause.reason, cause);
  }

  /** Everything is copied, verified and sealed, as far as nothing failed: then the drive holds every file of the card. */
  complete(filesOfCard: number): void {
    this.#complete = true;
    // The last line of defence of the green light: a file that got lost in our own hands must not pass.
    if (this.#causes.size === 0 && this.#files !== filesOfCard) {
      this.driveFailed({
        reason: 'internal',
        detail: `${this.#files} of ${filesOfCard} files are accounted for`,
      });
    }
  }

  /** It could not be written or synced, whatever else is wrong with it. */
  get isFailing(): boolean {
    return this.#causes.has('drive-failing');
  }

  get cause(): Cause | null {
    return lowest([...this.#causes.values()]);
  }

  /** True when every file of the card lies verified here. */
  get isDone(): boolean {
    return this.#complete && this.#causes.size === 0;
  }

  /** A volume must have been read from its medium; adopting a folder is its owner's word (`contract.md` section 4). */
  get isTrusted(): boolean {
    return this.isDone && (this.#kind === 'folder' || this.#verifiedFrom === 'medium');
  }

  /** `end` is how the whole backup ended, for a drive that was not to blame and did not get to its own end. */
  result(end: {
    readonly outcome: 'failed' | 'interrupted';
    readonly reason: Reason | Interruption;
  }): DriveResult {
    const share = { driveId: this.driveId, files: this.#files, bytes: this.#bytes };
    const { cause, verifiedFrom } = this;
    if (cause !== null) return { ...share, outcome: 'failed', reason: cause.reason, verifiedFrom };
    if (this.#complete) return { ...share, outcome: 'done', reason: null, verifiedFrom };
    return { ...share, ...end, verifiedFrom };
  }
}
