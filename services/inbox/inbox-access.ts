import type { Drive } from '../../machines/media.ts';
import { isDriveError, messageOf } from '../errors.ts';
import { inboxLabel } from '../inbox-label.ts';
import type { InboxParts } from './inbox-parts.ts';
import { type InboxListing, type InboxStore, MAX_LISTED } from './ports.ts';
import { Troubles } from './troubles.ts';

/** Unreadable: nobody knows what lies there, so nothing may be green. */
const CLOSED: InboxListing = { files: [], unreadable: 1, more: false };

const isLost = (error: unknown): boolean => isDriveError(error) && error.reason === 'drive-lost';

/** The store of one inbox, opened when it is needed, and what a person is told of it. */
export class InboxAccess {
  readonly drive: Drive;
  readonly troubles: Troubles;
  readonly #parts: Pick<InboxParts, 'open' | 'warn'>;
  #store: InboxStore | null = null;
  #stopped = false;
  #warned = '';

  constructor(drive: Drive, parts: Pick<InboxParts, 'open' | 'warn' | 'clock'>) {
    this.drive = drive;
    this.#parts = parts;
    this.troubles = new Troubles(inboxLabel(drive.label), parts);
  }

  /** From now on failures are not told any more. */
  stop(): void {
    this.#stopped = true;
  }

  get isStopped(): boolean {
    return this.#stopped;
  }

  /** Throws `DriveError`. */
  async opened(): Promise<InboxStore> {
    this.#store ??= await this.#parts.open(this.drive);
    return this.#store;
  }

  /** Whatever fails, uploads may lie there unseen; only of a drive that went away the card goes with it. */
  async list(): Promise<InboxListing | null> {
    try {
      const listing = await (await this.opened()).look(MAX_LISTED);
      this.troubles.ofInbox(listing);
      return listing;
    } catch (error) {
      if (this.#stopped || isLost(error)) throw error;
      this.tell(error);
      this.troubles.failed('unreadable', messageOf(error));
      return CLOSED;
    }
  }

  /** Once, as long as it is the same. A drive that went away is told of by the drive. */
  tell(error: unknown): void {
    this.#store = null;
    if (this.#stopped || isLost(error)) return;
    const text = `${inboxLabel(this.drive.label)}: ${messageOf(error)}`;
    if (text !== this.#warned) this.#parts.warn(text);
    this.#warned = text;
  }
}
