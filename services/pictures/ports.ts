/** Small pictures of photos and films, and the photos and films themselves. Ports. */
import type { RelativePath } from '../../machines/ids.ts';
import type { PhotoId } from '../library/ports.ts';

/** A regular file below the top of a drive, open for reading. */
export interface DriveFile {
  readonly sizeBytes: number;
  /** Fills the buffer from `position`; returns the bytes read, 0 at the end. Throws the system's error. */
  read(buffer: Uint8Array, position: number): Promise<number>;
  close(): Promise<void>;
}

/** Follows no link, wherever in the path below `root` it stands. Null when no regular file can be opened there. */
export type OpenDriveFile = (root: string, path: RelativePath) => Promise<DriveFile | null>;

/** Where a photo lies. */
export interface PictureSource {
  /** Top of the drive. Absolute. */
  readonly root: string;
  /** Below it; its name means nothing. */
  readonly path: RelativePath;
  /** As the camera named it: its extension says who can read it. */
  readonly name: string;
  /** As the copy was recorded: what differs is another file, and no picture of the photo. */
  readonly sizeBytes: number;
  /** To 2 s, as FAT keeps it. */
  readonly mtimeMs: number;
}

/**
 * `altered`: what lies there is not what was recorded, or nothing can be opened. `failed`: damaged, hostile, too large, no
 * tool for it here.
 */
export type PictureOutcome = 'made' | 'altered' | 'failed';

/** Longest edge in pixels: a column of a phone's gallery at three device pixels each, and a screen. */
export const PICTURE_EDGES = { thumb: 320, preview: 1600 } as const;
export type PictureSize = keyof typeof PICTURE_EDGES;

/** Makes small pictures of what may be hostile. */
export interface PictureMaker {
  /**
   * Writes an upright JPEG, `edge` pixels at its longest side at most, to `into`, an absolute path where nothing lies; where
   * none was made nothing lies there. One after the other.
   */
  make(source: PictureSource, edge: number, into: string): Promise<PictureOutcome>;
  /** What was asked for is given up, and has `failed`. Resolves when nothing of it runs any more. */
  interrupt(): Promise<void>;
  /** What still waits has `failed`. Resolves when nothing of it runs any more. */
  stop(): Promise<void>;
}

/** Pictures that were made, on the state disk. It may forget any of them at any time. */
export interface PictureCache {
  /** Absolute path of a JPEG; `none` when it is known that none can be made; null when it is not known. */
  find(id: PhotoId, size: PictureSize): Promise<string | 'none' | null>;
  /** Where `make` may write, one picture at a time; nothing lies there. Null when the disk has no room for pictures. */
  place(): Promise<string | null>;
  /** What lies at `place` is the picture, or there is none to be made. What `find` then gives; null when it was not kept. */
  keep(id: PhotoId, size: PictureSize, made: boolean): Promise<string | 'none' | null>;
}
