import type { Standing } from '../../machines/appliance.context.ts';
import type { Fact } from '../../machines/facts.ts';
import { type DriveId, inboxCardId } from '../../machines/ids.ts';
import type { Drive } from '../../machines/media.ts';
import type { BackupHooks, BackupRun } from '../control/backups.ts';
import { Serial } from '../devices/serial.ts';
import { isDriveError, messageOf } from '../errors.ts';
import type { CardReader } from '../media-ports.ts';
import type { Catalogue, Clock, Copy, EventLog } from '../ports.ts';
import { Clearing, MAX_FILES_A_FACT } from './clearing.ts';
import { type BackupEnd, type Judged, judge } from './judging.ts';
import { isSomebodys } from './names.ts';
import { offeredCards } from './offered-cards.ts';
import { type InboxFile, type InboxListing, type InboxStore, type OpenInbox, pathKey } from './ports.ts';
import { Requests } from './requests.ts';
import { SettledFiles } from './settled-files.ts';
import { Settling } from './settling.ts';

/** Of one look; what is beyond comes when these are in the library. */
const MAX_FILES = 10_000;
/** A look at many files on a slow box takes a while: it may take this share of the time. */
const LOOK_SHARE = 10;
const LOOK_EVERY_MS = 2000;
const LOOK_AT_LEAST_MS = 30_000;
const CLEAR_EVERY_MS = 60_000;
/** An upload that never ends must not keep what is complete from being copied. */
const WAIT_FOR_OTHERS_MS = 300_000;
/** The time of a complete file, and as long again. */
const WAIT_FOR_FIRST_MS = 60_000;

/** How the inbox stands as a card; null while it is none. */
export interface InboxStanding {
  readonly standing: Standing;
  /** A backup of it is queued or running. */
  readonly busy: boolean;
}

export interface InboxParts {
  readonly open: OpenInbox;
  readonly catalogue: Pick<Catalogue, 'copyAt'>;
  readonly log: Pick<EventLog, 'read'>;
  readonly clock: Clock;
  readonly copies: 'all' | number;
  /** See `ClearingParts`. */
  readonly driveOf: (id: DriveId) => Pick<Drive, 'kind'> | null;
  /** False: nobody wants an inbox (`inbox = false`); what was taken out of one is not left to itself. */
  readonly looks: boolean;
  /** False: a person starts its backups, as for any card (`auto = "off"`). */
  readonly starts: boolean;
  /** Resolves when the fact is durable. */
  readonly emit: (fact: Fact) => Promise<void>;
  readonly warn: (text: string) => void;
  /** See `DeviceService.showInbox`. */
  readonly show: (id: Drive['id'], round: number | null) => Promise<void>;
  readonly standing: (id: ReturnType<typeof inboxCardId>) => InboxStanding | null;
}

/** Runs the ordinary backup with these cards and hooks. */
export type RunInner = (cards: CardReader, hooks: BackupHooks) => Promise<void>;

const ENDS: ReadonlySet<Fact['type']> = new Set(['BackupFinished', 'BackupFailed', 'BackupInterrupted']);
const isEnd = (fact: Fact): fact is BackupEnd => ENDS.has(fact.type);

/** Unreadable: nobody knows what lies there, so nothing may be green. */
const CLOSED: InboxListing = { files: [], unreadable: 1, more: false };

/** The inbox of one attached drive: shown as a card while files lie in it, backed up when they are complete, emptied. */
export class DriveInbox {
  readonly #drive: Drive;
  readonly #parts: InboxParts;
  readonly #settling = new Settling();
  readonly #clearing: Clearing;
  /** One look, one emptying, one beginning of a backup at a time. */
  readonly #serial = new Serial();
  /** As they were when a backup tried them: tried again when they change, when a person asks, when a drive comes. */
  readonly #tried = new Map<string, string>();
  /** In the library as they are. */
  readonly #safe = new Map<string, string>();
  readonly #requests = new Requests();
  #store: InboxStore | null = null;
  #round: number | null = null;
  #rounds = 0;
  #dueSinceMs: number | null = null;
  #clearedAtMs = Number.NEGATIVE_INFINITY;
  #disarm: () => void = () => undefined;
  #stopped = false;
  #warned = '';

  constructor(drive: Drive, parts: InboxParts) {
    this.#drive = drive;
    this.#parts = parts;
    this.#clearing = new Clearing(parts);
  }

