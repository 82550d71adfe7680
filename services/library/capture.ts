import type { Capture } from '../../machines/media.ts';
import { isCameraDay } from './days.ts';

/**
 * What a reader found of one file, as it stands there; nothing in it is believed, because a file may be hostile. Dates
 * as Exif 2.32, 4.6.5 writes them, `YYYY:MM:DD HH:MM:SS`; programs write other separators, fractions and a zone behind.
 */
export interface RawCapture {
  readonly taken?: unknown;
  /** `SubSecTimeOriginal`: digits behind the decimal point. */
  readonly subSeconds?: unknown;
  /** `OffsetTimeOriginal`; counts before a zone in `taken`. */
  readonly zone?: unknown;
  readonly make?: unknown;
  readonly model?: unknown;
  readonly serial?: unknown;
  /** Degrees with their sign. */
  readonly latitude?: unknown;
  readonly longitude?: unknown;
}

const DATE = /^(\d{4})[:\-/.](\d{2})[:\-/.](\d{2})(?:[ T](.*))?$/s;
/** A time in UTC of which nobody says where it was local (RFC 9557, section 2.2): no day of the camera's. */
const UTC = /Z\s*$/i;
const TIME = /^(\d{2}):(\d{2}):(\d{2})(?:[.,](\d{1,9})\d*)?\s*([+-]\d{2}:?\d{2})?\s*$/;
const ZONE = /^([+-])(\d{2}):?(\d{2})$/;
/** Of fractions of a second; the finest that a camera writes are millionths. */
const MAX_FRACTION_DIGITS = 9;
/** Kiribati; westward it ends at −12. */
const MAX_ZONE_HOURS = 14;
/** The longest model of ExifTool's tables has 46 characters. */
const MAX_TEXT_CHARS = 64;
/** Before anything else is done with a text of a hostile file. */
const MAX_LOOKED_AT_CHARS = 1024;
/** Nobody sees them: controls, directions of writing, halves of characters; a terminal and a page would obey some. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]+/gu;
/** Of that length at most, in ASCII, trimmed. */
const PLAIN_TEXT = /^[!-~](?:[ -~]{0,62}[!-~])?$/;
/** A metre is 0.000009 of a degree. */
const DEGREE_DIGITS = 6;

/** What is plausible of it; `{}` when nothing is. Never throws. */
export function captureOf(raw: RawCapture): Capture {
  const taken = typeof raw.taken === 'string' ? raw.taken.slice(0, MAX_LOOKED_AT_CHARS) : '';
  const at = momentOf(taken, raw.subSeconds);
  const zone = at === null ? null : zoneOf(taken, raw.zone);
  const make = textOf(raw.make);
  const model = textOf(raw.model);
  const serial = textOf(raw.serial);
  const gps = placeOf(raw.latitude, raw.longitude);
  return {
    ...(at === null ? {} : { at }),
    ...(zone === null ? {} : { zone }),
    ...(make === null ? {} : { make }),
    ...(model === null ? {} : { model }),
    ...(serial === null ? {} : { serial }),
    ...(gps === null ? {} : { gps }),
  };
}

/** `YYYY-MM-DDTHH:MM:SS` with fractions; the day alone where no real time follows; null where there is no real day. */
function momentOf(taken: string, subSeconds: unknown): string | null {
  const parts = UTC.test(taken) ? null : DATE.exec(taken);
  if (parts === null) return null;
  const [, year = '', month = '', date = ''] = parts;
  const day = `${year}-${month}-${date}`;
  if (!isCameraDay(day)) return null;
  const [, hour = '', minute = '', second = '', fraction] = TIME.exec(parts[4] ?? '') ?? [];
  if (hour === '' || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return day;
  const digits = fractionOf(subSeconds) ?? fraction;
  return `${day}T${hour}:${minute}:${second}${digits === undefined ? '' : `.${digits}`}`;
}

/** Exif 2.32, 4.6.5: digits, padded with blanks. */
function fractionOf(subSeconds: unknown): string | null {
  const text = typeof subSeconds === 'string' ? subSeconds.trim() : '';
  return /^\d+$/.test(text) ? text.slice(0, MAX_FRACTION_DIGITS) : null;
}

function zoneOf(taken: string, zone: unknown): string | null {
  const inDate = TIME.exec(DATE.exec(taken)?.[4] ?? '')?.[5];
  const text = typeof zone === 'string' && zone.trim() !== '' ? zone.trim() : inDate;
  const [, sign = '', hours = '', minutes = ''] = ZONE.exec(text ?? '') ?? [];
  const isReal = hours !== '' && Number(hours) <= MAX_ZONE_HOURS && Number(minutes) < 60;
  return isReal ? `${sign}${hours}:${minutes}` : null;
}

function textOf(raw: unknown): string | null {
  if (typeof raw !== 'string') return null;
  // Nearly all: what follows takes longer than all the rest.
  if (PLAIN_TEXT.test(raw)) return raw;
  // What stands behind the first zero byte is another text (TIFF 6.0, section 2), or what the memory held before.
  const [first = ''] = raw.slice(0, MAX_LOOKED_AT_CHARS).split('\0', 1);
  const seen = first.replace(UNSEEN, ' ').trim();
  const text = [...seen].slice(0, MAX_TEXT_CHARS).join('').trim();
  return text === '' ? null : text;
}

function placeOf(north: unknown, east: unknown): NonNullable<Capture['gps']> | null {
  if (!isWithin(north, 90) || !isWithin(east, 180)) return null;
  const gps = { latitude: rounded(north), longitude: rounded(east) };
  // A receiver that sees no satellite writes zeros; in the Gulf of Guinea there is one buoy.
  return gps.latitude === 0 && gps.longitude === 0 ? null : gps;
}

const isWithin = (degrees: unknown, limit: number): degrees is number =>
  typeof degrees === 'number' && Math.abs(degrees) <= limit;

/** JSON has no −0. */
const rounded = (degrees: number): number => Number(degrees.toFixed(DEGREE_DIGITS)) + 0;
