/** Cards, drives and the files on them, as facts tell of them. */
import type { CardId, DriveId, RelativePath } from './ids.ts';
import type { Interruption, Reason } from './reasons.ts';

/** A volume holds a file system of its own; a folder was named by its owner. */
export type PlaceKind = 'volume' | 'folder';

/** Whether a read-back reached the medium, decided by the kind of file system (`contract.md` section 4). */
export type VerifiedFrom = 'medium' | 'cache';

/** Where a volume is plugged in, as the kernel and udev tell it. Null where they do not know. */
export interface Hardware {
  /** Device node, `/dev/sda1`. Another device may have the same name a minute later. */
  readonly node: string;
  /** Number of the partition; null for a disk without a partition table. */
  readonly partition: number | null;
  /** `usb`, `mmc`, `nvme`, `ata`, … (udev's ID_BUS, or the transport that lsblk names). */
  readonly bus: string | null;
  /** Path of USB ports, `1-1.4`, or the slot of another bus. */
  readonly port: string | null;
  readonly vendor: string | null;
  readonly product: string | null;
  readonly serial: string | null;
}

export interface Card {
  readonly id: CardId;
  readonly label: string;
  readonly uuid: string | null;
  /** Where it is mounted, or the folder itself. Absolute. */
  readonly path: string;
  readonly kind: PlaceKind;
  readonly sizeBytes: number | null;
  readonly fsType: string | null;
  /** False when somebody else mounted it writable: it is then read with `O_NOATIME` and reported. */
  readonly readOnly: boolean;
  /** Null for a folder, and in journals of version 1. */
  readonly hardware: Hardware | null;
}

export interface Drive {
  readonly id: DriveId;
  readonly label: string;
  readonly uuid: string | null;
  /** Mount point, or the folder itself. Absolute. */
  readonly path: string;
  readonly kind: PlaceKind;
  readonly sizeBytes: number | null;
  readonly fsType: string | null;
  readonly adopted: boolean;
  readonly writable: boolean;
  /** Null for a folder, and in journals of version 1. */
  readonly hardware: Hardware | null;
}

/** A hash as an ASC MHL v2 manifest writes it: lower-case hexadecimal digits, a C4 id for `c4`. */
export interface ManifestHash {
  readonly format: 'xxh3' | 'xxh128' | 'md5' | 'sha1' | 'c4';
  readonly value: string;
}

/** What a camera wrote into a photo or video; nothing stands for what it did not write. Enough to find it by. */
export interface Capture {
  /**
   * In the camera's own time: `2026-11-21T14:03:59`, with the fractions of a second that it wrote (`…:59.12`); the day
   * alone, `2026-11-21`, where it wrote no real time of day.
   */
  readonly at?: string;
  /** Offset of `at` from UTC, `±hh:mm`. */
  readonly zone?: string;
  readonly make?: string;
  readonly model?: string;
  /** Of the camera's body. */
  readonly serial?: string;
  /** Degrees of WGS 84, north and east positive. */
  readonly gps?: { readonly latitude: number; readonly longitude: number };
}

/** One file of a card and where its content lies on a drive. */
export interface FileOnDrive {
  /** Path on the card. */
  readonly path: RelativePath;
  /** Raw bytes of `path`, base64, only where they are not UTF-8. */
  readonly pathBase64?: string;
  readonly sizeBytes: number;
  /** Modification time on the card, ms since 1970 UTC. */
  readonly mtimeMs: number;
  /** XXH64 of the whole content, 16 hexadecimal digits. */
  readonly xxh64: string;
  /** XXH64 of the first 64 KiB, for known files (`contract.md` section 4). */
  readonly headXxh64: string;
  /** What the manifest gets beside XXH64, where the configuration asks for another format. */
  readonly hash?: ManifestHash;
  /** Path on the drive, always UTF-8. */
  readonly to: RelativePath;
  /** Modification time that the drive reports for the copy: FAT keeps 2 s. */
  readonly toMtimeMs: number;
  /** From the box's counter, where the layout names files by it. */
  readonly number?: number;
  /** Of a photo or video that was copied, where something could be read. */
  readonly capture?: Capture;
  /**
   * Day of its shot, `YYYY-MM-DD`, where that is not the calendar day of `capture.at`, or of `mtimeMs` where that says
   * none: taken before `day_starts`, or another member dates the shot.
   */
  readonly day?: string;
}

export interface FailedFile {
  readonly path: RelativePath;
  readonly pathBase64?: string;
  readonly reason: Reason;
  readonly detail: string;
  /** Where on the drive lies what could be read of it, with zeros for what could not. */
  readonly salvagedTo?: RelativePath;
}

/** What a manifest on an adopted drive claims; not trusted until it is re-read. */
export interface LearnedFile {
  readonly to: RelativePath;
  readonly sizeBytes: number;
  readonly xxh64: string;
  /** Of a box's counter, where the name has one: no shot may get it again. */
  readonly number?: number;
}

/** A file that lay on the drive before, as it was read there. */
export interface IndexedFile extends LearnedFile {
  readonly toMtimeMs: number;
  /** Of a photo or video, where something could be read. */
  readonly capture?: Capture;
  /** Day of its shot, `YYYY-MM-DD`, where file and folder tell another one, as of `FileOnDrive`. */
  readonly day?: string;
}

/** How far the re-reading of a drive is, in its own order: manifests newest first, then what only the journal knows. */
export interface VerifiedUpTo {
  /** The manifest that lists the file; null when only the journal knows it. */
  readonly generation: RelativePath | null;
  readonly path: RelativePath;
}

/** Share of one drive in a backup. */
export interface DriveShare {
  readonly driveId: DriveId;
  readonly files: number;
  readonly bytes: number;
}

export interface DriveResult extends DriveShare {
  readonly outcome: 'done' | 'failed' | 'interrupted';
  readonly reason: Reason | Interruption | null;
  readonly verifiedFrom: VerifiedFrom;
}

/** Counts over all files of the card; `files = copied + duplicates + failed + not reached`. */
export interface BackupTotals {
  readonly files: number;
  readonly bytes: number;
  readonly copied: number;
  readonly duplicates: number;
  readonly failed: number;
}
