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
  /** What stands in each file; null where nothing does. */
  readonly raws: readonly (RawTags | null)[];
}

/**
 * Date, sub-seconds, zone, make, model, serial number, latitude, longitude; null for each that is missing. Without
 * names, which would be most of what is sent.
 */
export type RawTags = readonly (string | number | null)[];
const TAGS = 8;

/** Of one value; what is longer is cut. */
export const MAX_RAW_CHARS = 256;
/** In one request; more are asked in several. */
export const MAX_PATHS = 256;

export function isRawTags(value: unknown): value is RawTags {
  return Array.isArray(value) && value.length === TAGS && value.every(isRawValue);
}

function isRawValue(value: unknown): boolean {
  if (typeof value === 'string') return value.length <= MAX_RAW_CHARS;
  return value === null || typeof value === 'number';
}
