import type { BackupId, CardId, DriveId, RelativePath } from '../../machines/ids.ts';
import type { VerifiedFrom } from '../../machines/media.ts';

/** One content that came from a card: `<xxh64>-<size in bytes>`. The same in every rebuild of the read models. */
export type PhotoId = string;

export const GROUPINGS = ['day', 'camera', 'card', 'backup'] as const;
export type Grouping = (typeof GROUPINGS)[number];

/** Photos of one day, camera, card or backup. */
export interface PhotoGroup {
  /** `YYYY-MM-DD`; make and model, empty where no camera is known; id of the card; id of the backup. */
  readonly key: string;
  readonly photos: number;
  readonly bytes: number;
  /** Verified copies on different drives of the photo that has the fewest; 0: of one at least none is known any more. */
  readonly fewestCopies: number;
  /** How many photos have so few. */
  readonly photosWithFewest: number;
}

export interface PhotoCopy {
  readonly driveId: DriveId;
  readonly to: RelativePath;
  readonly state: 'verified' | 'claimed';
  readonly verifiedFrom: VerifiedFrom | null;
  /** Verified from the medium, or from the cache where the drive is a folder: adopting that was its owner's word. */
  readonly counts: boolean;
}

export interface Photo {
  readonly id: PhotoId;
  readonly xxh64: string;
  readonly sizeBytes: number;
  /** On the card that it was first read from; of what only a manifest tells, on the drive. */
  readonly name: string;
  /** Null for what only a manifest tells. */
  readonly day: string | null;
  /**
   * Who told its time: the camera (`capture`), else the folder of the layout `dated` or the modification time (`file`).
   * The day is that of the shot's folder: before `day_starts`, as it was then, the day before. Null like `day`.
   */
  readonly dayFrom: 'capture' | 'file' | null;
  /** When it was taken, in the camera's own time, without a zone, ISO 8601; null when the camera did not say. */
  readonly takenAt: string | null;
  /** Offset of `takenAt` from UTC, `±hh:mm`. */
  readonly zone: string | null;
  readonly camera: string | null;
  /** In the order in which they were first read from. */
  readonly cards: readonly CardId[];
  readonly backups: readonly BackupId[];
  /** In order of drive and path. */
  readonly copies: readonly PhotoCopy[];
  /** Drives with a copy that counts. */
  readonly verifiedCopies: number;
}

export type PhotoFilter = { readonly [By in Grouping | 'name']?: string };

export interface PhotoPage {
  readonly photos: readonly Photo[];
  /** Give it as `after` for the next page; null at the end. */
  readonly next: string | null;
}

export interface PageQuery {
  /** From the page before. One that is not understood begins at the first page. */
  readonly after?: string | null;
  /** Default and maximum `MAX_PAGE`. */
  readonly limit?: number;
}

export const MAX_PAGE = 500;

/** What a card or drive was called when it was last heard of. */
export interface KnownPlace {
  readonly id: string;
  readonly label: string;
}

/** Photos with this in a name: of the one under which they are listed, or of one of their copies. */
export interface PartQuery {
  /** ASCII in any case; no letter is a wildcard. */
  readonly part: string;
  /** Only those of one day, camera, card or backup. Null: of every day, the newest day first. */
  readonly of: { readonly by: Grouping; readonly key: string } | null;
}

export interface PartPage extends PhotoPage {
  /** Day of the photo that was looked at last; null at the end. */
  readonly day: string | null;
}

/** Which contents of a file name are meant. */
export interface NameQuery {
  /** A file name; or a path, its end, or one with a mount point before it: then only what lay there. In any case. */
  readonly path: string;
  /** Only what was read from one of these. */
  readonly cards?: readonly CardId[] | null;
  /** Only photos of this day, `YYYY-MM-DD`. */
  readonly day?: string | null;
}

/**
 * Contents of one name that are looked at, those that were heard of last: a counter of four digits comes around 100 times
 * in 1,000,000 photos, but what a program writes may have one name in each folder.
 */
export const MAX_NAMESAKES = 10_000;

/** What happened to a whole drive: everything on it has a part in it. */
export interface DriveEvent {
  readonly seq: number;
  readonly what: 'verification-started' | 'verification-finished' | 'forgotten';
}

/**
 * Read model: what came from cards, by content. Kept in the journal's own transaction. A photo is what `mediaKind` calls
 * raw, photo, video or audio and is not empty; sidecars and other files are found by `named` and `hashed` alone.
 */
export interface PhotoShelf {
  /** Newest first: days by date, all others by when they were first heard of. `after`: key of the last one. */
  groups(by: Grouping, page?: PageQuery): readonly PhotoGroup[];
  /** Newest capture first. Exactly one filter; a name in any case. Unknown ones are empty. */
  photos(filter: PhotoFilter, page?: PageQuery): PhotoPage;
  /**
   * A piece of a search: it looks at `look` photos at most from `after` on, days without photos counting like one, and
   * may find none of them. Newest capture first, within each day where all are searched.
   */
  withPart(query: PartQuery, piece: PageQuery & { readonly look: number }): PartPage;
  /** Also what is no photo. */
  photo(id: PhotoId): Photo | null;
  /** Contents that were seen there on a card or drive, and how many there are; newest capture first, then what is no photo. */
  named(query: NameQuery, limit: number): { readonly ids: readonly PhotoId[]; readonly total: number };
  /** All contents whose XXH64 begins with these digits; heard of last first. */
  hashed(prefix: string, limit: number): readonly PhotoId[];
  /** Numbers of the records that tell of this content: the first `head` and the last `tail`, in order, and how many there are. */
  records(
    id: PhotoId,
    bounds: { readonly head: number; readonly tail: number },
  ): { readonly seqs: readonly number[]; readonly total: number };
  /** Numbers of the records in which a file of this name could not be copied, in any case; newest first. */
  failures(name: string, limit: number): readonly number[];
  /** The first seal of the drive after this record that has it in a manifest; null when there is none. */
  sealAfter(driveId: DriveId, seq: number): number | null;
  /** After this record; the last `limit`, in order. */
  driveEvents(
    driveId: DriveId,
    range: { readonly after: number; readonly limit: number },
  ): readonly DriveEvent[];
  places(role: 'card' | 'drive'): readonly KnownPlace[];
  /** One of them; null for what was never heard of. */
  place(role: 'card' | 'drive', id: string): KnownPlace | null;
}
