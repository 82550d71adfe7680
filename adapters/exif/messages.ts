/** What passes between the daemon and the child that reads metadata. */
export interface ExifRequest {
  readonly id: number;
  /** Read one after the other; each gets an answer of its own. */
  readonly paths: readonly string[];
}

/** Anything a child sends is checked: it has just read a hostile file. */
export interface ExifAnswer {
  readonly id: number;
  /** Which of the paths. */
  readonly at: number;
  /** `DateTimeOriginal` as it stands in the file; null when there is none. */
  readonly raw: string | null;
}

/** First message of a child: from here on the deadline of a file counts, not the start of Node. */
export const READY = 'ready';
/** A date has 19 characters; a longer text is none. */
export const MAX_RAW_CHARS = 64;
/** In one request; more are asked in several. */
export const MAX_PATHS = 256;
