import type { Io } from '../adapters/fs/io/lanes.ts';
import { openUploadStore } from '../adapters/fs/upload-store.ts';
import { randomIds } from '../adapters/node/ids.ts';
import type { Access } from '../services/access/access.ts';
import type { Config } from '../services/config/schema.ts';
import type { DeviceService } from '../services/devices/device-service.ts';
import type { Inboxes } from '../services/inbox/inboxes.ts';
import type { OpenUploads } from '../services/uploads/ports.ts';
import { Uploads, type UploadsParts } from '../services/uploads/uploads.ts';
import { usableDrives } from './inbox.ts';

interface Parts extends Pick<UploadsParts, 'clock' | 'warn' | 'isLeaving' | 'throttle'> {
  readonly config: Pick<Config, 'inbox' | 'reserve'>;
  readonly io: Io;
  readonly devices: DeviceService;
  readonly inboxes: Inboxes;
  readonly access: Pick<Access, 'devices' | 'left$'>;
  /** Stands in for the real one. */
  readonly open: OpenUploads | undefined;
}

export function createUploads({ config, io, devices, inboxes, access, open, ...parts }: Parts): Uploads {
  const uploads = new Uploads({
    ...parts,
    ids: randomIds,
    takes: config.inbox,
    reserveBytes: config.reserve,
    // Until its inbox is looked at the light would tell nothing of what arrives there.
    drives: () => usableDrives(devices).filter(({ id }) => inboxes.follows(id)),
    open:
      open ??
      ((drive) => {
        const isAttached = () => devices.attached.drives.some(({ id }) => id === drive.id);
        return openUploadStore(drive, { io, isAttached });
      }),
    arrived: (drive) => inboxes.arrived(drive),
    mayComeIn: (device) => access.devices.some(({ id }) => id === device),
    waitingBytes: (drive) => inboxes.waitingBytes(drive),
  });
  access.left$.subscribe((device) => void uploads.forget(device));
  return uploads;
}
