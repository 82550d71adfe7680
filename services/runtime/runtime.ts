import { type Observable, Subject } from 'rxjs';
import type { Command } from '../../machines/commands.ts';
import { type Decision, type DecisionState, initialState } from '../../machines/decide.ts';
import type { Fact, FactRecord } from '../../machines/facts.ts';
import { ADVICE } from '../../machines/reasons.ts';
import { isJournalError, messageOf, UserError } from '../errors.ts';
import type { Clock, EventLog, StampedFact } from '../ports.ts';
import { soundly, type Trouble, troubled } from './sound.ts';

/** More than any burst of hotplug events; a backup waits for each of its facts, so it never fills the queue. */
const MAX_QUEUED = 10_000;
/** One commit for what piled up while the last one was being synced. */
const MAX_BATCH = 256;
/** How long to wait before a journal that could not be written is tried again. */
const RETRY_DELAY_MS = 5000;

/** A fact that is durable, and what was decided from it. */
export interface Decided {
  readonly record: FactRecord;
  readonly before: DecisionState;
  readonly state: DecisionState;
  readonly commands: readonly Command[];
}

interface Waiting extends StampedFact {
  /** Somebody waits for the answer: it is given up when the journal does not take it. */
  readonly isOrder: boolean;
  readonly resolve: (decided: Decided) => void;
  readonly reject: (error: Error) => void;
}

export interface RuntimeDeps {
  readonly log: EventLog;
  readonly clock: Clock;
  /** Results come back as facts; what it throws becomes `InternalErrorOccurred`. */
  readonly execute: (command: Command) => void;
  /** For the log of the program, one line. */
  readonly warn: (text: string) => void;
}

/**
 * The rule of order, for each fact: append and sync → decide → project → execute. Nothing is shown or done before
 * the fact behind it is durable; when the journal cannot be written, facts wait and error 9 is shown meanwhile.
 */
export class Runtime {
  #state = initialState();
  /** Nothing of an earlier run is shown: `booting` until the first fact of this one is decided. */
  #shownNow = initialState();
  /** Why facts are missing; then no state that is folded from the others may be shown as it is. */
  #lost: Trouble | null = null;
  readonly #deps: RuntimeDeps;
  readonly #queue: Waiting[] = [];
  readonly #decided = new Subject<Decided>();
  readonly #shown = new Subject<DecisionState>();
  #draining: Promise<void> | null = null;
  #stopped = false;
  #appendingSinceMs: number | null = null;
  /** Why the journal took nothing the last time; null when it did. */
  #refused: Trouble | null = null;
  /** Shown already, and its record is still to come: what is recorded before it must not be shown as if all were well. */
  #untold: Trouble | null = null;
  #wakeRetry: () => void = () => undefined;

  constructor(deps: RuntimeDeps) {
    this.#deps = deps;
  }

  get state(): DecisionState {
    return this.#state;
  }

  /** What lights and status tell: `state`, with error 9 while facts wait for the disk and after some were lost. */
  get shown(): DecisionState {
    return this.#shownNow;
  }

  /** How long the disk has been holding up the facts that it was given, in ms; 0 while it holds none. */
  get heldUpMs(): number {
    return this.#appendingSinceMs === null ? 0 : this.#deps.clock.monoMs() - this.#appendingSinceMs;
  }

  /** Every durable fact in order, before its commands are executed. */
  get decided$(): Observable<Decided> {
    return this.#decided;
  }

  /** `shown` each time it changes without a record: the journal cannot be written, or facts were lost. */
  get shown$(): Observable<DecisionState> {
    return this.#shown;
  }

  /** Folds the journal; commands of the past are not executed. Throws `JournalError`. */
  restore(): void {
    for (const record of this.#deps.log.read({ skipFileFacts: true })) {
      try {
        this.#state = soundly(this.#state, record).state;
      } catch (error) {
        // As it was when the record was new: the error that followed from it is a record of its own.
        this.#deps.warn(`record ${record.seq}, ${record.fact.type}, is passed over: ${messageOf(error)}`);
      }
    }
  }

  /** Resolves when the fact is durable and decided. Rejects when the queue is full or the runtime has stopped. */
  submit(fact: Fact): Promise<Decided> {
    return this.#enqueue(fact, false);
  }

  /**
   * As `submit`, for what a person asks for: while the journal takes nothing it is refused (`UserError` 74), not kept to
   * be done when nobody waits for it any more.
   */
  async order(fact: Fact): Promise<Decided> {
    this.expectToRecord();
    return this.#enqueue(fact, true);
  }

