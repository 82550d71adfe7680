import {
  concat,
  defer,
  distinctUntilChanged,
  filter,
  map,
  merge,
  type Observable,
  of,
  takeWhile,
  throttleTime,
} from 'rxjs';
import { activeStates, contextOf, type DecisionState } from '../../machines/decide.ts';
import type { FactRecord } from '../../machines/facts.ts';
import { backupId, isInboxCard } from '../../machines/ids.ts';
import type { Card } from '../../machines/media.ts';
import {
  type Appliance,
  type BackupOrder,
  type IndexOptions,
  type IndexWork,
  PLAIN_CHECK,
  type SimControls,
  type VerifyOptions,
  type Work,
} from '../appliance.ts';
import { UserError } from '../errors.ts';
import type { AskedStyle } from '../library/asked-style.ts';
import { Library } from '../library/library.ts';
import { TimedRests } from '../library/rests.ts';
import type { Clock, Store } from '../ports.ts';
import { EMPTY_STATUS_VIEW, foldStatus, type StatusView } from '../projections/status.ts';
import { lightChanged, lightLine } from '../projections/timeline.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { BackupStatus, DriveStatus, HistoryLine, LightLine, Problem, Status } from '../shapes.ts';
import type { VerifyWork } from '../verify/advice.ts';
import type { CheckOptions, CheckResult, PreviewMessage } from '../work-shapes.ts';
import type { Backups } from './backups.ts';
import type { Devices, ShownDrive } from './devices.ts';
import { Orders } from './orders.ts';
import {
  activeBackups,
  driveStatus,
  freeBytesOn,
  historyLine,
  type LabelOf,
  oneBackup,
  statusOf,
} from './status.ts';
import { findOne, onlyCard, unknownTarget } from './targets.ts';

/** Often enough for a progress bar, seldom enough to cost nothing. */
const PROGRESS_EVERY_MS = 200;

export interface ControlParts {
  readonly runtime: Runtime;
  readonly store: Store;
  readonly clock: Clock;
  readonly devices: Devices;
  readonly backups: Backups;
  readonly check: (card: Pick<Card, 'id' | 'path' | 'kind'>, options: CheckOptions) => Work<CheckResult>;
  readonly preview: (card: Card, asked: AskedStyle) => AsyncIterable<PreviewMessage>;
  readonly verify: (target: string | null, options?: VerifyOptions) => VerifyWork;
  readonly index: Appliance['index'];
  /** Null when the file system does not answer. */
  readonly freeBytes: (path: string) => Promise<number | null>;
  /** Ends what is open on a drive and syncs it, then calls `detach`; until that is over nothing is opened there. */
  readonly letGo: (drive: ShownDrive, detach: () => Promise<void>) => Promise<void>;
  readonly health: () => Status['health'];
  readonly verifications: () => Status['verifications'];
  readonly inboxProblems: () => readonly Problem[];
  /** Where the network reaches this box; null while it does not. */
  readonly address: () => Status['address'];
  readonly labelOf: LabelOf;
  /** Null on any board that is not simulated. */
  readonly sim: SimControls | null;
}

type Following = { readonly progress: BackupStatus } | { readonly result: HistoryLine };

/** The daemon as seen from outside: the socket server and the demo use it. */
export class Control implements Appliance {
  readonly #parts: ControlParts;
  readonly #orders: Orders;
  readonly library: Library;
  #view: StatusView = EMPTY_STATUS_VIEW;
  #moment: Pick<FactRecord, 'seq' | 'at' | 'monoMs'>;

