import * as z from 'zod';
import type { Drive } from '../../machines/media.ts';
import type { Staged, UploadRecord, UploadStore } from '../../services/uploads/ports.ts';
import { openDriveRoot } from './drive-root.ts';
import { INLINE_IO, type Io } from './io/lanes.ts';
import type { RawStaged } from './io/uploads.ts';

export interface UploadStoreOptions {
  /** Where sysfs lies. Default `/sys`. */
  readonly sysFolder?: string;
  /** Default: everything in the calling thread. */
  readonly io?: Io;
  /** False once the drive was taken out, also where its folder is still there. Default: always true. */
  readonly isAttached?: () => boolean;
}

const bytes = z.number().int().nonnegative();
const Record = z.object({
  /** Not in records of older versions. What a power cut leaves of a file on FAT may be that of another one. */
  id: z.string().optional(),
  device: z.string().nullable(),
  name: z.string().min(1),
  sizeBytes: bytes,
  mtimeMs: z.number().nullable(),
  metadata: z.string(),
  syncedBytes: bytes,
  touched: z.object({ at: z.iso.datetime(), clock: z.enum(['synced', 'unsynced']) }),
});

/** Uploads on an adopted drive that is attached. Throws `DriveError` `drive-lost` when it is not the one at `drive.path`. */
export async function openUploadStore(drive: Drive, options: UploadStoreOptions = {}): Promise<UploadStore> {
  // In the lane of the drive, as all that renames there: where there are no hard links, two lanes could rename over each other.
  const lane = (options.io ?? INLINE_IO).lane(`drive ${drive.id}`);
  const root = await openDriveRoot(drive, { lane, reading: lane }, options);
  const { spec } = root;
  return {
    drive,
    room: () => root.ask(() => lane.call('uploadRoom', spec)),
    list: async (max) => (await root.ask(() => lane.call('stagedUploads', spec, max))).map(staged),
    get: async (id) => {
      const found = staged(await root.ask(() => lane.call('stagedUpload', spec, id)));
      return found.record === null && found.bytes === null ? null : found;
    },
    create: (id, record) =>
      root.ask(() => lane.call('createUpload', spec, id, JSON.stringify({ ...record, id }))),
    save: (id, record) =>
      root.ask(() => lane.call('saveUpload', spec, id, JSON.stringify({ ...record, id }))),
    write: (id, position, block) => root.ask(() => lane.call('writeUpload', spec, id, position, block)),
    sync: (id) => root.ask(() => lane.call('syncUpload', spec, id)),
    settle: (id, { sizeBytes, mtimeMs }, to) =>
      root.ask(() => lane.call('settleUpload', spec, id, { sizeBytes, mtimeMs, ...to })),
    remove: (id) => root.ask(() => lane.call('removeUpload', spec, id)),
  };
}

function staged({ id, record, newRecord, bytes }: RawStaged): Staged {
  const fresh = parsed(id, newRecord);
  // Without bytes nobody was told of it yet: nothing is lost, and nobody would go on with it.
  return { id, record: parsed(id, record) ?? ((fresh?.syncedBytes ?? 0) > 0 ? fresh : null), bytes };
}

function parsed(of: string, text: string | null): UploadRecord | null {
  try {
    const { id = of, ...record } = Record.parse(JSON.parse(text ?? ''));
    return id === of ? record : null;
  } catch {
    return null;
  }
}
