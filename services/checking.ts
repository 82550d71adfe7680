import { contextOf } from '../machines/decide.ts';
import type { Card, Drive, Fact } from '../machines/facts.ts';
import type { BackupId, DriveId } from '../machines/ids.ts';
import type { Work } from './appliance.ts';
import { checkCard } from './check/check.ts';
import { findOne, unknownTarget } from './control/targets.ts';
import type { CardReader, DriveStore, Store } from './ports.ts';
import type { Runtime } from './runtime/runtime.ts';
import type { CheckResult, VerifyResult } from './shapes.ts';
import type { FolderReader } from './verify/ports.ts';
import { verifyBackup, verifyDrive, verifyFolder } from './verify/verify.ts';

export interface CheckingParts {
  readonly runtime: Runtime;
  readonly store: Store;
  readonly cards: CardReader;
  readonly openDrive: (drive: Drive) => Promise<DriveStore>;
  readonly openFolder: (path: string) => Promise<FolderReader>;
  /** Every adopted drive, attached or not. */
  readonly drives: () => readonly Drive[];
  /** Ids of what is attached, whether it may be used or not. */
  readonly attached: () => readonly (DriveId | null)[];
  readonly emit: (fact: Fact) => Promise<void>;
  readonly copies: 'all' | number;
}

/** `check` and `verify`, on what is attached now. */
export class Checking {
  readonly #parts: CheckingParts;

  constructor(parts: CheckingParts) {
    this.#parts = parts;
  }

  /** Safe to format? Throws `UserError` 74 when the card goes away meanwhile. */
  async *check(card: Pick<Card, 'id' | 'path'>): Work<CheckResult> {
    const { cards, store, copies } = this.#parts;
    const stores = await this.#stores();
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
        await this.#parts.emit({ type: 'CardChecked', cardId: id, safe: message.result.safe });
      }
      yield message;
    }
  }

  /** A drive, a backup or a folder; null for every attached drive. Throws `UserError` 65, 66, 74. */
  async *verify(target: string | null): Work<VerifyResult> {
    const { store, emit } = this.#parts;
    const { catalogue } = store;
    const stores = await this.#stores();
    const drives = [...stores.values()].map((open) => open.drive);
    if (target === null) {
      yield* this.#verifyAll([...stores.values()]);
      return;
    }
    const drive = findOne(drives, target);
    const open = drive === null ? undefined : stores.get(drive.id);
    if (open !== undefined) yield* verifyDrive({ store: open, catalogue, emit });
    else if (target.startsWith('/')) yield* verifyFolder(await this.#parts.openFolder(target), target);
    else if (store.history.find(target as BackupId) !== null) {
      yield* verifyBackup(target as BackupId, catalogue, stores, emit);
    } else throw unknownTarget('drive', target);
  }

  /** One drive behind the other; the results are added up. */
  async *#verifyAll(stores: readonly DriveStore[]): Work<VerifyResult> {
    const total = {
      ok: true,
      files: 0,
      altered: [] as string[],
      missing: [] as string[],
      new: [] as string[],
    };
    if (stores.length === 0) throw unknownTarget('drive', 'verify');
    for (const store of stores) {
      const { catalogue } = this.#parts.store;
      for await (const message of verifyDrive({ store, catalogue, emit: this.#parts.emit })) {
        if ('progress' in message) yield message;
        else {
          total.ok &&= message.result.ok;
          total.files += message.result.files;
          total.altered.push(...message.result.altered);
          total.missing.push(...message.result.missing);
          total.new.push(...message.result.new);
        }
      }
    }
    yield { result: total };
  }

  async #stores(): Promise<ReadonlyMap<DriveId, DriveStore>> {
    const stores = new Map<DriveId, DriveStore>();
    for (const drive of contextOf(this.#parts.runtime.state).drives) {
      stores.set(drive.id, await this.#parts.openDrive(drive));
    }
    return stores;
  }
}
