import type { Card, Drive, FactOf } from '../machines/facts.ts';
import type { DriveId } from '../machines/ids.ts';
import type { Work } from './appliance.ts';
import { attachedStores } from './attached-drives.ts';
import { checkCard } from './check/check.ts';
import type { CardReader, DriveStore, Store } from './ports.ts';
import type { Runtime } from './runtime/runtime.ts';
import type { CheckResult } from './shapes.ts';

export interface CheckingParts {
  readonly runtime: Runtime;
  readonly store: Store;
  readonly cards: CardReader;
  readonly openDrive: (drive: Drive) => Promise<DriveStore>;
  /** Every adopted drive, attached or not. */
  readonly drives: () => readonly Drive[];
  /** Ids of what is attached, whether it may be used or not. */
  readonly attached: () => readonly (DriveId | null)[];
  readonly copies: 'all' | number;
}

/** `check`, on what is attached now. */
export class Checking {
  readonly #parts: CheckingParts;

  constructor(parts: CheckingParts) {
    this.#parts = parts;
  }

  /** Safe to format? Throws `UserError` 74 when the card goes away meanwhile, and when the journal takes nothing. */
  async *check(card: Pick<Card, 'id' | 'path'>): Work<CheckResult> {
    const { cards, store, copies, runtime, openDrive } = this.#parts;
    runtime.expectToRecord();
    const stores = await attachedStores(runtime.state, openDrive);
    // Attached and not usable (read-only, a clone): what it holds cannot be told, so its copies count no more.
    const unusable = new Set(this.#parts.attached().filter((id) => id !== null && !stores.has(id)));
    const known = this.#parts.drives().filter((drive) => !unusable.has(drive.id));
    const drives = new Map(known.map((drive) => [drive.id, drive]));
    const { id, path: root } = card;
    for await (const message of checkCard({
      reader: cards,
      card: { id, root },
      catalogue: store.catalogue,
      stores,
      drives,
      copies,
    })) {
      // Before the answer is given: a light must not say yes beside a no.
      if ('result' in message) {
        await this.#record({ type: 'CardChecked', cardId: id, safe: message.result.safe });
      }
      yield message;
    }
  }

  /** A yes that cannot be recorded is none. A no is told all the same, and recorded as soon as the journal takes it. */
  async #record(fact: FactOf<'CardChecked'>): Promise<void> {
    const { runtime } = this.#parts;
    try {
      await runtime.order(fact);
    } catch (error) {
      if (fact.safe) throw error;
      runtime.submit(fact).catch(() => undefined);
    }
  }
}
