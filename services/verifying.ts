import type { Fact } from '../machines/facts.ts';
import type { BackupId, DriveId } from '../machines/ids.ts';
import type { Drive, ManifestHash } from '../machines/media.ts';
import { PLAIN_VERIFY, type VerifyOptions } from './appliance.ts';
import { attachedStores } from './attached-drives.ts';
import { findOne, unknownTarget } from './control/targets.ts';
import { messageOf, UserError } from './errors.ts';
import { indexedRoots } from './manifest/names.ts';
import { RereadLog } from './manifest/reread-log.ts';
import type { DriveStore } from './media-ports.ts';
import type { Clock, Store } from './ports.ts';
import type { Runtime } from './runtime/runtime.ts';
import type { WholeReread } from './sealing.ts';
import { addedUp } from './verify/added-up.ts';
import { type VerifyWork, withAdvice } from './verify/advice.ts';
import type { OpenVerification } from './verify/book.ts';
import type { OpenFolder } from './verify/ports.ts';
import type { Traffic, VerifyRun } from './verify/run.ts';
import { isStillGood } from './verify/still-good.ts';
import type { Verifications } from './verify/verifications.ts';
import { verifyDrive, verifyFolder } from './verify/verify.ts';
import { verifyBackup } from './verify/verify-backup.ts';
import type { VerifyResult } from './work-shapes.ts';

export interface VerifyingParts {
  readonly runtime: Pick<Runtime, 'state' | 'expectToRecord' | 'order'>;
  readonly store: Pick<Store, 'catalogue' | 'history' | 'log'>;
  readonly openDrive: (drive: Drive) => Promise<DriveStore>;
  readonly openFolder: OpenFolder;
  /** Of any drive that was ever adopted. */
  readonly labelOf: (id: DriveId) => string;
  /** Kept until the journal takes it: for copies that were found bad. */
  readonly emit: (fact: Fact) => Promise<void>;
  readonly clock: VerifyRun['clock'] & Pick<Clock, 'stamp'>;
  readonly verifications: Verifications;
  /** A running backup goes first. */
  readonly backups: Traffic;
  /** What manifests have beside XXH64; null for nothing. */
  readonly hash: ManifestHash['format'] | null;
  /** Writes down what `--full` read, with the hashes of folders. Throws `DriveError` and the reason of its `stop`. */
  readonly sealReread: (store: DriveStore, reread: WholeReread) => Promise<unknown>;
}

/** `verify`, on what is attached now. */
export class Verifying {
  readonly #parts: VerifyingParts;

  constructor(parts: VerifyingParts) {
    this.#parts = parts;
  }

  /**
   * A drive, a backup or a folder; null for every attached drive. Ends when `left` aborts. Throws `UserError` 64, 65, 66,
   * 75, and 74 also when the journal takes nothing: only a folder is verified without it.
   */
  async *verify(
    target: string | null,
    options: VerifyOptions = PLAIN_VERIFY,
    left?: AbortSignal,
  ): VerifyWork {
    const { runtime, openDrive, store, verifications } = this.#parts;
    const stores = await attachedStores(runtime.state, openDrive);
    const all = [...stores.values()];
    const drives = all.map((open) => open.drive);
    const drive = target === null ? null : findOne(drives, target);
    const open = drive === null ? undefined : stores.get(drive.id);
    const isFolder = open === undefined && target?.startsWith('/') === true;
    // What it finds has to be recorded, and who asked waits for the answer.
    if (!isFolder) runtime.expectToRecord();
    if (target === null) {
      if (all.length === 0) throw unknownTarget('drive', 'verify');
      const name = drives.map(({ label }) => label).join(', ');
      yield* verifications.on({ drives, name, left }, (stop) => this.#all(all, options, stop));
    } else if (open !== undefined) {
      const order = { drives: [open.drive], name: open.drive.label, left };
      yield* verifications.on(order, (stop) => this.#drive(open, options, stop));
    } else if (isFolder) {
      if (options.full) throw notFull('writes a new generation, and a folder that is no drive is only read');
      const order = { drives: [], name: target, left };
      yield* verifications.on(order, (stop) => this.#folder(target, options, stop));
    } else if (store.history.find(target as BackupId) !== null) {
      if (options.full) throw notFull('is for a whole drive');
      const { catalogue, log } = store;
      const { emit, labelOf } = this.#parts;
      const backup = { backupId: target as BackupId, catalogue, log, drives: stores, labelOf, emit };
      const order = { drives, name: target, left };
      yield* verifications.on(order, (stop) => verifyBackup(backup, this.#run(options, stop)));
    } else throw unknownTarget('drive', target);
  }

  #run({ rateBytesPerSecond }: VerifyOptions, stop: AbortSignal): VerifyRun {
    const { clock, backups } = this.#parts;
    return { clock, rateBytesPerSecond, backups, stop };
  }

  #drive(store: DriveStore, options: VerifyOptions, stop: AbortSignal): VerifyWork {
    const { openFolder } = this.#parts;
    const emit = (fact: Fact) => this.#record(fact);
    const { catalogue, log: journal } = this.#parts.store;
    // The hashes of folders are made of all files: those of a year ago say nothing of today.
    const anew = options.restart || options.full;
    const from = anew ? null : this.#unfinished(store.drive.id);
    const log = options.full ? new RereadLog(this.#parts.hash) : null;
    const { seq } = journal.head();
    const roots = indexedRoots(catalogue.sealedGenerations(store.drive.id));
    const drive = { store, catalogue, emit, openFolder, roots };
    const work = verifyDrive(drive, this.#run(options, stop), from, log);
    return withAdvice(log === null ? work : this.#sealed(store, { log, seq, stop }, work));
  }

  /** What was found bad waits until the journal takes it; how far a verification is can be found out anew. */
  async #record(fact: Fact): Promise<void> {
    if (fact.type === 'CopiesLost') await this.#parts.emit(fact);
    else await this.#parts.runtime.order(fact);
  }

  #unfinished(driveId: DriveId): OpenVerification | null {
    const { verifications, clock, store } = this.#parts;
    const open = verifications.book.unfinished(driveId);
    if (open === null) return null;
    return isStillGood(open, driveId, { at: clock.stamp().at, log: store.log }) ? open : null;
  }

  async *#folder(folder: string, options: VerifyOptions, stop: AbortSignal): VerifyWork {
    const reader = await this.#parts.openFolder(folder).catch((error: unknown) => {
      throw new UserError(
        'no-folder',
        66,
        `${folder}: ${messageOf(error)}`,
        'name a folder that is there',
        error,
      );
    });
    yield* verifyFolder(reader, folder, this.#run(options, stop));
  }

  async *#sealed(store: DriveStore, reread: WholeReread, work: VerifyWork): VerifyWork {
    for await (const message of work) {
      if ('result' in message) await this.#parts.sealReread(store, reread);
      yield message;
    }
  }

  /** One drive behind the other; the results are added up. */
  async *#all(stores: readonly DriveStore[], options: VerifyOptions, stop: AbortSignal): VerifyWork {
    const drives: NonNullable<VerifyResult['drives']> = [];
    for (const store of stores) {
      const { id, label } = store.drive;
      for await (const message of this.#drive(store, options, stop)) {
        if ('progress' in message) yield message;
        else drives.push({ id, label, ...message.result });
      }
    }
    yield { result: addedUp(drives) };
  }
}

const notFull = (why: string) =>
  new UserError('not-full', 64, `--full ${why}`, 'leave it out to read every file again');
