import { type Observable, Subject } from 'rxjs';
import type { Command } from '../../machines/commands.ts';
import { type Decision, type DecisionState, decide, initialState } from '../../machines/decide.ts';
import type { Fact, FactRecord } from '../../machines/facts.ts';
import { isJournalError, messageOf } from '../errors.ts';
import type { Clock, EventLog, StampedFact } from '../ports.ts';

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
  readonly resolve: (decided: Decided) => void;
}

export interface RuntimeDeps {
  readonly log: EventLog;
  readonly clock: Clock;
  /** Must not throw; results come back as facts. */
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
  readonly #deps: RuntimeDeps;
  readonly #queue: Waiting[] = [];
  readonly #decided = new Subject<Decided>();
  readonly #shown = new Subject<DecisionState>();
  #draining: Promise<void> | null = null;
  #stopped = false;
  #cancelRetry: () => void = () => undefined;
  #wakeRetry: () => void = () => undefined;

  constructor(deps: RuntimeDeps) {
    this.#deps = deps;
  }

  get state(): DecisionState {
    return this.#state;
  }

  /** Every durable fact in order, before its commands are executed. */
  get decided$(): Observable<Decided> {
    return this.#decided;
  }

  /** The state to show after an error of the journal itself, which cannot be a record yet. */
  get shown$(): Observable<DecisionState> {
    return this.#shown;
  }

  /** Folds the journal; commands of the past are not executed. Throws `JournalError`. */
  restore(): void {
    for (const record of this.#deps.log.read({ skipFileFacts: true })) {
      this.#state = decide(this.#state, record).state;
    }
  }

  /** Resolves when the fact is durable and decided. Rejects when the queue is full or the runtime has stopped. */
  submit(fact: Fact): Promise<Decided> {
    if (this.#stopped) return Promise.reject(new Error('the runtime has stopped'));
    if (this.#queue.length >= MAX_QUEUED) return Promise.reject(new Error('the fact queue is full'));
    const stamp = this.#deps.clock.stamp();
    const decided = new Promise<Decided>((resolve) => this.#queue.push({ fact, stamp, resolve }));
    this.#draining ??= this.#drain();
    return decided;
  }

  /** Waits until all queued facts are durable, then takes no more. Safe to call twice. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#wakeRetry();
    await this.#draining;
  }

  async #drain(): Promise<void> {
    try {
      while (this.#queue.length > 0) {
        const batch = this.#queue.slice(0, MAX_BATCH);
        const records = await this.#append(batch);
        if (records === null) break;
        this.#queue.splice(0, batch.length);
        for (const [index, record] of records.entries()) this.#settle(record, batch[index]);
      }
    } finally {
      this.#draining = null;
    }
  }

  #settle(record: FactRecord, waiting: Waiting | undefined): void {
    const before = this.#state;
    const { state, commands } = this.#decide(record);
    this.#state = state;
    const decided = { record, before, state, commands };
    this.#decided.next(decided);
    for (const command of commands) this.#deps.execute(command);
    waiting?.resolve(decided);
  }

  /** A guard or change that throws becomes a fact: it never ends the daemon. */
  #decide(record: FactRecord): Decision {
    try {
      return decide(this.#state, record);
    } catch (error) {
      const detail = `${record.fact.type}: ${messageOf(error)}`;
      this.#deps.warn(`decision failed, ${detail}`);
      if (record.fact.type !== 'InternalErrorOccurred') {
        this.submit({ type: 'InternalErrorOccurred', reason: 'internal', detail }).catch(() => undefined);
      }
      return { state: this.#state, commands: [] };
    }
  }

  /** Null when the runtime is stopped while the journal cannot be written. */
  async #append(batch: readonly Waiting[]): Promise<readonly FactRecord[] | null> {
    for (;;) {
      try {
        return await this.#deps.log.append(batch);
      } catch (error) {
        if (!this.#stopped) this.#showTrouble(error);
        if (this.#stopped || !(await this.#retryLater())) return null;
      }
    }
  }

  /** Facts wait for the disk; until it takes them the light must not be green. */
  #showTrouble(error: unknown): void {
    const full = isJournalError(error) && error.code === 'state-disk-full';
    const reason = full ? 'state-disk-full' : 'internal';
    const fact: Fact = { type: 'InternalErrorOccurred', reason, detail: messageOf(error) };
    const latched = this.#queue.some((entry) => entry.fact.type === fact.type);
    this.#deps.warn(`the journal cannot be written: ${messageOf(error)}`);
    const stamp = this.#deps.clock.stamp();
    if (!latched) this.#queue.push({ fact, stamp, resolve: () => undefined });
    const { seq } = this.#deps.log.head();
    this.#shown.next(decide(this.#state, { seq, at: stamp.at, fact }).state);
  }

  /** False when stopped meanwhile. */
  #retryLater(): Promise<boolean> {
    return new Promise((resolve) => {
      const finish = (): void => {
        this.#cancelRetry();
        resolve(!this.#stopped);
      };
      this.#cancelRetry = this.#deps.clock.setTimer(RETRY_DELAY_MS, finish);
      this.#wakeRetry = finish;
    });
  }
}
