import type { DriveId } from '../../machines/ids.ts';
import { isDriveError, messageOf } from '../errors.ts';
import type { Clock, Ids } from '../ports.ts';
import type { Throttle } from '../throttle.ts';
import { type Done, Finished } from './finished.ts';
import { parseMetadata } from './metadata.ts';
import { safeName } from './names.ts';
import type { Delivery, Sender, UploadLimits, UploadRecord, UploadState, UploadStore } from './ports.ts';
import { BLOCK_BYTES, Pouring } from './pouring.ts';
import {
  beyondEnd,
  driveLeaves,
  inboxOff,
  noDrive,
  noUpload,
  stopping,
  tooLarge,
  tooMany,
  wrongOffset,
} from './refusals.ts';
import { largestUpload } from './room.ts';
import { EXPIRY_MS, Staging, type StagingParts, type Whole } from './staging.ts';
import { TurnTaking } from './turn-taking.ts';

/** On all drives, and of one device: a page that is closed in mid upload leaves its open ones behind. */
export const MAX_OPEN = 32;
export const MAX_OPEN_A_DEVICE = 16;
const TIDY_EVERY_MS = 3_600_000;

export interface UploadsParts extends StagingParts {
  readonly clock: Pick<Clock, 'stamp' | 'setTimer'>;
  readonly ids: Ids;
  /** False: the configuration has `inbox = false`. */
  readonly takes: boolean;
  readonly reserveBytes: number;
  readonly throttle: Pick<Throttle, 'pay'>;
  /** The inbox of this drive got a file: resolves when the light tells of it. */
  readonly arrived: (drive: DriveId) => Promise<void>;
  /** Of its inbox, not in the library yet, as far as the light tells. */
  readonly waitingBytes: (drive: DriveId) => number;
}

interface Best {
  readonly store: UploadStore | null;
  readonly open: readonly Whole[];
  readonly maxBytes: number;
  readonly freeBytes: number;
}

/** Uploads of phones: staged on a drive, moved into its inbox when they are whole and durable. */
export class Uploads {
  readonly #parts: UploadsParts;
  readonly #staging: Staging;
  readonly #turns = new TurnTaking();
  readonly #finished = new Finished();
  #creating: Promise<unknown> = Promise.resolve();
  #stopped = false;
  #disarm: () => void = () => undefined;

  constructor(parts: UploadsParts) {
    this.#parts = parts;
    this.#staging = new Staging(parts);
  }

