import type { DriveResult, Fact } from '../../machines/facts.ts';
import type { Interruption, Reason } from '../../machines/reasons.ts';
import { isDriveError, isJournalError, messageOf } from '../errors.ts';
import { shelvingOf } from '../library/layout.ts';
import type { DriveStore } from '../ports.ts';
import { DriveCopy } from './drive-copy.ts';
import { type DrivePlan, type Plans, planDrives } from './drive-plan.ts';
import type { BackupDeps, BackupJob } from './job.ts';
import type { Lane } from './lane.ts';
import { Meter } from './meter.ts';
import { type CardPlan, planCard } from './plan.ts';
import { notesOf } from './plan-notes.ts';
import type { PlanStore } from './ports.ts';
import { isFileProblem, isStopped } from './problems.ts';
import { changedSince } from './relist.ts';
import { Source } from './source.ts';
import { type Cause, DriveReport, lowest, Tally } from './tally.ts';

/**
 * Backs up one card to its drives, one drive after the other, and ends in exactly one of `BackupFinished`,
 * `BackupFailed` and `BackupInterrupted`. Interrupted anywhere, the same call later goes on: what is recorded is
 * skipped, what was placed and not recorded is found again. Rejects only when the journal takes no facts any more.
 */
export async function runBackup(job: BackupJob, deps: BackupDeps): Promise<void> {
  const run = new Run(job, deps);
  const end = await run.work().catch((error: unknown) => run.endBy(error));
  await deps.emit(end);
}

interface PlannedLane extends Lane {
  readonly plan: DrivePlan | null;
  readonly at: number;
}

const PHASES = ['CardRead', 'BackupFlushed', 'BackupVerified'] as const;

class Run {
  readonly #job: BackupJob;
  readonly #deps: BackupDeps;
  readonly #meter: Meter;
  readonly #source: Source;
  readonly #reports: DriveReport[] = [];
  #tally = new Tally(0, 0);
  #phases = 0;

