import type { DriveShare } from '../../machines/media.ts';
import { type DriveError, isDriveError, JournalError } from '../errors.ts';
import { isNumbered } from '../library/template.ts';
import { type DriveContext, findDuplicate, type Group, mayLieThere, type ReadFile } from './drive-context.ts';
import { knownGroups } from './known.ts';
import { isWritten, LanePlan } from './lane-plan.ts';
import type { CardPlan } from './plan.ts';
import type { Decision, GroupState, PlanStore, StoredGroup } from './ports.ts';
import { isFileProblem } from './problems.ts';
import type { Reservations } from './reservations.ts';
import type { Source } from './source.ts';

export interface PlannedGroup {
  readonly group: Group;
  /** One a lane, in the order of the lanes. */
  readonly states: readonly GroupState[];
}

export interface DrivePlan {
  /** Of the card's files those that the drive is to hold at the end; none where it does not fit. */
  readonly share: DriveShare;
  /** False when it does not fit: then nothing is copied. */
  readonly fits: boolean;
  /** Bytes that are still to be written, and bytes that may be. */
  readonly neededBytes: number;
  readonly roomBytes: number;
  /** Files to be written whose name this drive cannot hold as it is: they get another (`library/names.ts`). */
  readonly renamed: number;
  /** Files that are more than the drive's file system takes: all others are copied. */
  readonly tooLarge: number;
}

export interface Plans {
  /** One a lane, in their order; a `DriveError` for a drive that failed while planning: the others go on. */
  readonly drives: readonly (DrivePlan | DriveError)[];
  /**
   * In the order of copying: groups that are `new` on any drive first, because they would be lost; newest first
   * inside (oldest first in a layout with a counter); then the rest. A group that needs nothing on any drive is in it too.
   */
  groups(): Iterable<PlannedGroup>;
}

/** Files asked in one go: 64 beginnings of 64 KiB are the 4 MiB that one call may hold. */
const ASKED_AT_ONCE = 64;

/**
 * Decides what is to be copied to each drive and whether it fits, before the first byte, and reserves what is to be
 * written. `reservations` is one for the box: a drive has room for this backup beside those that run. Throws
 * `Stopped`, `JournalError` and what `onLost` throws.
 */
export async function planDrives(
  card: CardPlan,
  lanes: readonly DriveContext[],
  store: PlanStore,
  reservations?: Reservations,
): Promise<Plans> {
  return new Planning(card, lanes, store, reservations).run();
}

class Planning {
  readonly #card: CardPlan;
  readonly #lanes: readonly LanePlan[];
  readonly #store: PlanStore;
  readonly #reservations: Reservations | undefined;

  constructor(
    card: CardPlan,
    lanes: readonly DriveContext[],
    store: PlanStore,
    reservations: Reservations | undefined,
  ) {
    this.#card = card;
    this.#lanes = lanes.map((context) => new LanePlan(context));
    this.#store = store;
    this.#reservations = reservations;
  }

  async run(): Promise<Plans> {
    await this.#decideAll();
    for (const lane of this.#lanes) await guarded(lane, () => lane.measure(() => this.#promised(lane)));
    const tight = this.#lanes.filter((lane) => this.#isWorthReading(lane));
    if (tight.length > 0) await this.#redecide('scan', (stored) => this.#resolve(stored, tight));
    if (this.#lanes.some(({ context }) => context.job.fit)) {
      const left = this.#lanes.map(({ roomBytes }) => roomBytes);
      await this.#redecide('newest', async (stored) => this.#leaveOut(stored, left));
    }
    if (this.#lanes.some(({ error }) => error !== null)) {
      await this.#redecide('scan', async ({ states }) => states);
    }
    const drives = this.#lanes.map((lane) => lane.error ?? this.#conclude(lane));
    const stored = this.#store;
    const template = this.#lanes[0]?.context.shelving.template ?? null;
    // Who counts wants the first shot to be number 1.
    const order = template !== null && isNumbered(template) ? 'counting' : 'copying';
    return {
      drives,
      *groups() {
        for (const { group, states } of stored.groups(order)) yield { group, states };
      },
    };
  }

  #promised({ context }: LanePlan): number {
    const { job, store } = context;
    return this.#reservations?.ofOthers(store.drive.id, job.backupId) ?? 0;
  }

