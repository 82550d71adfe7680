import type { Fact } from '../../machines/facts.ts';
import { isCardError, isDriveError, messageOf } from '../errors.ts';
import { shelvingOf } from '../library/layout.ts';
import { CardHistory, openCardHistory } from '../manifest/card-history.ts';
import type { DriveStore } from '../media-ports.ts';
import { allOver } from './all-over.ts';
import { endsEarly } from './card-end.ts';
import { Copying } from './copying.ts';
import { DriveCopy } from './drive-copy.ts';
import { type Plans, planDrives } from './drive-plan.ts';
import { Ending } from './ending.ts';
import { filmOf } from './film.ts';
import { Films } from './films.ts';
import type { BackupDeps, BackupJob } from './job.ts';
import type { Lane } from './lane.ts';
import { lookAgain } from './look-again.ts';
import { Meter } from './meter.ts';
import { ShotNumbers } from './numbering.ts';
import { OwnFiles } from './own-files.ts';
import { type CardPlan, planCard } from './plan.ts';
import { historyNotes, notesOf } from './plan-notes.ts';
import type { PlanStore } from './ports.ts';
import { Stopped } from './problems.ts';
import { changedSince } from './relist.ts';
import { Source } from './source.ts';
import { Strays } from './strays.ts';
import { DriveReport, Tally } from './tally.ts';

/**
 * Backs up one card to its drives, one reading for all of them, and ends in exactly one of `BackupFinished`,
 * `BackupFailed` and `BackupInterrupted`. Interrupted anywhere, the same call later goes on: what is recorded is
 * skipped, what was placed and not recorded is found again. Rejects only when the journal takes no facts any more.
 */
export async function runBackup(job: BackupJob, deps: BackupDeps): Promise<void> {
  const run = new Run(job, deps);
  const end = await run.work().catch((error: unknown) => run.ending.byError(error));
  await run.condemn();
  await deps.emit(end);
}

const NO_HISTORY = new CardHistory(new Map(), []);
const PHASES = ['CardRead', 'BackupFlushed', 'BackupVerified'] as const;

class Run {
  readonly #job: BackupJob;
  readonly #deps: BackupDeps;
  readonly #meter: Meter;
  readonly #source: Source;
  readonly #reports: DriveReport[] = [];
  readonly #numbers: ShotNumbers;
  readonly #films: Films;
  readonly #ownFiles = new OwnFiles();
  #tally = new Tally(0, 0);
  #cardHistory = NO_HISTORY;
  #notes: readonly string[] = [];
  #phases = 0;
  /** What the first listing had under a path. */
  #listed: CardPlan['find'] = () => null;

  readonly ending: Ending;