  constructor(job: BackupJob, deps: BackupDeps) {
    this.#job = job;
    this.#deps = deps;
    this.#meter = new Meter(deps.progress);
    this.#source = new Source({
      cards: deps.cards,
      root: job.card.path,
      stop: deps.stop,
      onBytes: (bytes) => this.#meter.reading(bytes),
      hash: job.hash,
      twice: job.verify === 'source-twice',
    });
  }

  async work(): Promise<Fact> {
    const { drives } = this.#job;
    if (drives.length === 0) {
      return this.#failed({ reason: 'no-drive', detail: 'no adopted drive is attached' });
    }
    for (const store of drives) this.#reports.push(new DriveReport(store));
    const planned = this.#deps.openPlan();
    const card = await planCard(this.#deps.cards, this.#job.card.path, this.#source, planned);
    try {
      return await this.#copy(card, planned);
    } finally {
      for (const { drive } of drives) this.#deps.reservations.release(drive.id, this.#job.backupId);
      card.close();
    }
  }

  async #copy(card: CardPlan, planned: PlanStore): Promise<Fact> {
    const { drives } = this.#job;
    this.#tally = new Tally(card.files, card.bytes);
    const lanes: Lane[] = [];
    for (const [at, store] of drives.entries()) {
      const lane = this.#laneOf(store, this.#reports[at] ?? new DriveReport(store));
      // The owner may have tidied the drive since the last backup.
      lane.shelf.forget();
      await guarded(lane.report, () => store.clearIncoming());
      lanes.push(lane);
    }
    const able = lanes.filter(({ report }) => !report.broken);
    const plans = await planDrives(card, able, planned, this.#deps.reservations);
    const planOf = lanes.map((lane): PlannedLane => {
      const at = able.indexOf(lane);
      const plan = plans.drives[at] ?? null;
      if (isDriveError(plan)) lane.report.driveFailed({ reason: plan.reason, detail: plan.message });
      return { ...lane, plan: plan === null || isDriveError(plan) ? null : plan, at };
    });
    for (const { plan, report, store } of planOf) {
      if (plan?.fits !== false) continue;
      const { neededBytes, roomBytes } = plan;
      const detail = `${store.drive.label}: ${inMb(neededBytes)} needed, ${inMb(roomBytes)} to be had beside the reserve`;
      report.driveFailed({ reason: 'drive-full', detail });
    }
    await this.#announce(card, planOf, notesOf(this.#job.card, card, able, plans));
    await this.#copyAll(card, planOf, plans);
    for (const lane of planOf) await this.#seal(lane, card.files);
    await this.#condemn();
    return this.#end();
  }

  #laneOf(store: DriveStore, report: DriveReport): Lane {
    const { catalogue, shelves, metadata, emit } = this.#deps;
    const driveId = store.drive.id;
    const { card, layout } = this.#job;
    const restricted = store.rules.restrictedNames;
    return {
      job: this.#job,
      store,
      catalogue,
      metadata,
      emit,
      report,
      source: this.#source,
      shelf: shelves.of(driveId),
      shelving: shelvingOf(card, layout, { driveId, restricted, catalogue }),
      tally: this.#tally,
      meter: this.#meter,
      onReadBack: ({ verifiedFrom }) => report.readBack(verifiedFrom),
      onLost: (files) => emit({ type: 'CopiesLost', backupId: this.#job.backupId, driveId, files }),
    };
  }

  async #announce(card: CardPlan, lanes: readonly PlannedLane[], notes: readonly string[]): Promise<void> {
    this.#meter.expect(card.files * lanes.length, card.bytes * lanes.length);
    await this.#deps.emit({
      type: 'BackupPlanned',
      backupId: this.#job.backupId,
      cardId: this.#job.card.id,
      label: this.#job.card.label,
      files: card.files,
      bytes: card.bytes,
      ignored: card.ignored,
      drives: lanes.map(({ plan, store }) => plan?.share ?? { driveId: store.drive.id, files: 0, bytes: 0 }),
      ...(notes.length > 0 ? { notes } : {}),
    });
  }

  async #copyAll(card: CardPlan, lanes: readonly PlannedLane[], plans: Plans): Promise<void> {
    const able = lanes.filter(({ report }) => !report.broken);
    for (const lane of able) {
      const allRead = async (): Promise<void> => {
        if (lane === able.at(-1)) await this.#flushed(card);
      };
      await guarded(lane.report, () =>
        new DriveCopy(lane).run(groupsOf(plans, lane.at), card.unreadable(), allRead),
      );
    }
    // The last drive may have failed on its way: the others read the whole card all the same.
    if (able.some(({ report }) => !report.broken)) await this.#flushed(card);
    if (able.filter(({ report }) => report.cause === null).length >= this.#wanted)
      await this.#reach(PHASES.length);
  }

  /** Every byte of the card was read and flushed: it may be pulled. */
  async #flushed(card: CardPlan): Promise<void> {
    if (this.#phases === 0) await this.#relist(card);
    this.#source.allRead();
    await this.#reach(2);
  }

  /** A camera may have written to the card meanwhile: such a file keeps every drive from being done. */
  async #relist(card: CardPlan): Promise<void> {
    const problem = await changedSince(card, this.#deps.cards, this.#job.card.path, this.#source);
    if (problem === null) return;
    for (const report of this.#reports)
      report.cardChanged({ reason: problem.reason, detail: problem.message });
  }

  async #reach(phases: number): Promise<void> {
    for (const type of PHASES.slice(this.#phases, phases)) {
      this.#phases += 1;
      await this.#deps.emit({ type, backupId: this.#job.backupId });
    }
  }

  /** What was copied gets its manifest, even where some files failed or the drive is full now. */
  async #seal({ report, store }: PlannedLane, files: number): Promise<void> {
    if (report.broken && report.cause?.reason !== 'drive-full') return;
    if (report.broken && report.isEmpty) return;
    this.#source.check();
    await guarded(report, async () => {
      await this.#deps.seal(store);
      await store.sync();
    });
    if (!report.broken) report.complete(files);
  }

  /** A failed fsync marks pages clean: a retry would succeed and prove nothing, so the drive is out until it is attached anew. */
  async #condemn(): Promise<void> {
    for (const [at, { drive }] of this.#job.drives.entries()) {
      const reason = this.#reports[at]?.cause?.reason;
      if (reason === 'drive-failing')
        await this.#deps.emit({ type: 'DriveFailed', driveId: drive.id, reason, detail: '' });
    }
  }

  /** Of the drives that are attached, those that `--to` left out too. */
  #isEnough(drives: number): boolean {
    return this.#job.copies !== 'all' || drives >= this.#job.attached;
  }

  get #wanted(): number {
    const { copies, drives } = this.#job;
    return copies === 'all' ? drives.length : Math.max(1, copies);
  }

  #end(): Fact {
    const done = this.#reports.filter((report) => report.isDone);
    if (done.length >= this.#wanted) {
      const trusted = done.filter((report) => report.isTrusted).length >= this.#wanted;
      return {
        type: 'BackupFinished',
        ...this.#summary('failed', 'internal'),
        trusted,
        enough: this.#isEnough(done.length),
      };
    }
    const causes = this.#reports.flatMap(({ cause }) => (cause === null ? [] : [cause]));
    if (this.#job.drives.length < this.#wanted) {
      const detail = `${this.#job.drives.length} of ${this.#wanted} drives are attached`;
      causes.push({ reason: 'too-few-copies', detail });
    }
    return this.#failed(lowest(causes) ?? { reason: 'internal', detail: 'a drive did not come to its end' });
  }

  /** The end that an error makes. */
  endBy(error: unknown): Fact {
    if (isFileProblem(error)) return this.#failed({ reason: error.reason, detail: error.message });
    if (!isStopped(error)) {
      const full = isJournalError(error) && error.code === 'state-disk-full';
      return this.#failed({ reason: full ? 'state-disk-full' : 'internal', detail: messageOf(error) });
    }
    if (error.why === 'drive-lost') return this.#failed({ reason: 'drive-lost', detail: error.message });
    return { type: 'BackupInterrupted', ...this.#summary('interrupted', error.why), reason: error.why };
  }

  #failed({ reason, detail }: Cause): Fact {
    return { type: 'BackupFailed', ...this.#summary('failed', reason), reason, detail };
  }

  #summary(outcome: 'failed' | 'interrupted', reason: Reason | Interruption) {
    const drives: readonly DriveResult[] = this.#reports.map((report) => report.result({ outcome, reason }));
    const { backupId, card } = this.#job;
    return { backupId, cardId: card.id, totals: this.#tally.totals(), drives };
  }
}

function* groupsOf(plans: Plans, at: number) {
  for (const { group, states } of plans.groups()) yield { group, state: states[at] ?? 'none' };
}

const inMb = (bytes: number): string => `${Math.ceil(Math.max(0, bytes) / 1e6)} MB`;

/** A drive that fails does not stop the others. Null when it failed. */
async function guarded<T>(report: DriveReport, action: () => Promise<T>): Promise<T | null> {
  try {
    return await action();
  } catch (error) {
    if (!isDriveError(error)) throw error;
    report.driveFailed({ reason: error.reason, detail: error.message });
    return null;
  }
}