  constructor(parts: ControlParts) {
    this.#parts = parts;
    this.#orders = new Orders(parts.runtime, parts.devices);
    const isCopying = () => contextOf(this.#state).running.length > 0;
    this.library = new Library(parts.store, new TimedRests(parts.clock, isCopying));
    const { at, monoMs } = parts.clock.stamp();
    this.#moment = { seq: parts.store.log.head().seq, at, monoMs };
    parts.runtime.decided$.subscribe(({ record }) => {
      this.#view = foldStatus(this.#view, record);
      this.#moment = record;
    });
  }

  async status(): Promise<Status> {
    // A drive may take a second to answer: what is told of cards and light is of the moment after that.
    const freeBytes = await freeBytesOn(this.#parts.devices.attached.drives, this.#parts.freeBytes);
    return statusOf(this.#state, this.#moment, this.#view, {
      history: this.#parts.store.history,
      backups: this.#parts.backups,
      drives: this.#parts.devices.attached.drives,
      labelOf: this.#parts.labelOf,
      freeBytes,
      health: this.#parts.health,
      verifications: this.#parts.verifications,
      inboxProblems: this.#parts.inboxProblems,
      address: this.#parts.address,
    });
  }

  history({ before, last }: Parameters<Appliance['history']>[0] = {}): readonly HistoryLine[] {
    const query = {
      ...(last === undefined ? {} : { last }),
      ...(before === undefined ? {} : { before: backupId(before) }),
    };
    return this.#parts.store.history.rows(query).map((row) => historyLine(row, this.#parts.labelOf));
  }

  backupStatus(id: string): BackupStatus {
    const found = oneBackup(this.#state, backupId(id), {
      ...this.#parts,
      history: this.#parts.store.history,
    });
    if (found === null) throw unknownTarget('backup', id);
    return found;
  }

