import { contextOf } from '../machines/decide.ts';
import type { Fact, FactOf } from '../machines/facts.ts';
import type { DriveId } from '../machines/ids.ts';
import type { Card, Drive } from '../machines/media.ts';
import type { Work } from './appliance.ts';
import { attachedStores } from './attached-drives.ts';
import { alteredBefore } from './check/altered-before.ts';
import { checkCard } from './check/check.ts';
import type { OffsiteCopies } from './check/offsite.ts';
import { UserError } from './errors.ts';
import type { CardReader, DriveStore } from './media-ports.ts';
import type { Clock, Store } from './ports.ts';
import type { Runtime } from './runtime/runtime.ts';
import type { CheckOptions, CheckResult } from './work-shapes.ts';

export interface CheckingParts {
  readonly runtime: Runtime;
  readonly store: Store;
  readonly clock: Pick<Clock, 'monoMs'>;
  readonly cards: CardReader;
  readonly openDrive: (drive: Drive) => Promise<DriveStore>;
  /** Every adopted drive, attached or not. */
  readonly drives: () => readonly Drive[];
  /** Adopted drives of which something says that they are attached, whether they may be used or not. */
  readonly present: () => ReadonlySet<DriveId>;
  /** It failed when it was attached last: nobody knows what is left on it. */
  readonly isFailing: (id: DriveId) => boolean;
  readonly offsite: OffsiteCopies;
  /** The configuration's, for whoever asks for no number. */
  readonly copies: 'all' | number;
}

interface Asked {
  readonly copies: 'all' | number;
  readonly offsite: boolean;
  readonly emit: (fact: FactOf<'CopiesLost'>) => void;
}

/** `check`, on what is attached now: the command line, the API and the page have their answer from here. */
export class Checking {
  readonly #parts: CheckingParts;

  constructor(parts: CheckingParts) {
    this.#parts = parts;
  }

  /**
   * Safe to format? Throws `UserError` 74 when the card goes away meanwhile and when the journal takes nothing, 75 when
   * what the drives hold changed meanwhile: files that were judged before would be judged otherwise now.
   */
  async *check(card: Pick<Card, 'id' | 'path' | 'kind'>, options: CheckOptions): Work<CheckResult> {
    const { runtime } = this.#parts;
    runtime.expectToRecord();
    const asked = options.copies ?? this.#parts.copies;
    const doubts: UserError[] = [];
    const own = new Set<Fact>();
    const watching = runtime.decided$.subscribe(({ record: { fact } }) => {
      // The answer that is being worked out knows of it.
      if (own.delete(fact)) return;
      const doubt = doubtOf(fact, card, asked);
      if (doubt !== null) doubts.push(doubt);
    });
    const throwDoubt = () => {
      const [first] = doubts;
      if (first !== undefined) throw first;
    };
    const emit = (fact: FactOf<'CopiesLost'>) => {
      own.add(fact);
      // Not waited for: as long as the journal takes nothing a no is told all the same, and a yes is not given.
      runtime.submit(fact).catch(() => undefined);
    };
    try {
      for await (const message of this.#work(card, { copies: asked, offsite: options.offsite, emit })) {
        throwDoubt();
        // Before the answer is given: a light must not say yes beside a no.
        if ('result' in message) {
          const { safe } = message.result;
          if (safe || this.#concernsLight(message.result)) {
            await this.#record({ type: 'CardChecked', cardId: card.id, safe });
          }
          throwDoubt();
        }
        yield message;
      }
    } finally {
      watching.unsubscribe();
    }
  }

  /** A no to more copies than the configuration asks for, or to an off-site one, is none to what the light says. */
  #concernsLight({ missing, files, verified }: CheckResult): boolean {
    const { copies, runtime } = this.#parts;
    const attached = contextOf(runtime.state).drives.map(({ id }) => id);
    const isEnough = (has: number, on: readonly string[]) =>
      copies === 'all' ? attached.every((id) => on.includes(id)) && has > 0 : has >= Math.max(1, copies);
    const isAskedToo = (why: string) => why === 'too-few-copies' || why === 'not-offsite';
    const isTold = missing.length > 0 && missing.length >= files - verified;
    return (
      !isTold || missing.some(({ why, copies: has, drives }) => !isAskedToo(why) || !isEnough(has, drives))
    );
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

  async *#work(
    { id, path: root, kind }: Pick<Card, 'id' | 'path' | 'kind'>,
    { copies, offsite, emit }: Asked,
  ): Work<CheckResult> {
    const { cards, store, runtime, openDrive, isFailing, clock } = this.#parts;
    const stores = await attachedStores(runtime.state, openDrive);
    const drives = this.#parts.drives();
    const present = this.#parts.present();
    const isUnusable = ({ id }: Drive) => !stores.has(id) && (present.has(id) || isFailing(id));
    yield* checkCard({
      reader: cards,
      card: { id, root, kind },
      catalogue: store.catalogue,
      alteredBefore: alteredBefore(store),
      ...{ clock, emit },
      offsite: offsite ? this.#parts.offsite : null,
      copies,
      drives,
      stores,
      unusable: new Set(drives.filter(isUnusable).map((drive) => drive.id)),
    });
  }
}

/** What a fact says against an answer that is being worked out; null when it says nothing. */
function doubtOf(fact: Fact, card: Pick<Card, 'id' | 'path'>, copies: 'all' | number): UserError | null {
  switch (fact.type) {
    case 'CopiesLost':
      return changed('copies were found bad');
    case 'DriveForgotten':
      return changed('a drive was forgotten');
    case 'DriveFailed':
      return changed('a drive failed');
    case 'DriveDetached':
      return changed('a drive went away');
    case 'DriveAttached':
      return copies === 'all' ? changed('another drive was attached, and each of them is asked for') : null;
    case 'CardDetached': {
      if (fact.cardId !== card.id) return null;
      return new UserError('card-removed', 74, `the card at ${card.path} went away`, AGAIN_WITH_CARD);
    }
    default:
      return null;
  }
}

const AGAIN_WITH_CARD = 'Insert it again and check once more; do not format it.';

const changed = (what: string): UserError =>
  new UserError('drives-changed', 75, `${what} while the card was checked`, 'check it once more');
