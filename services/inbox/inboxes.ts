import { type DriveId, inboxCardId, isInboxCard } from '../../machines/ids.ts';
import type { Drive } from '../../machines/media.ts';
import type { BackupHooks, BackupRun } from '../control/backups.ts';
import { noAnswer, withDeadline } from '../deadline.ts';
import { DriveError, messageOf, UserError } from '../errors.ts';
import type { CardReader } from '../media-ports.ts';
import type { Problem } from '../shapes.ts';
import { DriveInbox } from './drive-inbox.ts';
import type { RunInner } from './inbox-backup.ts';
import type { InboxParts } from './inbox-parts.ts';
import { offeredCards } from './offered-cards.ts';

export interface InboxesParts extends InboxParts {
  /** Adopted drives that are attached and can be written. */
  readonly drives: () => readonly Drive[];
}

const DRIVES_EVERY_MS = 2000;
/** A sleeping disk needs about 10 s to spin up. */
const FIRST_LOOK_MS = 15_000;

const WAIT = 'wait until the light is green';
const NO_INBOX = 'with `inbox = false` nothing copies it from there';

/** The inboxes of all attached drives. */
export class Inboxes {
  readonly #parts: InboxesParts;
  readonly #inboxes = new Map<DriveId, { readonly path: string; readonly inbox: DriveInbox }>();
  /** Of drives that went: what is under way there ends, too. */
  readonly #leaving = new Set<Promise<void>>();
  #disarm: () => void = () => undefined;
  #stopped = false;

  constructor(parts: InboxesParts) {
    this.#parts = parts;
  }

  /** Resolves when every inbox that is there was looked at once. */
  async start(): Promise<void> {
    const { clock, warn } = this.#parts;
    // A drive that hangs must not keep everything else from starting: it is looked at when it answers.
    await withDeadline(this.#follow(), FIRST_LOOK_MS, clock, noAnswer('an inbox', FIRST_LOOK_MS)).catch(
      (error: unknown) => warn(messageOf(error)),
    );
  }

  /** Resolves when nothing is under way any more on any drive, and what was done there is recorded. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#disarm();
    const stopping = [...this.#inboxes.values()].map(({ inbox }) => inbox.stop());
    await Promise.all([...stopping, ...this.#leaving]);
  }

  /** Somebody is uploading: this is no time to switch off. */
  get isArriving(): boolean {
    return [...this.#inboxes.values()].some(({ inbox }) => inbox.isArriving);
  }

  /** What a person has to mend, of all of them. */
  get problems(): readonly Problem[] {
    return [...this.#inboxes.values()].flatMap(({ inbox }) => inbox.problems);
  }

  /** Before a drive is let go. Throws `DriveError`, and once `UserError` 75 when files wait or came back. */
  async leave({ id, label }: Pick<Drive, 'id' | 'label'>): Promise<void> {
    const rest = await this.#inboxes.get(id)?.inbox.lookAgain();
    const { putBack, waiting } = rest ?? { putBack: 0, waiting: 0 };
    if (putBack + waiting === 0) return;
    const waits = `${filesOf(waiting)} of its inbox ${waiting === 1 ? 'is' : 'are'} not in the library yet`;
    const changed = `${filesOf(putBack)} changed after being copied: back in the inbox`;
    throw new UserError(
      putBack === 0 ? 'inbox-waiting' : 'inbox-changed',
      75,
      `${label}: ${putBack === 0 ? waits : changed}`,
      `${this.#parts.looks ? WAIT : NO_INBOX}; a second \`drive eject\` lets it go as it is`,
    );
  }

  /** What is put there is seen. */
  follows(id: DriveId): boolean {
    return this.#inboxes.has(id);
  }

  /** Bytes of this drive's inbox that are not in the library yet, as of the last look. */
  waitingBytes(id: DriveId): number {
    return this.#inboxes.get(id)?.inbox.waitingBytes ?? 0;
  }

  /**
   * A file was put into the inbox of this drive: resolves when the light tells of it. Throws `DriveError`, `drive-lost` for
   * a drive whose inbox is not followed.
   */
  async arrived(id: DriveId): Promise<void> {
    const found = this.#inboxes.get(id);
    if (found === undefined) throw new DriveError('drive-lost', `${id}: its inbox is not followed`);
    await found.inbox.lookNow();
  }

  /** One backup; of an inbox with the files alone that are complete. */
  async run(run: BackupRun, hooks: BackupHooks, cards: CardReader, inner: RunInner): Promise<void> {
    if (!isInboxCard(run.card.id)) return inner(cards, hooks);
    const found = [...this.#inboxes].find(([id]) => inboxCardId(id) === run.card.id);
    // Its drive went between the order and its turn: nothing is offered.
    if (found === undefined) return inner(offeredCards(cards, run.card.path, []), hooks);
    return found[1].inbox.run(run, hooks, cards, inner);
  }

  async #follow(): Promise<void> {
    if (this.#stopped) return;
    const drives = new Map(this.#parts.drives().map((drive) => [drive.id, drive]));
    for (const [id, { path, inbox }] of this.#inboxes) {
      if (drives.get(id)?.path === path) continue;
      this.#inboxes.delete(id);
      const leaving = inbox.stop().finally(() => this.#leaving.delete(leaving));
      this.#leaving.add(leaving);
    }
    const started = [...drives.values()]
      .filter(({ id }) => !this.#inboxes.has(id))
      .map((drive) => {
        const inbox = new DriveInbox(drive, this.#parts);
        this.#inboxes.set(drive.id, { path: drive.path, inbox });
        return inbox.start();
      });
    this.#disarm = this.#parts.clock.setTimer(DRIVES_EVERY_MS, () => void this.#follow());
    await Promise.all(started);
  }
}

const filesOf = (count: number): string => (count === 1 ? '1 file' : `${count} files`);
