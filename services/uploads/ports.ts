/** What uploads need of the drive that they are staged on. Implemented in adapters/fs. */
import type { Drive } from '../../machines/media.ts';
import type { Stamp } from '../ports.ts';

/** As made by `Ids`, RFC 9562 version 4: the only thing of a URL that ever becomes part of a path. */
export const UPLOAD_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** What is kept beside the bytes of an upload, so that it can be gone on with after a restart. */
export interface UploadRecord {
  /** Device that began it; null for somebody on the box. */
  readonly device: string | null;
  /** Safe on every file system that we know. */
  readonly name: string;
  readonly sizeBytes: number;
  /** Time of the photo by its sender, ms since 1970; null when it said nothing that can be. */
  readonly mtimeMs: number | null;
  /** `Upload-Metadata` as it was sent. */
  readonly metadata: string;
  /** So many bytes are synced: of what lies behind them a power cut may leave anything. */
  readonly syncedBytes: number;
  /** When bytes last came. */
  readonly touched: Pick<Stamp, 'at' | 'clock'>;
}

export interface Staged {
  readonly id: string;
  /** Null where it is not ours, or was cut off while it was written. */
  readonly record: UploadRecord | null;
  /** Of the file; null when there is none. */
  readonly bytes: number | null;
}

export interface Room {
  readonly freeBytes: number;
  readonly sizeBytes: number;
  /** Null where the file system has no limit that matters. */
  readonly maxFileBytes: number | null;
}

/** Where one upload goes in the inbox. */
export interface Destination {
  /** A folder of the inbox that nobody but uploads writes to. */
  readonly folder: string;
  readonly name: string;
}

/** `.imagetank/uploads/` of one adopted drive that is attached. Nothing stays open between two calls. Throws `DriveError`. */
export interface UploadStore {
  readonly drive: Drive;
  room(): Promise<Room>;
  /** Everything that is staged, at most `max`. */
  list(max: number): Promise<readonly Staged[]>;
  /** Null when nothing is staged under this id. */
  get(id: string): Promise<Staged | null>;
  /** An empty file and its record, durable when it resolves. */
  create(id: string, record: UploadRecord): Promise<void>;
  /**
   * Another record for the one that is there, durable when it resolves. In a power cut before that either is left. After a
   * failed one, other than for want of room, nobody knows which.
   */
  save(id: string, record: UploadRecord): Promise<void>;
  write(id: string, position: number, bytes: Uint8Array): Promise<void>;
  /** What was written is on the medium when it resolves. A failed one is never tried again. */
  sync(id: string): Promise<void>;
  /**
   * Cuts the file to its size, sets its time, syncs it and moves it into the inbox, never replacing: under the first free
   * name. Durable when it resolves with the path below the inbox. Throws `DriveError`, `drive-failing` also when the file is
   * shorter than its size.
   */
  settle(id: string, record: UploadRecord, to: Destination): Promise<string>;
  /** What is not there is no error. */
  remove(id: string): Promise<void>;
}

/** Throws `DriveError`. */
export type OpenUploads = (drive: Drive) => Promise<UploadStore>;

/** Id of a device; null for somebody on the box. */
export type Sender = string | null;

export interface UploadState {
  readonly id: string;
  /** So many bytes are safe with us; all of them only when the file lies in the inbox, durable. */
  readonly offset: number;
  readonly sizeBytes: number;
  readonly metadata: string;
  /** ISO 8601; null when it is finished. */
  readonly expiresAt: string | null;
}

export interface UploadLimits {
  readonly maxBytes: number;
  readonly freeBytes: number;
  readonly maxFiles: number;
  readonly open: number;
}

/** The bytes of one request. */
export interface Delivery {
  readonly offset: number;
  /** As announced; null when nothing was. */
  readonly length: number | null;
  readonly body: AsyncIterable<Uint8Array>;
  /** Ends the delivery from outside: its body ends soon, with or without an error. */
  readonly cut: () => void;
  /** Throws when the sender may not go on. */
  readonly check: () => void;
}
