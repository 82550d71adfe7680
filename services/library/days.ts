/** Years that a file can have; EXIF and FAT clocks say 0000, 2107 or worse (`threats.md`, "EXIF as path"). */
const FIRST_YEAR = 1900;
/** Later ones come from damaged bytes. The box's own clock may be wrong, so that "in the future" means nothing. */
const LAST_YEAR = 2099;
/**
 * Digital cameras of earlier years wrote no Exif (version 1 is of 1995), and a camera with an empty clock battery
 * starts at 1970 or 1980: such a day is wrong, and the file's own time the better guess.
 */
const FIRST_CAMERA_YEAR = 1990;

/** `Capture.at`: fractions of a second may follow; some cameras write the day alone. */
const LOCAL_TIME = /^(\d{4}-\d{2}-\d{2})(?:$|T((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?![\d:]))/;
/** No `day_starts` in the night makes it the day before. */
const NOON = '12:00:00';
const UNKNOWN_TIME = `1970-01-01T${NOON}`;
const DAY_MS = 86_400_000;

/** True for a day of the calendar that a file can have. What a parser of hostile files says is checked before it becomes a path. */
export function isDay(text: string, firstYear = FIRST_YEAR): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const year = Number(text.slice(0, 4));
  const time = Date.parse(`${text}T00:00:00Z`);
  // `Date.parse` rolls 30 February over into March.
  const real = !Number.isNaN(time) && new Date(time).toISOString().slice(0, 10) === text;
  return real && year >= firstYear && year <= LAST_YEAR;
}

/** True for one that a camera can have written itself. */
export const isCameraDay = (text: string): boolean => isDay(text, FIRST_CAMERA_YEAR);

/** `YYYY-MM-DDTHH:MM:SS` out of what a camera wrote, noon where it wrote the day alone; null where that is no time that a camera can mean. */
export function localTime(at: string | undefined): string | null {
  const match = LOCAL_TIME.exec(at ?? '');
  return match !== null && isDay(match[1] ?? '') ? `${match[1]}T${match[2] ?? NOON}` : null;
}

/**
 * A modification time as `YYYY-MM-DDTHH:MM:SS`: cameras write local time to FAT, mounted `tz=UTC`; the box's own zone
 * never counts.
 */
export function timeOfMtime(mtimeMs: number): string {
  const date = new Date(Number.isFinite(mtimeMs) ? mtimeMs : 0);
  return localTime(Number.isNaN(date.getTime()) ? '' : date.toISOString()) ?? UNKNOWN_TIME;
}

/** Day `YYYY-MM-DD` that a local time belongs to: before `dayStarts` (`HH:MM`) that is the day before. */
export function dayOf(at: string, dayStarts: string): string {
  const day = at.slice(0, 10);
  if (at.slice(11, 16) >= dayStarts) return day;
  return new Date(Date.parse(`${day}T00:00:00Z`) - DAY_MS).toISOString().slice(0, 10);
}
