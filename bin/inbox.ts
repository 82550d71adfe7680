import { openInboxStore } from '../adapters/fs/inbox-store.ts';
import type { Io } from '../adapters/fs/io/lanes.ts';
import { contextOf } from '../machines/decide.ts';
import type { Drive } from '../machines/media.ts';
import type { Config } from '../services/config/schema.ts';
import type { DeviceService } from '../services/devices/device-service.ts';
import type { DriveBook } from '../services/devices/drive-book.ts';
import { Inboxes, type InboxesParts } from '../services/inbox/inboxes.ts';
import type { OpenInbox } from '../services/inbox/ports.ts';
import type { Runtime } from '../services/runtime/runtime.ts';

interface Parts extends Pick<InboxesParts, 'catalogue' | 'log' | 'clock' | 'emit' | 'warn'> {
  readonly config: Pick<Config, 'inbox' | 'auto' | 'copies'>;
  readonly io: Io;
  readonly devices: DeviceService;
  readonly book: Pick<DriveBook, 'get'>;
  readonly runtime: () => Runtime;
  /** Stands in for the real one. */
  readonly open: OpenInbox | undefined;
}

/** With `inbox = false` nothing is taken out of one any more; what was taken before is seen to all the same. */
export function createInboxes({ config, io, devices, book, runtime, open, ...parts }: Parts): Inboxes {
  return new Inboxes({
    ...parts,
    copies: config.copies,
    driveOf: (id) => book.get(id),
    starts: config.auto !== 'off',
    looks: config.inbox,
    drives: () => usableDrives(devices),
    open:
      open ??
      ((drive) => {
        const isAttached = () => devices.attached.drives.some(({ id }) => id === drive.id);
        return openInboxStore(drive, { io, isAttached });
      }),
    show: (id, round) => devices.showInbox(id, round),
    standing: (id) => {
      const { cards, running, queue } = contextOf(runtime().state);
      const entry = cards.find(({ card }) => card.id === id);
      const busy = running.some(({ card }) => card.id === id) || queue.some(({ cardId }) => cardId === id);
      if (entry === undefined) return busy ? { standing: 'unprotected', busy } : null;
      return { standing: entry.standing, busy };
    },
  });
}

/** None of two that carry one id: neither is written. */
export function usableDrives(devices: DeviceService): readonly Drive[] {
  const { drives } = devices.attached;
  return drives.flatMap(({ id, identityTrouble, ...drive }) => {
    const isOnly = drives.filter((other) => other.id === id).length === 1;
    if (id === null || identityTrouble !== undefined || !drive.adopted || !drive.writable || !isOnly)
      return [];
    return [{ ...drive, id }];
  });
}