  /** Gives up what is old, then again each hour. Safe twice. Never rejects. */
  async start(): Promise<void> {
    for (const store of await this.#staging.stores()) {
      await this.#tidy(store).catch((error: unknown) => this.#parts.warn(`uploads: ${messageOf(error)}`));
    }
    if (this.#stopped) return;
    this.#disarm();
    this.#disarm = this.#parts.clock.setTimer(TIDY_EVERY_MS, () => void this.start());
  }

  /** Ends what is under way: it can be gone on with later. Resolves when nothing is written any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#disarm();
    await this.#creating.catch(() => undefined);
    await this.#turns.endAll();
  }

  /** A drive is being let go: whatever is sent there ends, and can be gone on with. Resolves when nothing of it is open. */
  async leave(drive: DriveId): Promise<void> {
    await this.#turns.endAll(drive);
    await this.#staging.quiet(drive);
  }

  /** Of a device that may no longer come in: what it left open would count for a week. Never rejects. */
  async forget(device: string): Promise<void> {
    for (const store of await this.#staging.stores()) {
      try {
        const own = (await this.#tidy(store)).filter(({ record }) => record.device === device);
        for (const { id } of own) await this.#remove(id, store.drive.id, async () => store);
      } catch (error) {
        this.#parts.warn(`uploads to ${store.drive.label}: ${messageOf(error)}`);
      }
    }
  }

  /** Somebody is uploading: this is no time to switch off. */
  get isArriving(): boolean {
    return this.#turns.count > 0;
  }

  /** Throws `UserError` 66, 75, 78. */
  async limits(): Promise<UploadLimits> {
    this.#refuseIfClosed();
    const { open, maxBytes, freeBytes, store } = await this.#best();
    if (store === null) throw noDrive();
    return { maxBytes, freeBytes, maxFiles: MAX_OPEN, open: open.length };
  }

  /** Throws `UserError` 64, 66, 73, 75, 78, and `DriveError`. */
  async create(sender: Sender, sizeBytes: number, header: string): Promise<UploadState> {
    this.#refuseIfClosed();
    // Its files, folders and their syncs move the head of a hard disk as a block of bytes does, and as often again in the end.
    await this.#parts.throttle.pay(2 * BLOCK_BYTES);
    this.#refuseIfClosed();
    const { at, clock } = this.#parts.clock.stamp();
    const { filename, mtimeMs } = parseMetadata(header, { at, clock });
    const begun = { device: sender, name: safeName(filename), sizeBytes, mtimeMs, metadata: header };
    const record: UploadRecord = { ...begun, syncedBytes: 0, touched: { at, clock } };
    // One after the other: two that are looked at side by side would both get the last room.
    const made = this.#creating.catch(() => undefined).then(() => this.#make(record));
    this.#creating = made;
    const { id, store } = await made;
    if (sizeBytes > 0) return stateOf(id, record);
    return this.#turns.take(
      id,
      store.drive.id,
      () => undefined,
      () => this.#settle(store, id, record),
    );
  }

  /** Where it is. Ends a delivery of it that is under way: its sender lost it. Throws `UserError` 66, 75, `DriveError`. */
  async state(sender: Sender, id: string): Promise<UploadState> {
    const done = this.#finished.get(sender, id);
    if (done !== null) return this.#told(done);
    const { drive } = (await this.#found(sender, id)).store;
    return this.#turns.take(
      id,
      drive.id,
      () => undefined,
      async () => {
        const after = this.#finished.get(sender, id);
        if (after !== null) return this.#told(after);
        const { store, upload } = await this.#found(sender, id);
        if (upload.record.syncedBytes < upload.record.sizeBytes) return stateOf(id, upload.record);
        // With all its bytes it would be taken for uploaded: it has none, and could not be moved when it was made.
        this.#refuseIfClosed();
        return this.#settle(store, id, upload.record);
      },
    );
  }

  /**
   * Takes bytes until they end, however they end: what came is kept. Resolves with all bytes only when the file lies in
   * the inbox. Throws `UserError` 66, 73, 75, `DriveError`, and what the body and `check` throw.
   */
  async receive(sender: Sender, id: string, delivery: Delivery): Promise<UploadState> {
    this.#refuseIfClosed();
    const { drive } = (await this.#found(sender, id)).store;
    const cutting = new AbortController();
    const cut = () => {
      cutting.abort();
      delivery.cut();
    };
    return this.#turns.take(id, drive.id, cut, async () => {
      this.#refuseIfClosed();
      const { store, upload } = await this.#found(sender, id);
      const { record } = upload;
      if (delivery.offset !== record.syncedBytes) throw wrongOffset(record.syncedBytes);
      if (delivery.offset + (delivery.length ?? 0) > record.sizeBytes) throw beyondEnd(record.sizeBytes);
      const poured = await this.#pour(store, id, record, delivery, cutting.signal);
      if (poured.bytes < record.sizeBytes) return stateOf(id, poured.record);
      delivery.check();
      return this.#settle(store, id, record);
    });
  }

  /** Throws `UserError` 66, `DriveError`. */
  async cancel(sender: Sender, id: string): Promise<void> {
    const { drive } = (await this.#found(sender, id)).store;
    await this.#remove(id, drive.id, async () => (await this.#found(sender, id)).store);
  }

  async #pour(
    store: UploadStore,
    id: string,
    record: UploadRecord,
    delivery: Delivery,
    cut: AbortSignal,
  ): Promise<Pouring> {
    const pouring = new Pouring(store, id, record, this.#parts.clock);
    try {
      for await (const chunk of delivery.body) {
        await this.#parts.throttle.pay(chunk.length, cut);
        delivery.check();
        if (pouring.bytes + chunk.length > record.sizeBytes) throw beyondEnd(record.sizeBytes);
        await this.#staging.asked(store, () => pouring.add(chunk));
      }
      // A drive that is let go waits for this turn: what came is still kept.
      if (pouring.bytes < record.sizeBytes) await pouring.keep();
      // The end is synced by settling, which fails as a whole: then it goes on before its end.
      else await this.#staging.asked(store, () => pouring.flush());
      return pouring;
    } catch (error) {
      await pouring.keep().catch(() => undefined);
      if (pouring.isSpoilt) await this.#discard(store, id);
      throw error;
    }
  }

  /** Ends a delivery of it that is under way. Throws `DriveError`. */
  #remove(id: string, on: DriveId, find: () => Promise<UploadStore>): Promise<void> {
    const remove = async () => {
      const store = await find();
      await this.#staging.asked(store, () => store.remove(id));
    };
    return this.#turns.take(id, on, () => undefined, remove);
  }

