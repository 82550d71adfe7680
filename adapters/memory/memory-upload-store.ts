import type { Drive } from '../../machines/media.ts';
import { DriveError } from '../../services/errors.ts';
import { freeNames } from '../../services/uploads/names.ts';
import {
  type Destination,
  type Room,
  type Staged,
  UPLOAD_ID,
  type UploadRecord,
  type UploadStore,
} from '../../services/uploads/ports.ts';

/** Of files of one name in one folder. */
const MAX_NAMES = 1000;
const GIB = 1024 ** 3;

interface Entry {
  record: UploadRecord;
  bytes: Uint8Array;
  /** So many of them are on the medium. */
  syncedBytes: number;
}

interface Arrived {
  readonly bytes: Uint8Array;
  /** Null where no time was given. */
  readonly mtimeMs: number | null;
}

/** Uploads on a drive in memory, with its inbox. */
export class MemoryUploadStore implements UploadStore {
  readonly drive: Drive;
  /** By their paths below the inbox. */
  readonly inbox = new Map<string, Arrived>();
  space: Room = { freeBytes: 100 * GIB, sizeBytes: 100 * GIB, maxFileBytes: null };
  readonly #entries = new Map<string, Entry>();

  constructor(drive: Drive) {
    this.drive = drive;
  }

  /** Of what was not synced the medium keeps the place and not the bytes, as ext4 does. */
  powerCut(): void {
    for (const { bytes, syncedBytes } of this.#entries.values()) bytes.fill(0, syncedBytes);
  }

  async room(): Promise<Room> {
    return this.space;
  }

  async list(max: number): Promise<readonly Staged[]> {
    const ids = [...this.#entries.keys()].sort().slice(0, max);
    return ids.flatMap((id) => this.#staged(id) ?? []);
  }

  async get(id: string): Promise<Staged | null> {
    return this.#staged(known(id));
  }

  async create(id: string, record: UploadRecord): Promise<void> {
    if (this.#entries.has(known(id))) throw new Error(`${id}: EEXIST`);
    this.#entries.set(id, { record, bytes: new Uint8Array(0), syncedBytes: 0 });
  }

  async save(id: string, record: UploadRecord): Promise<void> {
    this.#entry(id).record = record;
  }

  async write(id: string, position: number, bytes: Uint8Array): Promise<void> {
    const entry = this.#entry(id);
    const length = Math.max(entry.bytes.length, position + bytes.length);
    entry.bytes = grown(entry.bytes, length);
    entry.bytes.set(bytes, position);
    entry.syncedBytes = Math.min(entry.syncedBytes, position);
  }

  async sync(id: string): Promise<void> {
    const entry = this.#entry(id);
    entry.syncedBytes = entry.bytes.length;
  }

  async settle(id: string, { sizeBytes, mtimeMs }: UploadRecord, to: Destination): Promise<string> {
    const { bytes } = this.#entry(id);
    if (bytes.length < sizeBytes)
      throw new DriveError('drive-failing', `${id}: shorter than what was written`);
    const whole = bytes.slice(0, sizeBytes);
    for (const name of freeNames(to.name, MAX_NAMES, id)) {
      const path = `${to.folder}/${name}`;
      if (this.inbox.has(path)) continue;
      this.inbox.set(path, { bytes: whole, mtimeMs });
      this.#entries.delete(id);
      return path;
    }
    throw new DriveError('drive-failing', `${MAX_NAMES} files are named ${to.name}`);
  }

  async remove(id: string): Promise<void> {
    this.#entries.delete(known(id));
  }

  #staged(id: string): Staged | null {
    const entry = this.#entries.get(id);
    return entry === undefined ? null : { id, record: entry.record, bytes: entry.bytes.length };
  }

  #entry(id: string): Entry {
    const entry = this.#entries.get(known(id));
    if (entry === undefined) throw new DriveError('drive-failing', `${id}: ENOENT`);
    return entry;
  }
}

/** Twice as much each time: a film comes in thousands of blocks. */
function grown(bytes: Uint8Array, length: number): Uint8Array {
  const { buffer } = bytes;
  if (buffer.byteLength >= length) return new Uint8Array(buffer, 0, length);
  const more = new Uint8Array(Math.max(length, 2 * buffer.byteLength));
  more.set(bytes);
  return more.subarray(0, length);
}

function known(id: string): string {
  if (!UPLOAD_ID.test(id)) throw new DriveError('drive-failing', 'no id of an upload');
  return id;
}