  /** No other backup can count the same bytes between the question and the reservation: nothing is awaited. */
  #conclude(lane: LanePlan): DrivePlan {
    const { neededBytes, roomBytes, context, renamed, tooLarge } = lane;
    const { job, store } = context;
    const fits = lane.hasRoomFor(neededBytes);
    if (fits) this.#reservations?.reserve(store.drive.id, job.backupId, neededBytes);
    const share = fits ? lane.share : { driveId: store.drive.id, files: 0, bytes: 0 };
    return { share, fits, neededBytes, roomBytes, renamed, tooLarge };
  }

  async #decideAll(): Promise<void> {
    let files = count(this.#card.unreadable());
    const batches = inBatches(this.#store.groups('scan'));
    // The drives are asked about one batch while the card is read for the one before.
    for await (const { some, verdicts } of ahead(batches, (batch) => this.#ask(batch))) {
      files += some.reduce((sum, { group }) => sum + group.members.length, 0);
      for (const [lane, known] of verdicts) if (isDriveError(known)) lane.error ??= known;
      this.#store.decide(
        some.map(({ number, group }, at) => {
          const states = this.#lanes.map((lane) => {
            const known = verdicts.get(lane);
            if (known === undefined || isDriveError(known) || lane.error !== null) return 'none';
            const state = known[at] === true ? 'known' : unknownState(group, lane.context);
            lane.count(group, state);
            return state;
          });
          return { number, states, urgent: states.includes('new') };
        }),
      );
    }
    // What the scratch lost would be on no drive and in no count.
    if (files !== this.#card.files)
      throw new JournalError('io', null, `the plan gave back ${files} of ${this.#card.files} files`);
  }

  async #ask(some: readonly StoredGroup[]) {
    const alive = this.#lanes.filter(({ error }) => error === null);
    const known = await knownGroups(
      some.map(({ group }) => group),
      alive.map(({ context }) => context),
    );
    return { some, verdicts: new Map(alive.map((lane, at) => [lane, known[at]])) };
  }

  /** Reading the card twice to tell what is a duplicate is worth it only when room is tight. */
  #isWorthReading(lane: LanePlan): boolean {
    if (lane.error !== null || lane.hasRoomFor(lane.neededBytes)) return false;
    return lane.context.job.fit || lane.hasRoomFor(lane.surelyBytes);
  }

  async #redecide(
    order: 'scan' | 'newest',
    decide: (stored: StoredGroup) => Promise<readonly GroupState[]>,
  ): Promise<void> {
    for (const some of inBatches(this.#store.groups(order))) {
      const decisions: Decision[] = [];
      for (const stored of some) {
        this.#lanes[0]?.context.source.check();
        const wanted = await decide(stored);
        const states = this.#lanes.map((lane, at): GroupState => {
          const before = stored.states[at] ?? 'none';
          const after = lane.error === null ? (wanted[at] ?? 'none') : 'none';
          if (after !== before) lane.recount(stored.group, before, after);
          return after;
        });
        decisions.push({ number: stored.number, states, urgent: states.includes('new') });
      }
      this.#store.decide(decisions);
    }
  }

  async #resolve({ group, states }: StoredGroup, tight: readonly LanePlan[]): Promise<readonly GroupState[]> {
    const asked = this.#lanes.map((lane, at) => tight.includes(lane) && states[at] === 'maybe');
    if (!asked.includes(true)) return states;
    const members = await readWhole(group, this.#lanes[0]?.context.source);
    const resolved: GroupState[] = [];
    for (const [at, lane] of this.#lanes.entries()) {
      const before = states[at] ?? 'none';
      if (asked[at] !== true || lane.error !== null) resolved.push(before);
      else {
        const there = await guarded(lane, async () =>
          members === null ? null : findDuplicate(members, lane.context),
        );
        resolved.push(there === null ? 'new' : 'duplicate');
      }
    }
    return resolved;
  }

  /** Newest first; one that is too large does not keep out an older one that fits. */
  #leaveOut({ group, states }: StoredGroup, left: number[]): readonly GroupState[] {
    return this.#lanes.map((lane, at) => {
      const state = states[at] ?? 'none';
      const bytes = lane.bytesOf(group);
      if (!lane.context.job.fit || !isWritten(state) || (bytes === 0 && state !== 'new')) return state;
      if (bytes > (left[at] ?? 0)) return 'left-out';
      left[at] = (left[at] ?? 0) - bytes;
      return state;
    });
  }
}

/** The answers in order; each question but the first is asked before the answer to the one before it is awaited. */
async function* ahead<Question, Answer>(
  questions: Iterable<Question>,
  ask: (question: Question) => Promise<Answer>,
): AsyncGenerator<Answer> {
  let last: Promise<Answer> | null = null;
  for (const question of questions) {
    const next = ask(question);
    // Whoever waits for the answer before it may give up: then nobody asks for this one.
    next.catch(() => undefined);
    if (last !== null) yield await last;
    last = next;
  }
  if (last !== null) yield await last;
}

/** As many groups as have 64 files, one at least. */
function* inBatches(groups: Iterable<StoredGroup>): Generator<readonly StoredGroup[]> {
  let batch: StoredGroup[] = [];
  let files = 0;
  for (const stored of groups) {
    const { length } = stored.group.members;
    if (batch.length > 0 && files + length > ASKED_AT_ONCE) {
      yield batch;
      batch = [];
      files = 0;
    }
    batch.push(stored);
    files += length;
  }
  if (batch.length > 0) yield batch;
}

function count(things: Iterable<unknown>): number {
  let number = 0;
  for (const _ of things) number += 1;
  return number;
}

const unknownState = (group: Group, context: DriveContext): GroupState =>
  mayLieThere(group.members, context) ? 'maybe' : 'new';

/** Null when a member cannot be read: it will fail again when its turn comes, and say so then. */
export async function readWhole(group: Group, source: Source | undefined): Promise<ReadFile[] | null> {
  const members: ReadFile[] = [];
  try {
    for (const file of group.members) {
      if (source === undefined) return null;
      const content = await source.attempt(() => source.read(file, async () => undefined));
      members.push({ file, content });
    }
    return members;
  } catch (error) {
    if (isFileProblem(error)) return null;
    throw error;
  }
}

async function guarded<T>(lane: LanePlan, action: () => Promise<T>): Promise<T | null> {
  try {
    return await action();
  } catch (error) {
    if (!isDriveError(error)) throw error;
    lane.error = error;
    return null;
  }
}
