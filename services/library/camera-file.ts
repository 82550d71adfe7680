/** A camera's own name: four characters, a number of four digits (DCF 2.0, section 3.2.2; Sony's DSC01234 fits too). */
const CAMERA_FILE = /^(?:(.*)\/)?([A-Za-z0-9_]{4})(\d{4})\.[A-Za-z0-9]{1,4}$/s;
/** Highest of a DCF counter; the next is 1. */
export const LAST_NUMBER = 9999;

export interface CameraFile {
  /** Empty for the top of the card. */
  readonly folder: string;
  /** `IMG_`, `DSC0`. */
  readonly prefix: string;
  readonly number: number;
}

/** Null for a name that no camera gives. */
export function cameraFile(path: string): CameraFile | null {
  const [, folder = '', prefix = '', digits = ''] = CAMERA_FILE.exec(path) ?? [];
  return prefix === '' ? null : { folder, prefix, number: Number(digits) };
}

/** `IMG_0231`: RAW, JPEG and sidecars of one press of the shutter have one. */
export const shotName = (prefix: string, number: number): string =>
  `${prefix}${String(number).padStart(4, '0')}`;

export const MINUTE_MS = 60_000;

/** Minutes since 1970: RAW and JPEG of one shot are written seconds apart. */
export const minuteOf = (mtimeMs: number): number => Math.floor(mtimeMs / MINUTE_MS);
