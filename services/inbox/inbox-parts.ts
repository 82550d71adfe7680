import type { Standing } from '../../machines/appliance.context.ts';
import type { Fact } from '../../machines/facts.ts';
import type { DriveId, inboxCardId } from '../../machines/ids.ts';
import type { Drive } from '../../machines/media.ts';
import type { Catalogue, Clock, EventLog } from '../ports.ts';
import type { OpenInbox } from './ports.ts';

/** What an inbox needs of the rest of the appliance. */

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
