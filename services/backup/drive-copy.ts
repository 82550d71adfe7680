import type { FailedFile } from '../../machines/media.ts';
import { isDriveError } from '../errors.ts';
import { allOver } from './all-over.ts';
import { Batch, onDrive } from './batch.ts';
import { keyOf } from './content.ts';
import { findDuplicate, type Group, type ReadFile } from './drive-context.ts';
import { knownContext, recordedFile } from './known.ts';
import type { Lane } from './lane.ts';
import { isTooLarge } from './lane-plan.ts';
import type { PlannedFile } from './ports.ts';
import { FileProblem } from './problems.ts';
import { flushBatch, placeBatch, verifyBatch } from './settle.ts';
import type { Shots } from './shots.ts';
import { tooLarge, type Written } from './written.ts';

/** What goes on with a batch that was handed over; each begins when the one before it is over. */
interface Stages {
  readonly flushing: Promise<unknown>;
  readonly verifying: Promise<unknown>;
  readonly placing: Promise<unknown>;
}

const OVER: Stages = {
  flushing: Promise.resolve(),
  verifying: Promise.resolve(),
  placing: Promise.resolve(),
};

/**
 * One drive's side of a backup: a batch is gathered, flushed, read back and placed, each while the next one is a stage
 * behind. A drive that fails is `out`: nothing more is written to it, the other drives go on.
 */
export class DriveCopy {
  readonly lane: Lane;
  readonly #onFlushed: () => Promise<void>;
  readonly #inFlight = new Set<Batch>();
  #batch = new Batch();
  /** Of the last three batches that were handed over, the last one first. */
  #stages: readonly [Stages, Stages, Stages] = [OVER, OVER, OVER];

  constructor(lane: Lane, onFlushed: () => Promise<void>) {
    this.lane = lane;
    this.#onFlushed = onFlushed;
  }

  get isOut(): boolean {
    return this.lane.report.broken;
  }

  /** Runs what writes to this drive; an error of the drive ends its part only. */
  async guard(action: () => Promise<void>): Promise<void> {
    if (this.isOut) return;
    try {
      await action();
    } catch (error) {
      if (!isDriveError(error)) throw error;
      // A full drive still has the whole batch in `incoming/`: all it takes is names.
      if (error.reason === 'drive-full') await this.#keepWhatFits();
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (!isDriveError(error)) throw error;
    this.lane.report.driveFailed({ reason: error.reason, detail: error.message });
    this.lane.meter.lost(this.lane.store.drive.id);
  }

  async #keepWhatFits(): Promise<void> {
    try {
      await this.settle();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Hands the batch over when it is full; waits for the one before it. */
  async settleIfFull(): Promise<void> {
    if (this.#batch.isFull) await this.#handOver(async () => undefined);
  }

  /** Everything so far is on the drive and recorded when it resolves. */
  async settle(): Promise<void> {
    await this.#handOver(async () => undefined);
    await this.#stages[0].placing;
  }

  /** The last batch; tells when it is flushed, before it is verified. */
  async finish(): Promise<void> {
    await this.#handOver(this.#onFlushed);
    await this.#stages[0].placing;
  }

  /**
   * A batch is gathered while the one before it is flushed, the one before that read back, and the one before that
   * placed: no more than four. Each stage takes the batches in their order.
   */
  async #handOver(onFlushed: () => Promise<void>): Promise<void> {
    const [{ flushing }, { verifying }, { placing }] = this.#stages;
    await flushing;
    await verifying;
    await placing;
    const batch = this.#batch;
    // Never twice: after an error nobody knows which of its files have their names already.
    this.#batch = new Batch();
    this.#inFlight.add(batch);
    const stages = this.#through(batch, this.#stages[0], onFlushed);
    this.#stages = [stages, this.#stages[0], this.#stages[1]];
    // Whoever waits for them next gets the error; until then it is no unhandled one.
    for (const stage of Object.values(stages)) stage.catch(() => undefined);
  }

  #through(batch: Batch, before: Stages, onFlushed: () => Promise<void>): Stages {
    const flushing = flushBatch(batch, this.lane).then(onFlushed);
    const verifying = this.#verify(batch, flushing, before.verifying);
    return { flushing, verifying, placing: this.#place(batch, verifying, before.placing) };
  }

  async #verify(batch: Batch, flushing: Promise<unknown>, before: Promise<unknown>): Promise<Shots> {
    await allOver([before, flushing]);
    return verifyBatch(batch, this.lane);
  }

  /** After an error nothing more is placed. */
  async #place(batch: Batch, verifying: Promise<Shots>, before: Promise<unknown>): Promise<void> {
    try {
      await allOver([before, verifying]);
      await placeBatch(batch, await verifying, this.lane);
    } finally {
      this.#inFlight.delete(batch);
      await batch.discard();
    }
  }

