import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { openUploadStore } from '../../adapters/fs/upload-store.ts';
import { MemoryUploadStore } from '../../adapters/memory/memory-upload-store.ts';
import { VirtualClock } from '../../adapters/memory/virtual-clock.ts';
import { randomIds } from '../../adapters/node/ids.ts';
import type { DriveId } from '../../machines/ids.ts';
import type { Drive } from '../../machines/media.ts';
import { Throttle } from '../../services/throttle.ts';
import type { UploadRecord, UploadStore } from '../../services/uploads/ports.ts';
import { Uploads, type UploadsParts } from '../../services/uploads/uploads.ts';
import { adoptFolder, driveAt } from '../fs/drives.ts';

/** Calls of a drive that a test changes. */
export type Bend = (store: UploadStore) => Partial<UploadStore>;

export const GIB = 1024 ** 3;

/** Uploads on real folders as drives, by a clock that stands still. */
export class Harbour {
  readonly clock = new VirtualClock();
  readonly arrived: DriveId[] = [];
  readonly warnings: string[] = [];
  drives: Drive[] = [];
  /** A copy is made. */
  busy = false;
  bend: Bend = () => ({});
  readonly #folder: string;
  readonly #moored = new Map<DriveId, MemoryUploadStore>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  async adopt(name: string): Promise<string> {
    const root = join(this.#folder, name);
    this.drives.push(await adoptFolder(root, `drive-${name}`));
    return root;
  }

  /** A drive in memory. */
  moor(name: string): MemoryUploadStore {
    const drive = driveAt(join(this.#folder, name), `drive-${name}`);
    const store = new MemoryUploadStore(drive);
    this.drives.push(drive);
    this.#moored.set(drive.id, store);
    return store;
  }

  uploads(parts: Partial<UploadsParts> = {}): Uploads {
    return new Uploads({
      clock: this.clock,
      ids: randomIds,
      takes: true,
      reserveBytes: 0,
      throttle: new Throttle({ clock: this.clock, isBusy: () => this.busy }),
      drives: () => this.drives,
      open: async (drive) => {
        const store = this.#moored.get(drive.id) ?? (await openUploadStore(drive));
        return bent(store, this.bend(store));
      },
      arrived: async (id) => void this.arrived.push(id),
      mayComeIn: () => true,
      waitingBytes: () => 0,
      warn: (text) => this.warnings.push(text),
      ...parts,
    });
  }
}

/** The same but for some calls; others go to the original, whose fields are private. */
const bent = (store: UploadStore, changes: Partial<UploadStore>): UploadStore =>
  new Proxy(store, {
    get: (_, key) => {
      const own = Reflect.get(key in changes ? changes : store, key);
      return typeof own === 'function' ? own.bind(store) : own;
    },
  });

/** Files below a folder, sorted, without the drive's own identity. */
export function filesBelow(top: string): readonly string[] {
  if (!existsSync(top)) return [];
  return readdirSync(top, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'drive.json')
    .map((entry) => relative(top, join(entry.parentPath, entry.name)))
    .sort();
}

export const staged = (root: string): readonly string[] => filesBelow(join(root, '.imagetank/uploads'));
export const inInbox = (root: string): readonly string[] => filesBelow(join(root, 'inbox'));

export const b64 = (text: string | Buffer): string => Buffer.from(text).toString('base64');

export const recordOf = (record: Partial<UploadRecord> = {}): UploadRecord => ({
  device: 'phone',
  name: 'IMG_0001.JPG',
  sizeBytes: 6,
  mtimeMs: null,
  metadata: '',
  syncedBytes: 0,
  touched: { at: '2026-11-21T00:00:00.000Z', clock: 'synced' },
  ...record,
});
