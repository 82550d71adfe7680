import { Buffer } from 'node:buffer';
import { type DriveError, isDriveError } from '../errors.ts';
import type { Clock } from '../ports.ts';
import type { UploadRecord, UploadStore } from './ports.ts';

/** One call of the drive's thread; as many uploads at once as are allowed hold 8 MB. */
export const BLOCK_BYTES = 256 * 1024;
/** What a power cut costs at most, of an upload that comes in one go. */
export const CHECKPOINT_BYTES = 64 * 1024 * 1024;

/** Bytes of one request on their way to the drive. */
export class Pouring {
  readonly #store: UploadStore;
  readonly #id: string;
  readonly #clock: Pick<Clock, 'stamp'>;
  #record: UploadRecord;
  #writtenBytes: number;
  #gathered: Uint8Array[] = [];
  #gatheredBytes = 0;
  #failure: 'none' | 'refused' | 'spoilt' = 'none';

  constructor(store: UploadStore, id: string, record: UploadRecord, clock: Pick<Clock, 'stamp'>) {
    this.#store = store;
    this.#id = id;
    this.#record = record;
    this.#writtenBytes = record.syncedBytes;
    this.#clock = clock;
  }

  get record(): UploadRecord {
    return this.#record;
  }

  /** Of the whole upload, those included that still wait here. */
  get bytes(): number {
    return this.#writtenBytes + this.#gatheredBytes;
  }

  /** The drive failed under it: what lies there of it is not to be built on. */
  get isSpoilt(): boolean {
    return this.#failure === 'spoilt';
  }

  /** Throws `DriveError`. */
  async add(chunk: Uint8Array): Promise<void> {
    this.#gathered.push(chunk);
    this.#gatheredBytes += chunk.length;
    if (this.#gatheredBytes >= BLOCK_BYTES) await this.flush();
    if (this.#writtenBytes - this.#record.syncedBytes >= CHECKPOINT_BYTES) await this.keep();
  }

  /** Throws `DriveError`. */
  async flush(): Promise<void> {
    const bytes = Buffer.concat(this.#gathered);
    this.#gathered = [];
    this.#gatheredBytes = 0;
    if (bytes.length === 0) return;
    await this.#tried(this.#store.write(this.#id, this.#writtenBytes, bytes), ['drive-lost', 'drive-full']);
    this.#writtenBytes += bytes.length;
  }

  /**
   * From here on it can be gone on with, whatever happens; all but its last byte at most: with all of them kept it would be
   * told as whole, and only what lies in the inbox is. Throws `DriveError`; nothing is kept any more then, for a second sync
   succeeds over what the first one lost.
   */
  async keep(): Promise<void> {
    if (this.#failure !== 'none') return;
    await this.flush();
    const syncedBytes = Math.min(this.#writtenBytes, this.#record.sizeBytes - 1);
    if (syncedBytes <= this.#record.syncedBytes) return;
    await this.#tried(this.#store.sync(this.#id), ['drive-lost']);
    const { at, clock } = this.#clock.stamp();
    const record = { ...this.#record, syncedBytes, touched: { at, clock } };
    await this.#tried(this.#store.save(this.#id, record), ['drive-lost', 'drive-full']);
    this.#record = record;
  }

  /**
   * What takes nothing away that was written before: a write finds no room and is refused at once; the drive was pulled, and
   * nothing of this mount is ever synced again.
   */
  async #tried(work: Promise<void>, harmless: readonly DriveError['reason'][]): Promise<void> {
    try {
      await work;
    } catch (error) {
      this.#failure = isDriveError(error) && harmless.includes(error.reason) ? 'refused' : 'spoilt';
      throw error;
    }
  }
}