  /** It is sent again from its beginning. Where even this fails, what was kept before the failure is on the medium. */
  async #discard(store: UploadStore, id: string): Promise<void> {
    this.#parts.warn(`uploads to ${store.drive.label}: an upload is thrown away, the drive failed under it`);
    await this.#staging.asked(store, () => store.remove(id)).catch(() => undefined);
  }

  async #settle(store: UploadStore, id: string, record: UploadRecord): Promise<UploadState> {
    const folder = record.device === null ? 'uploads' : `phone-${safeName(record.device).slice(0, 8)}`;
    try {
      await this.#staging.asked(store, () => store.settle(id, record, { folder, name: record.name }));
    } catch (error) {
      if (isDriveError(error) && error.reason === 'drive-failing') await this.#discard(store, id);
      throw error;
    }
    const state = { ...stateOf(id, record), offset: record.sizeBytes, expiresAt: null };
    const done = { device: record.device, drive: store.drive, state };
    this.#finished.add(done);
    return this.#told(done);
  }

  /** The light first: until it tells of the file nobody may think that this one is in the library. Throws `DriveError`. */
  async #told({ drive, state }: Done): Promise<UploadState> {
    if (this.#finished.isTold(state.id)) return state;
    await this.#parts.arrived(drive.id);
    this.#finished.told(state.id);
    return state;
  }

  async #make(record: UploadRecord): Promise<{ readonly id: string; readonly store: UploadStore }> {
    const { open, store, maxBytes } = await this.#best();
    if (store === null) throw noDrive();
    const own = open.filter(({ record: { device } }) => device === record.device);
    if (own.length >= MAX_OPEN_A_DEVICE) throw tooMany(MAX_OPEN_A_DEVICE, 'of this device');
    if (open.length >= MAX_OPEN) throw tooMany(MAX_OPEN, 'in all');
    if (record.sizeBytes > maxBytes) throw tooLarge(maxBytes);
    const id = this.#parts.ids.uuid();
    await this.#staging.asked(store, () => store.create(id, record));
    return { id, store };
  }

  /** The drive that can take the largest upload; `open` are those of all drives. */
  async #best(): Promise<Best> {
    let best: Best = { store: null, open: [], maxBytes: 0, freeBytes: 0 };
    const all: Whole[] = [];
    for (const store of await this.#staging.stores()) {
      try {
        const open = await this.#tidy(store);
        all.push(...open);
        const room = await this.#staging.asked(store, () => store.room());
        const maxBytes = largestUpload(room, this.#parts.reserveBytes, open, this.#waitingBytes(store));
        if (best.store !== null && maxBytes <= best.maxBytes) continue;
        best = { store, open, maxBytes, freeBytes: room.freeBytes };
      } catch (error) {
        // Another drive may do.
        this.#parts.warn(`uploads to ${store.drive.label}: ${messageOf(error)}`);
      }
    }
    return { ...best, open: all };
  }

  #waitingBytes({ drive: { id } }: UploadStore): number {
    return this.#parts.waitingBytes(id) + this.#finished.untoldBytes(id);
  }

  #tidy(store: UploadStore): Promise<readonly Whole[]> {
    return this.#staging.tidy(store, (id) => this.#turns.has(id));
  }

  /** Of this sender, or of anybody for somebody on the box. */
  async #found(sender: Sender, id: string): Promise<{ readonly store: UploadStore; readonly upload: Whole }> {
    const found = await this.#staging.find(id);
    if (found !== null && (sender === null || sender === found.upload.record.device)) return found;
    if (this.#staging.isAnyLeaving) throw driveLeaves();
    throw this.#parts.drives().length === 0 ? noDrive() : noUpload();
  }

  #refuseIfClosed(): void {
    if (this.#stopped) throw stopping();
    if (!this.#parts.takes) throw inboxOff();
  }
}

function stateOf(id: string, { sizeBytes, metadata, syncedBytes, touched }: UploadRecord): UploadState {
  const expiresAt = new Date(Date.parse(touched.at) + EXPIRY_MS).toISOString();
  return { id, offset: syncedBytes, sizeBytes, metadata, expiresAt };
}