  constructor(job: BackupJob, deps: BackupDeps) {
    this.#job = job;
    this.ending = new Ending(job, this.#reports, {
      totals: () => this.#tally.totals(),
      secondFrom: () => this.#source.secondFrom,
      notes: () => [...this.#notes, this.#tally.undatedNote].filter((note) => note !== null),
    });
    this.#deps = deps;
    this.#numbers = new ShotNumbers(deps.counter);
    this.#films = new Films(job.card, deps.metadata);
    this.#meter = new Meter(deps.progress);
    this.#source = new Source({
      cards: deps.cards,
      root: job.card.path,
      stop: deps.stop,
      onBytes: (bytes) => this.#meter.reading(bytes),
      formatOf: ({ path }) => job.hash ?? this.#cardHistory.wanted(path),
      twice: job.verify === 'source-twice',
    });
  }

  async work(): Promise<Fact> {
    const { drives, unopened, card } = this.#job;
    if (drives.length + unopened.length === 0) {
      return this.ending.failed({ reason: 'no-drive', detail: 'no adopted drive is attached' });
    }
    const lanes = drives.map((store) => this.#laneOf(store));
    for (const { drive, error } of unopened) this.#reports.push(DriveReport.ofUnopened(drive, error));
    if (lanes.length === 0) return this.ending.good();
    const store = this.#deps.openPlan();
    try {
      const plan = await planCard(this.#deps.cards, card.path, this.#source, store);
      this.#tally = new Tally(plan.files, plan.bytes);
      this.#listed = plan.find;
      this.#cardHistory = await this.#readHistory(plan);
      await this.#backUp(plan, lanes, store);
      return this.ending.good();
    } finally {
      const { backupId } = this.#job;
      for (const { drive } of drives) this.#deps.reservations.release(drive.id, backupId);
      for (const { shelf } of lanes) shelf.release(backupId);
      store.close();
    }
  }

  /** Manifests of a camera or another tool. Throws `Stopped`. */
  async #readHistory({ manifests }: CardPlan): Promise<CardHistory> {
    const { card, hash } = this.#job;
    if (manifests.length === 0) return NO_HISTORY;
    try {
      return await openCardHistory(this.#deps.cards, card.path, manifests, hash);
    } catch (error) {
      if (!isCardError(error)) throw error;
      throw new Stopped('card-removed', messageOf(error), error);
    }
  }

  async #backUp(card: CardPlan, lanes: readonly Lane[], store: PlanStore): Promise<void> {
    for (const { shelf, store: drive, report } of lanes) {
      // The owner may have tidied the drive since the last backup.
      shelf.forget();
      await guarded(report, () => drive.clearIncoming());
    }
    const able = lanes.filter(({ report }) => !report.broken);
    await this.#ownFiles.look(able.map((lane) => lane.store));
    const plans = await planDrives(card, able, store, this.#deps.reservations);
    for (const [at, lane] of able.entries()) heed(plans.drives[at], lane);
    await this.#announce(card, able, plans);
    await this.#copyAll(card, able, plans);
    this.#noteEnd(card);
    await allOver(able.map((lane) => this.#seal(lane, card.files)));
  }

  #laneOf(store: DriveStore): Lane {
    const { catalogue, shelves, metadata, emit, reservations } = this.#deps;
    const driveId = store.drive.id;
    const { card, backupId } = this.#job;
    const restricted = store.rules.restrictedNames;
    const report = new DriveReport(store);
    this.#reports.push(report);
    const shelving = shelvingOf(card, this.#job, { driveId, restricted, catalogue });
    const run = this;
    return {
      job: this.#job,
      store,
      catalogue,
      metadata,
      emit,
      report,
      source: this.#source,
      numbers: this.#numbers,
      strays: new Strays(),
      shelf: shelves.of(driveId),
      shelving,
      get tally() {
        return run.#tally;
      },
      filmOf: (group) => filmOf(group, (file) => run.#listed(file)),
      films: this.#films,
      get cardHistory() {
        return run.#cardHistory;
      },
      meter: this.#meter,
      onWritten: (bytes) => reservations.wrote(driveId, backupId, bytes),
      claim: (file) => this.#ownFiles.claim(file, driveId),
      onReadBack: ({ verifiedFrom }) => report.readBack(verifiedFrom),
      onLost: (files) => emit({ type: 'CopiesLost', backupId, driveId, files }),
    };
  }

  async #announce(card: CardPlan, lanes: readonly Lane[], plans: Plans): Promise<void> {
    const ids = this.#job.drives.map(({ drive }) => drive.id);
    this.#meter.expect(card.files, card.bytes, ids);
    const shares = new Map(
      lanes.flatMap(({ store }, at) => {
        const plan = plans.drives[at];
        return plan === undefined || isDriveError(plan) ? [] : [[store.drive.id, plan.share] as const];
      }),
    );
    const notes = [...notesOf(this.#job.card, card, lanes, plans), ...historyNotes(this.#cardHistory, card)];
    await this.#deps.emit({
      type: 'BackupPlanned',
      backupId: this.#job.backupId,
      cardId: this.#job.card.id,
      label: this.#job.card.label,
      files: card.files,
      bytes: card.bytes,
      ignored: card.ignored,
      drives: [...ids, ...this.#job.unopened.map(({ drive }) => drive.id)].map(
        (driveId) => shares.get(driveId) ?? { driveId, files: 0, bytes: 0 },
      ),
      ...(notes.length > 0 ? { notes } : {}),
    });
  }

  async #copyAll(card: CardPlan, lanes: readonly Lane[], plans: Plans): Promise<void> {
    let flushed = 0;
    const drives: readonly DriveCopy[] = lanes.map(
      (lane) =>
        new DriveCopy(lane, async () => {
          flushed += 1;
          if (flushed >= drives.filter((drive) => !drive.isOut).length) await this.#reach(2);
        }),
    );
    const copying = new Copying({ source: this.#source, meter: this.#meter, drives });
    try {
      for (const failure of card.unreadable()) await copying.fail(failure);
      await copying.run(plans.groups());
      if (drives.every((drive) => drive.isOut)) return;
      await this.#relist(card);
      this.#source.allRead();
      await this.#reach(1);
      await allOver(drives.map((drive) => drive.guard(() => drive.finish())));
      // The last drive to be flushed may have failed on its way.
      if (drives.some((drive) => !drive.isOut)) await this.#reach(2);
      const intact = drives.filter(({ lane }) => lane.report.cause === null);
      if (intact.length >= this.ending.wanted) await this.#reach(PHASES.length);
    } finally {
      await Promise.all(drives.map((drive) => drive.end()));
    }
  }

  #noteEnd(card: CardPlan): void {
    const { suspects } = this.#tally;
    const files = function* () {
      for (const { members } of card.groups()) yield* members;
    };
    const isSuspect = (index: number) => this.#tally.isSuspect(index);
    const note = endsEarly({ label: this.#job.card.label, files, suspects, isSuspect });
    if (note !== null) this.#notes = [note];
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
  async #seal(lane: Lane, files: number): Promise<void> {
    const { report, store } = lane;
    if (report.broken && report.cause?.reason !== 'drive-full') return;
    if (report.broken && report.isEmpty) return;
    this.#source.check();
    await guarded(report, async () => {
      await lookAgain(lane);
      await this.#deps.seal(store);
      await store.sync();
    });
    if (!report.broken) report.complete(files);
  }

  /**
   * A failed fsync marks pages clean: a retry would succeed and prove nothing, so the drive is out until it is attached
   * anew. However the backup ended: a pulled card must not make it forgotten.
   */
  async condemn(): Promise<void> {
    for (const report of this.#reports) {
      if (!report.isFailing) continue;
      await this.#deps.emit({
        type: 'DriveFailed',
        driveId: report.driveId,
        reason: 'drive-failing',
        detail: '',
      });
    }
  }
}

const inMb = (bytes: number): string => `${Math.ceil(Math.max(0, bytes) / 1e6)} MB`;

/** What the plan says of one drive. */
function heed(plan: Plans['drives'][number] | undefined, { report, store }: Lane): void {
  if (plan === undefined) return;
  if (isDriveError(plan)) report.driveFailed({ reason: plan.reason, detail: plan.message });
  else if (!plan.fits) {
    const { neededBytes, roomBytes } = plan;
    const detail = `${store.drive.label}: ${inMb(neededBytes)} needed, ${inMb(roomBytes)} to be had beside the reserve`;
    report.driveFailed({ reason: 'drive-full', detail });
  }
}

/** A drive that fails does not stop the others. */
async function guarded(report: DriveReport, action: () => Promise<unknown>): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (!isDriveError(error)) throw error;
    report.driveFailed({ reason: error.reason, detail: error.message });
  }
}
