import { inboxCardId } from '../../machines/ids.ts';
import type { Drive } from '../../machines/media.ts';
import type { BackupHooks, BackupRun } from '../control/backups.ts';
import { Serial } from '../devices/serial.ts';
import { messageOf } from '../errors.ts';
import type { CardReader } from '../media-ports.ts';
import type { Problem } from '../shapes.ts';
import { Clearing, type Looked } from './clearing.ts';
import { InboxAccess } from './inbox-access.ts';
import { InboxBackup, type RunInner } from './inbox-backup.ts';
import type { InboxParts } from './inbox-parts.ts';
import { isSomebodys } from './names.ts';
import { type InboxFile, type InboxListing, pathKey, unseenIn } from './ports.ts';
import { Requests } from './requests.ts';
import { Settling } from './settling.ts';

/** A look at many files on a slow box takes a while: it may take this share of the time, up to the wait below. */
const LOOK_SHARE = 10;
const LOOK_EVERY_MS = 2000;
const WAIT_AT_MOST_MS = 30_000;
const CLEAR_EVERY_MS = 60_000;
/** An upload that never ends must not keep what is complete from being copied. */
const WAIT_FOR_OTHERS_MS = 300_000;
/** The time of a complete file, and as long again. */
const WAIT_FOR_FIRST_MS = 60_000;

/** What would leave with the drive. */
export interface Rest {
  /** Files that changed after being taken and came back just now. */
  readonly putBack: number;
  /** Files that are not in the library; none from the second time on that somebody asks, until none was left. */
  readonly waiting: number;
}

/** The inbox of one attached drive: shown as a card while files lie in it, backed up when they are complete, emptied. */
export class DriveInbox {
  readonly #drive: Drive;
  readonly #parts: InboxParts;
  readonly #settling = new Settling();
  readonly #access: InboxAccess;
  readonly #clearing: Clearing;
  readonly #backup: InboxBackup;
  /** One look, one emptying, one beginning of a backup at a time. */
  readonly #serial = new Serial();
  /** As they were when a backup tried them: tried again when they change, when a person asks, when a drive comes. */
  readonly #tried = new Map<string, string>();
  /** In the library as they are. */
  readonly #safe = new Map<string, string>();
  readonly #requests = new Requests();
  #round: number | null = null;
  #rounds = 0;
  #dueSinceMs: number | null = null;
  /** What was taken and cannot be looked at, so that it may have changed since, or did and cannot be put back. */
  #takenUnseen = 0;
  /** As of the last look: not in the library as they are. */
  #waiting = 0;
  #waitingBytes = 0;
  /** Somebody who wants the drive was told that files wait. */
  #isTold = false;
  #clearedAtMs = Number.NEGATIVE_INFINITY;
  #disarm: () => void = () => undefined;

