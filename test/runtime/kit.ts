import { memoryStore } from '../../adapters/memory/memory-store.ts';
import { VirtualClock } from '../../adapters/memory/virtual-clock.ts';
import type { Command } from '../../machines/commands.ts';
import { lightOf } from '../../machines/decide.ts';
import type { Fact } from '../../machines/facts.ts';
import { JournalError } from '../../services/errors.ts';
import type { EventLog, StampedFact, Store } from '../../services/ports.ts';
import { Runtime, type RuntimeDeps } from '../../services/runtime/runtime.ts';

export { VirtualClock };

/** Lets everything that waits for promises only run to its end. */
export const flush = () => new Promise<void>((resolve) => setImmediate(resolve));

/** The journal of a store, that refuses to be written while `failures` are left, and tells how it was asked. */
export class MoodyLog implements EventLog {
  readonly #log: EventLog;
  /** How many appends still fail, and with what. */
  failures = 0;
  error: Error = new JournalError('state-disk-full', null, 'no space left');
  /** Sizes of the batches that were tried. */
  readonly tried: number[] = [];
  /** Keeps appends waiting until it is resolved. */
  gate: Promise<void> = Promise.resolve();

  constructor(log: EventLog) {
    this.#log = log;
  }

  async append(facts: readonly StampedFact[]) {
    this.tried.push(facts.length);
    await this.gate;
    if (this.failures > 0) {
      this.failures -= 1;
      throw this.error;
    }
    return this.#log.append(facts);
  }

  read(query?: Parameters<EventLog['read']>[0]) {
    return this.#log.read(query);
  }

  lines(query?: Parameters<EventLog['lines']>[0]) {
    return this.#log.lines(query);
  }

  head() {
    return this.#log.head();
  }

  close() {
    this.#log.close();
  }
}

export interface RuntimeKit {
  readonly store: Store;
  readonly log: MoodyLog;
  readonly clock: VirtualClock;
  readonly runtime: Runtime;
  readonly commands: Command[];
  readonly warnings: string[];
  /** Submits in one go and waits for all. */
  tell(...facts: readonly Fact[]): Promise<void>;
  /** What the journal holds, by type. */
  recorded(): readonly Fact['type'][];
  signal(): string;
}

export function runtimeKit(change: Partial<RuntimeDeps> = {}, store = memoryStore()): RuntimeKit {
  const log = new MoodyLog(store.log);
  const clock = new VirtualClock();
  const commands: Command[] = [];
  const warnings: string[] = [];
  const runtime = new Runtime({
    log,
    clock,
    execute: (command) => commands.push(command),
    warn: (text) => warnings.push(text),
    ...change,
  });
  return {
    store,
    log,
    clock,
    runtime,
    commands,
    warnings,
    tell: async (...facts) => void (await Promise.all(facts.map((fact) => runtime.submit(fact)))),
    recorded: () => [...log.read()].map(({ fact }) => fact.type),
    signal: () => lightOf(runtime.shown).signal,
  };
}

/** A journal that was written before. */
export async function storeWith(...facts: readonly Fact[]): Promise<Store> {
  const store = memoryStore();
  const clock = new VirtualClock();
  if (facts.length > 0) await store.log.append(facts.map((fact) => ({ fact, stamp: clock.stamp() })));
  return store;
}
