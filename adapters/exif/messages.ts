/** What passes between the daemon and the child that reads metadata. */
export interface ExifRequest {
  readonly id: number;
  /** Read one after the other. */
  readonly paths: readonly string[];
  /** One answer a file: whoever asks then knows which one hangs. Else one for all that were read in a while. */
  readonly each: boolean;
}

/** Anything a child sends is checked: it has just read a hostile file. */
export interface ExifAnswer {
  readonly id: number;
  /** The first of the paths that it is about. */
  readonly at: number;
  /** `DateTimeOriginal` as it stands in each file; null where there is none. */
  readonly raws: readonly (string | null)[];
}

/** First message of a child: from here on the deadline of a file counts, not the start of Node. */
export const READY = 'ready';
/** A date has 19 characters; a longer text is none. */
export const MAX_RAW_CHARS = 64;
/** In one request; more are asked in several. */
export const MAX_PATHS = 256;