  /** Throws `UserError` 74 while the journal takes nothing: for what takes long before its first fact. */
  expectToRecord(): void {
    if (this.#refused !== null) throw refusal(this.#refused);
  }

  #enqueue(fact: Fact, isOrder: boolean): Promise<Decided> {
    if (this.#stopped) return Promise.reject(stopped());
    if (this.#queue.length >= MAX_QUEUED) {
      this.loseTrack(`the fact queue is full, ${fact.type} was lost`);
      return Promise.reject(new Error('the fact queue is full'));
    }
    const decided = new Promise<Decided>((resolve, reject) => {
      this.#queue.push({ fact, isOrder, stamp: this.#deps.clock.stamp(), resolve, reject });
    });
    this.#draining ??= this.#drain();
    return decided;
  }

  /**
   * Facts were lost, so what is attached is no longer known: error 9 is shown until a restart lists everything anew.
   * Acknowledging cannot mend it.
   */
  loseTrack(detail: string): void {
    if (this.#lost !== null || this.#stopped) return;
    this.#lost = {
      type: 'InternalErrorOccurred',
      reason: 'internal',
      detail: `${detail}: restart imagetank`,
    };
    this.#show(this.#lost);
    this.#draining ??= this.#drain();
  }

  /** Waits until all queued facts are durable, then takes no more. Facts that the disk does not take are rejected. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#wakeRetry();
    await this.#draining;
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue.slice(0, MAX_BATCH);
      const records = await this.#append(batch);
      if (records === null) {
        this.#refuseOrders();
        if (await this.#mayRetry()) continue;
        break;
      }
      this.#queue.splice(0, batch.length);
      for (const [index, record] of records.entries()) this.#settle(record, batch[index]);
    }
    for (const { reject } of this.#queue.splice(0)) reject(stopped());
    this.#draining = null;
  }

  /** Null when the journal cannot be written: the light must not be green while facts wait. */
  async #append(batch: readonly Waiting[]): Promise<readonly FactRecord[] | null> {
    this.#appendingSinceMs = this.#deps.clock.monoMs();
    try {
      const records = await this.#deps.log.append(batch);
      this.#refused = null;
      return records;
    } catch (error) {
      const full = isJournalError(error) && error.code === 'state-disk-full';
      const reason = full ? 'state-disk-full' : 'internal';
      this.#refused = { type: 'InternalErrorOccurred', reason, detail: messageOf(error) };
      if (!this.#stopped) this.#show(this.#refused);
      return null;
    } finally {
      this.#appendingSinceMs = null;
    }
  }

  #refuseOrders(): void {
    if (this.#refused === null) return;
    const error = refusal(this.#refused);
    const all = this.#queue.splice(0);
    this.#queue.push(...all.filter(({ isOrder }) => !isOrder));
    for (const { isOrder, reject } of all) if (isOrder) reject(error);
  }

  #settle(record: FactRecord, waiting: Waiting | undefined): void {
    const before = this.#state;
    const { state, commands } = this.#decide(record);
    this.#state = state;
    if (record.fact.type === 'InternalErrorOccurred' && record.fact.reason === this.#untold?.reason) {
      this.#untold = null;
    }
    const trouble = this.#lost ?? this.#untold;
    this.#shownNow = trouble === null ? state : troubled(state, trouble, record.at);
    const decided = { record, before, state, commands };
    this.#decided.next(decided);
    for (const command of commands) this.#execute(command);
    waiting?.resolve(decided);
  }

  /** A guard or change that throws becomes a fact: it never ends the daemon. */
  #decide(record: FactRecord): Decision {
    const { fact } = record;
    try {
      return soundly(this.#state, record);
    } catch (error) {
      if (fact.type === 'InternalErrorOccurred') this.#lost ??= fact;
      else this.#report(`decision on ${fact.type}`, error);
      return { state: this.#state, commands: [] };
    }
  }

  #execute(command: Command): void {
    try {
      this.#deps.execute(command);
    } catch (error) {
      this.#report(command.type, error);
    }
  }

  #report(what: string, error: unknown): void {
    const detail = `${what}: ${messageOf(error)}`;
    this.#deps.warn(detail);
    this.#record({ type: 'InternalErrorOccurred', reason: 'internal', detail });
  }

  /** Shown at once, recorded when it can be. */
  #show(trouble: Trouble): void {
    this.#deps.warn(trouble.detail);
    this.#record(trouble);
    this.#untold = trouble;
    this.#shownNow = troubled(this.#shownNow, trouble, this.#deps.clock.stamp().at);
    this.#shown.next(this.#shownNow);
  }

  /** Goes in even when the queue is full; one of a kind waits at most. */
  #record(fact: Trouble): void {
    const waits = this.#queue.some(
      (entry) => entry.fact.type === fact.type && entry.fact.reason === fact.reason,
    );
    const ignore = () => undefined;
    if (waits) return;
    const stamp = this.#deps.clock.stamp();
    this.#queue.push({ fact, isOrder: false, stamp, resolve: ignore, reject: ignore });
  }

  /** After the delay; false when the runtime is stopped before. */
  #mayRetry(): Promise<boolean> {
    if (this.#stopped) return Promise.resolve(false);
    return new Promise((resolve) => {
      const cancel = this.#deps.clock.setTimer(RETRY_DELAY_MS, () => resolve(true));
      this.#wakeRetry = () => {
        cancel();
        resolve(false);
      };
    });
  }
}

const stopped = () => new Error('the runtime has stopped');

const refusal = ({ reason, detail }: Trouble): UserError =>
  new UserError(reason, 74, `the journal cannot be written: ${detail}`, ADVICE[reason]);