  constructor(drive: Drive, parts: InboxParts) {
    this.#drive = drive;
    this.#parts = parts;
    this.#access = new InboxAccess(drive, parts);
    this.#clearing = new Clearing(parts);
    this.#backup = new InboxBackup({
      ...parts,
      access: this.#access,
      clearing: this.#clearing,
      takenUnseen: () => this.#takenUnseen,
      alone: (work) => (this.#access.isStopped ? work() : this.#serial.run(work)),
      onSafe: (files) => {
        for (const file of files) this.#safe.set(pathKey(file), file.mark);
      },
    });
  }

  /** Resolves after the first look. Never rejects. */
  async start(): Promise<void> {
    const { clock } = this.#parts;
    const began = clock.monoMs();
    await this.#serial.run(() => this.#turn()).catch((error: unknown) => this.#access.tell(error));
    if (this.#access.isStopped) return;
    const shareMs = Math.min(LOOK_SHARE * (clock.monoMs() - began), WAIT_AT_MOST_MS);
    const delayMs = Math.max(LOOK_EVERY_MS, shareMs);
    this.#disarm = clock.setTimer(delayMs, () => void this.start());
  }

  /** Resolves when nothing of it is under way any more. */
  async stop(): Promise<void> {
    this.#access.stop();
    this.#disarm();
    await this.#serial.close();
  }

  /** Somebody is uploading. */
  get isArriving(): boolean {
    return this.#settling.isArriving;
  }

  /** Not in the library yet, as of the last look. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** What a person has to mend. */
  get problems(): readonly Problem[] {
    return this.#access.troubles.problems;
  }

  /** Without waiting for the next turn. Throws `DriveError`. */
  lookNow(): Promise<void> {
    return this.#serial.run(() => this.#lookNow());
  }

  /** Looks again at what was taken, and at what lies in the inbox, now. Throws `DriveError`. */
  lookAgain(): Promise<Rest> {
    return this.#serial.run(async () => {
      const { putBack, stuck } = await this.#clear();
      await this.#lookNow();
      const waiting = this.#isTold ? 0 : this.#waiting + stuck.length;
      this.#isTold = this.#isTold || putBack + waiting > 0;
      return { putBack, waiting };
    });
  }

  async #turn(): Promise<void> {
    const { clock } = this.#parts;
    await this.#lookNow();
    if (clock.monoMs() - this.#clearedAtMs < CLEAR_EVERY_MS) return;
    this.#clearedAtMs = clock.monoMs();
    const before = this.#takenUnseen;
    await this.#clear().catch((error: unknown) => this.#access.tell(error));
    if (this.#takenUnseen !== before) await this.#lookNow();
  }

  async #lookNow(): Promise<void> {
    if (this.#parts.looks) await this.#look(await this.#access.list());
  }

  async #clear(): Promise<Looked> {
    try {
      const looked = await this.#clearing.run(await this.#access.opened(), () => this.#access.isStopped);
      this.#takenUnseen = looked.unreadable + Number(looked.more) + looked.stuck.length;
      this.#access.troubles.ofTaken(looked);
      return looked;
    } catch (error) {
      this.#takenUnseen = 1;
      this.#access.troubles.failed('taken', messageOf(error));
      throw error;
    }
  }

  async #look(listing: InboxListing | null): Promise<void> {
    const files = (listing?.files ?? []).filter(isSomebodys);
    this.#settling.look(files, this.#parts.clock.monoMs());
    for (const marks of [this.#tried, this.#safe]) keepOnly(marks, files);
    const waiting = files.filter((file) => this.#safe.get(pathKey(file)) !== file.mark);
    this.#waiting = waiting.length;
    this.#waitingBytes = waiting.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const id = inboxCardId(this.#drive.id);
    const card = this.#parts.standing(id);
    // What its backup says at its end counts then; a card that goes meanwhile would have been pulled.
    if (card?.busy === true) return;
    const unseen = (listing === null ? 0 : unseenIn(listing)) + this.#takenUnseen;
    if (files.length + unseen === 0) {
      this.#isTold = false;
      return this.#show(null);
    }
    const isNew = unseen + this.#waiting > 0;
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
    const safe = await this.#backup.run(run, hooks, cards, offer, inner);
    await this.#serial
      .run(() => this.#backup.take(safe, run, hooks))
      .catch((error: unknown) => this.#access.tell(error));
  }

  /** Asked for before anything is complete, as after a restart, it waits for the first files. */
  async #offer(stop: AbortSignal): Promise<readonly InboxFile[]> {
    const { clock } = this.#parts;
    const untilMs = clock.monoMs() + WAIT_FOR_FIRST_MS;
    for (;;) {
      const offer = this.#settling.settled();
      const waits = this.#settling.isArriving && !stop.aborted && !this.#access.isStopped;
      if (offer.length > 0 || !waits || clock.monoMs() >= untilMs) return offer;
      await new Promise<void>((resolve) => clock.setTimer(LOOK_EVERY_MS, resolve));
    }
  }
}

function keepOnly(marks: Map<string, string>, files: readonly InboxFile[]): void {
  const there = new Set(files.map(pathKey));
  for (const key of marks.keys()) if (!there.has(key)) marks.delete(key);
}
