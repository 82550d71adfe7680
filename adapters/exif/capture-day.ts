/**
 * Digital cameras of earlier years wrote no Exif (version 1 is of 1995), and a camera with an empty clock battery
 * starts at 1970 or 1980: such a day is wrong, and the file's own time the better guess.
 */
const FIRST_YEAR = 1990;
/** Later ones come from damaged bytes. The box's own clock may be wrong, so that "in the future" means nothing. */
const LAST_YEAR = 2099;

/** Exif 2.32, 4.6.5 writes `YYYY:MM:DD HH:MM:SS`; some programs write other separators. */
const DATE_TIME = /^(\d{4})[:\-/.](\d{2})[:\-/.](\d{2})(?:[ T]|$)/;

/** The day `YYYY-MM-DD` of a `DateTimeOriginal`, in the camera's own time; null where it names no real day. */
export function captureDay(raw: unknown): string | null {
  const parts = typeof raw === 'string' ? DATE_TIME.exec(raw) : null;
  if (parts === null) return null;
  const [year = 0, month = 0, date = 0] = parts.slice(1).map(Number);
  if (year < FIRST_YEAR || year > LAST_YEAR) return null;
  const day = new Date(Date.UTC(year, month - 1, date));
  // The 31st of February would roll over into March.
  const isReal = day.getUTCMonth() === month - 1 && day.getUTCDate() === date;
  return isReal ? day.toISOString().slice(0, 10) : null;
}