  chartStates(): readonly string[] {
    return activeStates(this.#state);
  }

  get lights$(): Observable<LightLine> {
    const { runtime } = this.#parts;
    return defer(() =>
      concat(
        of(lightLine(this.#moment, this.#state)),
        merge(
          runtime.decided$.pipe(map(({ record }) => lightLine(record, runtime.shown))),
          runtime.shown$.pipe(map((state) => lightLine(this.#moment, state))),
        ),
      ),
    ).pipe(distinctUntilChanged((before, after) => !lightChanged(before, after)));
  }

  backup(order: BackupOrder): ReturnType<Appliance['backup']> {
    return this.#orders.backup(order);
  }

  /** A folder whose backup was interrupted becomes a card again. Throws 64, 66. */
  resumeFolder(card: Card): Promise<void> {
    return this.#orders.resumeFolder(card);
  }

  follow(id: string): Observable<Following> {
    const { runtime, backups } = this.#parts;
    // An unknown one is refused at once; where it stands is looked up when somebody listens, for it may end before.
    this.#following(id);
    const now = defer(() => of(this.#following(id)));
    const changes = merge(
      runtime.decided$.pipe(filter(({ record: { fact } }) => 'backupId' in fact && fact.backupId === id)),
      runtime.decided$.pipe(filter(({ record: { fact } }) => fact.type === 'CardDetached')),
      backups.progressed$.pipe(
        filter((other) => other === id),
        throttleTime(PROGRESS_EVERY_MS, undefined, { leading: true, trailing: true }),
      ),
    );
    return concat(now, changes.pipe(map(() => this.#following(id)))).pipe(
      takeWhile((message) => !('result' in message), true),
    );
  }

  check(word: string, options = PLAIN_CHECK): Work<CheckResult> {
    const cards = contextOf(this.#state).cards.map((entry) => entry.card);
    const found = findOne(cards, word);
    if (found !== null && !isInboxCard(found.id)) return this.#parts.check(found, options);
    if (found !== null) return this.#checkFolder(found.path, options);
    if (!word.startsWith('/')) throw unknownTarget('card', word);
    return this.#checkFolder(word, options);
  }

  async *#checkFolder(path: string, options: CheckOptions): Work<CheckResult> {
    yield* this.#parts.check(await this.#parts.devices.folderToRead(path), options);
  }

  preview(word: string | null, asked: AskedStyle): AsyncIterable<PreviewMessage> {
    const cards = contextOf(this.#state).cards.map((entry) => entry.card);
    const found = word === null ? onlyCard(cards) : findOne(cards, word);
    if (found !== null && !isInboxCard(found.id)) return this.#parts.preview(found, asked);
    if (found !== null) return this.#previewFolder(found.path, asked);
    if (word?.startsWith('/') !== true) throw unknownTarget('card', word ?? '');
    return this.#previewFolder(word, asked);
  }

  async *#previewFolder(path: string, asked: AskedStyle): AsyncGenerator<PreviewMessage> {
    yield* this.#parts.preview(await this.#parts.devices.folderToRead(path), asked);
  }

  verify(target: string | null, options?: VerifyOptions): VerifyWork {
    return this.#parts.verify(target, options);
  }

  index(dir: string, options?: IndexOptions): IndexWork {
    return this.#parts.index(dir, options);
  }

  async drives(): Promise<readonly DriveStatus[]> {
    const { drives } = this.#parts.devices.attached;
    const freeBytes = await freeBytesOn(drives, this.#parts.freeBytes);
    return drives.map((drive) => driveStatus(drive, freeBytes));
  }

  async #driveStatus(drive: ShownDrive): Promise<DriveStatus> {
    return driveStatus(drive, await freeBytesOn([drive], this.#parts.freeBytes));
  }

  async adopt(target: string, force: boolean): Promise<DriveStatus> {
    // Before drive.json is written: an adoption that nobody records is none.
    this.#parts.runtime.expectToRecord();
    return this.#driveStatus(await this.#parts.devices.adopt(target, { force }));
  }

  async forget(target: string): Promise<DriveStatus> {
    this.#parts.runtime.expectToRecord();
    this.#refuseWhileWritten(target);
    return this.#driveStatus(await this.#parts.devices.forget(target));
  }

  async eject(target: string): Promise<DriveStatus> {
    this.#parts.runtime.expectToRecord();
    const drive = this.#refuseWhileWritten(target);
    if (drive === null) throw unknownTarget('drive', target);
    await this.#parts.letGo(drive, async () => {
      // A card may have been inserted meanwhile.
      this.#refuseWhileWritten(target);
      await this.#parts.devices.detachDrive(drive.path);
    });
    return { ...(await this.#driveStatus(drive)), mounted: false };
  }

  async acknowledge(): Promise<void> {
    await this.#parts.runtime.order({ type: 'Acknowledged' });
  }

  async power(action: 'poweroff' | 'reboot'): Promise<void> {
    await this.#parts.runtime.order({ type: 'ShutdownRequested', action });
  }

  journal(query: { readonly after: number; readonly limit: number }): readonly string[] {
    return [...this.#parts.store.log.lines(query)];
  }

  get head$(): Observable<number> {
    const { runtime, store } = this.#parts;
    return defer(() =>
      concat(of(store.log.head().seq), runtime.decided$.pipe(map(({ record }) => record.seq))),
    ).pipe(distinctUntilChanged());
  }

  get isSimulated(): boolean {
    return this.#parts.sim !== null;
  }

  get sim(): SimControls {
    if (this.#parts.sim !== null) return this.#parts.sim;
    throw new UserError(
      'not-simulated',
      77,
      'the board is not simulated',
      'start with: imagetank run --board sim',
    );
  }

  get #state(): DecisionState {
    return this.#parts.runtime.shown;
  }

  #refuseWhileWritten(target: string): ShownDrive | null {
    const drive = findOne(this.#parts.devices.attached.drives, target);
    const busy = contextOf(this.#state).running.some((backup) =>
      backup.driveIds.some((id) => id === drive?.id),
    );
    if (busy)
      throw new UserError('busy', 75, `${target}: a backup is writing this drive`, 'wait until it has ended');
    return drive;
  }

  /** Where a backup stands. Throws 66 for an unknown one and 1 for one whose card went before it began. */
  #following(id: string): Following {
    const row = this.#parts.store.history.find(backupId(id));
    if (row !== null && row.outcome !== null) return { result: historyLine(row, this.#parts.labelOf) };
    const active = activeBackups(this.#state, { ...this.#parts, history: this.#parts.store.history });
    const progress = active.find((backup) => backup.id === id);
    if (progress !== undefined) return { progress };
    if (!this.#orders.knows(id)) throw unknownTarget('backup', id);
    throw new UserError(
      'interrupted',
      1,
      `${id}: the card was removed before its backup began`,
      'insert it again',
    );
  }
}