  /** Resolves after the first look. Never rejects. */
  async start(): Promise<void> {
    const { clock } = this.#parts;
    const began = clock.monoMs();
    await this.#serial.run(() => this.#turn()).catch((error: unknown) => this.#tell(error));
    if (this.#stopped) return;
    const shareMs = Math.min(LOOK_SHARE * (clock.monoMs() - began), LOOK_AT_LEAST_MS);
    const delayMs = Math.max(LOOK_EVERY_MS, shareMs);
    this.#disarm = clock.setTimer(delayMs, () => void this.start());
  }

  /** Resolves when nothing of it is under way any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#disarm();
    await this.#serial.close();
  }

  /** Somebody is uploading. */
  get isArriving(): boolean {
    return this.#settling.isArriving;
  }

  async #turn(): Promise<void> {
    const { clock } = this.#parts;
    if (this.#parts.looks) await this.#look(await this.#list());
    if (clock.monoMs() - this.#clearedAtMs < CLEAR_EVERY_MS) return;
    this.#clearedAtMs = clock.monoMs();
    await this.#clearing.run(await this.#opened(), () => this.#stopped);
  }

  async #look(listing: InboxListing | null): Promise<void> {
    const files = (listing?.files ?? []).filter(isSomebodys);
    this.#settling.look(files, this.#parts.clock.monoMs());
    for (const marks of [this.#tried, this.#safe]) keepOnly(marks, files);
    const id = inboxCardId(this.#drive.id);
    const card = this.#parts.standing(id);
    // What its backup says at its end counts then; a card that goes meanwhile would have been pulled.
    if (card?.busy === true) return;
    const unseen = (listing?.unreadable ?? 0) + Number(listing?.more ?? false);
    if (files.length + unseen === 0) return this.#show(null);
    const isNew = unseen > 0 || files.some((file) => this.#safe.get(pathKey(file)) !== file.mark);
    if (this.#round === null || (isNew && card?.standing === 'protected')) {
      this.#rounds += 1;
      this.#round = this.#rounds;
    }
    await this.#show(this.#round);
    if (card === null || !this.#parts.starts) return;
    const due = this.#due();
    if (due.length === 0) return;
    this.#requests.asked(due, this.#parts.clock.monoMs());
    await this.#parts.emit({ type: 'BackupRequested', cardId: id, by: 'auto', driveId: null, fit: false });
  }

  /** Complete files wait for those that still arrive: RAW and JPEG of one shot, and one manifest for an upload. */
  #due(): readonly InboxFile[] {
    const nowMs = this.#parts.clock.monoMs();
    const due = this.#settling.settled().filter((file) => this.#tried.get(pathKey(file)) !== file.mark);
    this.#dueSinceMs = due.length > 0 ? (this.#dueSinceMs ?? nowMs) : null;
    if (this.#dueSinceMs === null || !this.#requests.isDue(due, nowMs)) return [];
    return !this.#settling.isArriving || nowMs - this.#dueSinceMs >= WAIT_FOR_OTHERS_MS ? due : [];
  }

  async #show(round: number | null): Promise<void> {
    this.#round = round;
    await this.#parts.show(this.#drive.id, round);
  }

  /** Backs up what is complete now, then takes what is safe out of the inbox. */
  async run(run: BackupRun, hooks: BackupHooks, cards: CardReader, inner: RunInner): Promise<void> {
    const offer = await this.#offer(hooks.stop);
    for (const file of offer) this.#tried.set(pathKey(file), file.mark);
    const files = new SettledFiles();
    let safe: readonly InboxFile[] = [];
    const emit = async (fact: Fact): Promise<void> => {
      if (!isEnd(fact)) {
        await hooks.emit(fact);
        if (fact.type === 'FilesSettled') files.add(fact);
        return;
      }
      const judged = await this.#judge(fact, { run, offer, files });
      for (const file of judged.safe) this.#safe.set(pathKey(file), file.mark);
      await hooks.emit(withLeft(fact, judged));
      safe = judged.safe;
    };
    await inner(offeredCards(cards, run.card.path, offer), { ...hooks, emit });
    await this.#serial.run(() => this.#take(safe, run, hooks)).catch((error: unknown) => this.#tell(error));
  }

  /** Asked for before anything is complete, as after a restart, it waits for the first files. */
  async #offer(stop: AbortSignal): Promise<readonly InboxFile[]> {
    const { clock } = this.#parts;
    const untilMs = clock.monoMs() + WAIT_FOR_FIRST_MS;
    for (;;) {
      const offer = this.#settling.settled();
      const waits = this.#settling.isArriving && !stop.aborted && !this.#stopped;
      if (offer.length > 0 || !waits || clock.monoMs() >= untilMs) return offer;
      await new Promise<void>((resolve) => clock.setTimer(LOOK_EVERY_MS, resolve));
    }
  }

  async #judge(
    end: BackupEnd,
    { run, offer, files }: { run: BackupRun; offer: readonly InboxFile[]; files: SettledFiles },
  ): Promise<Judged> {
    const { copies, catalogue } = this.#parts;
    const drives = run.drives.map(({ drive }) => drive);
    try {
      const listing = (await this.#list()) ?? { files: [], unreadable: 0, more: false };
      const wanted = copies === 'all' ? run.attached : Math.max(1, copies);
      const inodes = (of: readonly Copy[]) => this.#inodes(of, drives);
      return await judge({ end, listing, offer, files, drives, wanted, catalogue, inodes });
    } catch (error) {
      if (!isDriveError(error)) throw error;
      this.#tell(error);
      return { safe: [], left: 1, links: 0 };
    }
  }

  async #inodes(copies: readonly Copy[], drives: readonly Drive[]): Promise<readonly (string | null)[]> {
    const found = new Map<Copy, string | null>();
    for (const drive of drives) {
      const here = copies.filter(({ driveId }) => driveId === drive.id);
      if (here.length === 0) continue;
      const store = drive.id === this.#drive.id ? await this.#opened() : await this.#parts.open(drive);
      const files = await store.identify(here.map(({ to }) => to));
      for (const [at, copy] of here.entries()) {
        const file = files[at];
        found.set(copy, file?.sizeBytes === copy.sizeBytes ? file.inode : null);
      }
    }
    return copies.map((copy) => found.get(copy) ?? null);
  }

  async #take(
    files: readonly InboxFile[],
    { backupId }: BackupRun,
    { emit, stop }: BackupHooks,
  ): Promise<void> {
    const store = await this.#opened();
    for (let at = 0; at < files.length && !stop.aborted && !this.#stopped; at += MAX_FILES_A_FACT) {
      const batch = files.slice(at, at + MAX_FILES_A_FACT);
      const ends = await store.take(batch, backupId);
      const taken = batch.filter((file, nth) => {
        const end = ends[nth];
        if (end?.end === 'taken') this.#clearing.took({ ...file, backupId, mark: end.mark });
        if (end?.end === 'refused') this.#tell(new Error(`${file.path} stays in the inbox: ${end.detail}`));
        return end?.end === 'taken';
      });
      if (taken.length === 0) continue;
      await emit({
        type: 'InboxTaken',
        backupId,
        driveId: this.#drive.id,
        files: taken.map(({ path }) => path),
      });
    }
  }

  /** Whatever fails, uploads may lie there unseen; only of a drive that went away the card goes with it. */
  async #list(): Promise<InboxListing | null> {
    try {
      return await (await this.#opened()).look(MAX_FILES);
    } catch (error) {
      if (this.#stopped || (isDriveError(error) && error.reason === 'drive-lost')) throw error;
      this.#tell(error);
      return CLOSED;
    }
  }

  async #opened(): Promise<InboxStore> {
    this.#store ??= await this.#parts.open(this.#drive);
    return this.#store;
  }

  /** Once, as long as it is the same. A drive that went away is told of by the drive. */
  #tell(error: unknown): void {
    this.#store = null;
    if (this.#stopped || (isDriveError(error) && error.reason === 'drive-lost')) return;
    const text = `inbox of ${this.#drive.label}: ${messageOf(error)}`;
    if (text !== this.#warned) this.#parts.warn(text);
    this.#warned = text;
  }
}

function keepOnly(marks: Map<string, string>, files: readonly InboxFile[]): void {
  const there = new Set(files.map(pathKey));
  for (const key of marks.keys()) if (!there.has(key)) marks.delete(key);
}

/** A green light must not speak for what lies in the inbox and is not in the library. */
function withLeft(end: BackupEnd, { left, links }: Judged): BackupEnd {
  const told = [
    left > links ? `${left - links} of its files are not in the library yet: still arriving, or changed` : '',
    links > 0 ? `${links} of its files are hard links of files in the library: they stay where they are` : '',
  ].filter((note) => note !== '');
  const notes = [...(end.notes ?? []), ...told];
  const noted = notes.length === 0 ? end : { ...end, notes };
  return noted.type === 'BackupFinished' && left > 0 ? { ...noted, enough: false } : noted;
}
