import type { DriveId } from '../../machines/ids.ts';
import type { Drive } from '../../machines/media.ts';
import { isDriveError, messageOf } from '../errors.ts';
import type { Clock } from '../ports.ts';
import type { OpenUploads, Staged, UploadRecord, UploadStore } from './ports.ts';
import { driveLeaves } from './refusals.ts';

/** An upload that nobody goes on with for so long is given up. */
export const EXPIRY_MS = 7 * 86_400_000;
/** Far more than may be open: what lies beyond is counted at the next look. */
const MAX_LISTED = 256;

export interface Whole extends Staged {
  readonly record: UploadRecord;
  readonly bytes: number;
}

export interface StagingParts {
  /** Adopted drives that are attached and can be written. */
  readonly drives: () => readonly Drive[];
  readonly open: OpenUploads;
  /** It is being let go: nothing is opened there any more. Default: none is. */
  readonly isLeaving?: (drive: DriveId) => boolean;
  readonly clock: Pick<Clock, 'stamp'>;
  /** False: this device may no longer come in, or is one of another box. */
  readonly mayComeIn: (device: string) => boolean;
  readonly warn: (text: string) => void;
}

/** A file that is shorter than what was synced lost it, to a repair of the file system or a power cut. */
const isWhole = (one: Staged): one is Whole =>
  one.record !== null && one.bytes !== null && one.bytes >= one.record.syncedBytes;

/** What is staged on the drives that are attached; nothing of it is kept in memory. */
export class Staging {
  readonly #parts: StagingParts;
  readonly #stores = new Map<DriveId, UploadStore>();
  /** Calls that are under way, each with its drive; none of them rejects. */
  readonly #calls = new Map<Promise<unknown>, DriveId>();

  constructor(parts: StagingParts) {
    this.#parts = parts;
  }

  /** Of every drive that answers. */
  async stores(): Promise<readonly UploadStore[]> {
    const drives = this.#parts.drives().filter(({ id }) => !this.#isLeaving(id));
    for (const [id, { drive }] of this.#stores) {
      if (!drives.some((one) => one.id === id && one.path === drive.path)) this.#stores.delete(id);
    }
    const stores = await Promise.all(drives.map((drive) => this.#answering(drive)));
    return stores.flatMap((store) => store ?? []);
  }

  /** Null when it is staged on no drive that is attached. Throws `DriveError` when one of these does not answer. */
  async find(id: string): Promise<{ readonly store: UploadStore; readonly upload: Whole } | null> {
    let failure: { readonly error: unknown } | null = null;
    for (const store of await this.stores()) {
      try {
        const upload = await this.asked(store, () => store.get(id));
        if (upload !== null && isWhole(upload)) return { store, upload };
      } catch (error) {
        failure = { error };
      }
    }
    if (failure !== null) throw failure.error;
    return null;
  }

  /** Removes what is given up, and what a crash left half; returns the others. Throws `DriveError`. */
  async tidy(store: UploadStore, isBusy: (id: string) => boolean): Promise<readonly Whole[]> {
    const staged = await this.asked(store, () => store.list(MAX_LISTED));
    const left: Whole[] = [];
    for (const one of staged) {
      if (isWhole(one) && (isBusy(one.id) || !this.#isOver(one.record))) left.push(one);
      else if (!isBusy(one.id)) await this.asked(store, () => store.remove(one.id));
    }
    const { at, clock } = this.#parts.clock.stamp();
    for (const { id, record } of left) {
      // It came while nobody knew the time: its days are counted from now on.
      const isUndated = record.touched.clock === 'unsynced' && clock === 'synced' && !isBusy(id);
      if (isUndated) await this.asked(store, () => store.save(id, { ...record, touched: { at, clock } }));
    }
    return left;
  }

  /** A drive that went is opened anew when it comes back. */
  async asked<T>(store: UploadStore, ask: () => Promise<T>): Promise<T> {
    try {
      return await this.#called(store.drive.id, ask);
    } catch (error) {
      if (isDriveError(error)) this.#stores.delete(store.drive.id);
      throw error;
    }
  }

  /** Some drive is: what is not found may lie there, and be found again if it stays. */
  get isAnyLeaving(): boolean {
    return this.#parts.drives().some(({ id }) => this.#isLeaving(id));
  }

  /** Resolves when no call to this drive is under way any more. */
  async quiet(drive: DriveId): Promise<void> {
    await Promise.all([...this.#calls].map(([call, on]) => (on === drive ? call : null)));
  }

  #isLeaving(id: DriveId): boolean {
    return this.#parts.isLeaving?.(id) === true;
  }

  async #called<T>(drive: DriveId, ask: () => Promise<T>): Promise<T> {
    if (this.#isLeaving(drive)) throw driveLeaves();
    const call = ask();
    const over = call.catch(() => undefined);
    this.#calls.set(over, drive);
    try {
      return await call;
    } finally {
      this.#calls.delete(over);
    }
  }

  async #answering(drive: Drive): Promise<UploadStore | null> {
    try {
      const store =
        this.#stores.get(drive.id) ?? (await this.#called(drive.id, () => this.#parts.open(drive)));
      this.#stores.set(drive.id, store);
      return store;
    } catch (error) {
      this.#parts.warn(`uploads to ${drive.label}: ${messageOf(error)}`);
      return null;
    }
  }

  #isOver({ device, touched }: UploadRecord): boolean {
    if (device !== null && !this.#parts.mayComeIn(device)) return true;
    const { at, clock } = this.#parts.clock.stamp();
    if (clock !== 'synced' || touched.clock !== 'synced') return false;
    return Date.parse(at) - Date.parse(touched.at) > EXPIRY_MS;
  }
}