  /** Waits for what runs and takes back what is not placed. Never throws. */
  async end(): Promise<void> {
    await this.#stages[0].placing.catch(() => undefined);
    const stages = await Promise.allSettled(this.#stages.flatMap((each) => Object.values(each)));
    // Another error ended the backup, or came first: what this drive did must not be forgotten with it.
    for (const stage of stages) {
      if (stage.status === 'rejected' && isDriveError(stage.reason)) this.#fail(stage.reason);
    }
    await this.#batch.discard();
  }

  fail(file: PlannedFile, problem: FileProblem, salvagedTo?: FailedFile['salvagedTo']): void {
    this.#batch.fail(file, problem, salvagedTo);
  }

  failUnlisted(failure: { readonly index: number; readonly outcome: FailedFile }): void {
    this.#batch.failed.push(failure);
  }

  leaveOut(group: Group): void {
    for (const file of group.members) {
      const detail = `${file.path}: left out, the drive has no room for it`;
      this.fail(file, new FileProblem('drive-full', detail));
    }
  }

  /** As the plan found it a moment ago; false when the catalogue has lost it since. */
  takeKnown(group: Group): boolean {
    const context = knownContext(group, this.lane);
    const known = group.members.flatMap((file) => {
      const recorded = recordedFile(file, context);
      return recorded === null ? [] : [{ index: file.index, outcome: recorded.onDrive }];
    });
    if (known.length < group.members.length) return false;
    this.#batch.duplicates.push(...known);
    return true;
  }

  /** The members that the file system can hold; the others fail here and now. */
  withoutTooLarge(group: Group): readonly PlannedFile[] {
    const { store } = this.lane;
    return group.members.filter((file) => {
      if (!isTooLarge(file, store)) return true;
      const detail = `${file.path}: ${file.sizeBytes} bytes, the file system of ${store.drive.label} takes ${store.rules.maxFileBytes}`;
      this.fail(file, new FileProblem('file-too-large', detail));
      return false;
    });
  }

  /** True when the whole group lies on the drive already; then it is noted. Throws `DriveError`. */
  async takeDuplicate(members: readonly ReadFile[]): Promise<boolean> {
    const [first, ...others] = members;
    if (first === undefined) return true;
    const largest = others.reduce((a, b) => (b.content.sizeBytes > a.content.sizeBytes ? b : a), first);
    // Its twin may wait in a batch: it has to lie on the drive before anything can be held against it. Empty files are
    // told by their names, which `placeGroups` looks at.
    if (largest.content.sizeBytes > 0 && this.#holds(largest)) await this.settle();
    const trusted = await findDuplicate(members, this.lane);
    if (trusted === null) return false;
    this.#batch.duplicates.push(
      ...members.flatMap((member, at) => {
        const where = trusted[at];
        return where === undefined ? [] : [{ index: member.file.index, outcome: onDrive(member, where) }];
      }),
    );
    return true;
  }

  #holds({ content }: ReadFile): boolean {
    const key = keyOf(content);
    return this.#batch.holds(key) || [...this.#inFlight].some((batch) => batch.holds(key));
  }

  add(group: Written[]): void {
    this.#batch.add(group);
  }

  /** Small files that were read already, group by group, in one call. Throws `DriveError`. */
  async writeAll(groups: readonly (readonly (ReadFile & { readonly bytes: Uint8Array })[])[]): Promise<void> {
    const files = groups.flat();
    const incoming = await this.lane.store.writeAll(
      files.map(({ bytes, content }) => ({ bytes, mtimeMs: content.mtimeMs })),
    );
    let next = 0;
    for (const group of groups) {
      const leaderMtimeMs = group[0]?.content.mtimeMs ?? 0;
      const written = group.flatMap(({ file, content }): Written[] => {
        const part = incoming[next++];
        return part === undefined ? [] : [{ file, content, incoming: part, isFlushed: false, leaderMtimeMs }];
      });
      this.add(written);
    }
  }

  /** What a write of one file threw: a problem of this file alone is noted, any other error is thrown again. */
  noteTooLarge(file: PlannedFile, error: unknown): void {
    const problem = tooLarge(file, error);
    if (problem === null) throw error;
    this.fail(file, problem);
  }
}
