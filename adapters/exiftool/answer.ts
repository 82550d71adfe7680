import type { Capture } from '../../machines/media.ts';
import { captureOf, type RawCapture } from '../../services/library/capture.ts';

/** Group and name, as `-G1` writes them: `ExifIFD:DateTimeOriginal`. Numbers stay the texts that they are in the file. */
type Tags = readonly (readonly [group: string, name: string, value: string])[];

/** What a program wrote after the camera did, what is made of other tags, and what belongs to the thumbnail. */
const NOT_THE_CAMERA = /^(XMP|IPTC|Composite|IFD1$)/;
/** `-json` leaves what looks like a number unquoted: a serial number 0012 stays, 1e5 and 1.10 would not. */
const BARE_NUMBER = /^(\s*"[^"\\]*": )(-?\d[-+.\deE]*)(?=,?\s*$)/gm;
const ZONED = /[+-]\d{2}:?\d{2}$/;
/** AVCHD has half a byte for the zone, and zero where the camera knows none (Image::ExifTool::H264, tag 0x18). */
const AVCHD_WITHOUT_ZONE = /\+00:00$|[+-]\d{2}:\d{2} DST$/;

/** What one answer of `-json` says of the file at `path`; null where it says nothing, or speaks of another file. Never throws. */
export function captureOfAnswer(answer: string, path: string): Capture | null {
  const tags = tagsOf(answer, path);
  if (tags === null) return null;
  const capture = captureOf({
    ...timeOf(tags),
    make: find(tags, 'Make', 'DeviceManufacturer'),
    model: find(tags, 'Model', 'DeviceModelName'),
    serial: find(tags, 'SerialNumber', 'DeviceSerialNo'),
    latitude: degrees(tags, 'GPSLatitude'),
    longitude: degrees(tags, 'GPSLongitude'),
  });
  return Object.keys(capture).length === 0 && !hasSomeTime(tags) ? null : capture;
}

function tagsOf(answer: string, path: string): Tags | null {
  try {
    const parsed: unknown = JSON.parse(answer.replace(BARE_NUMBER, '$1"$2"'));
    const [file] = Array.isArray(parsed) ? (parsed as unknown[]) : [];
    if (typeof file !== 'object' || file === null) return null;
    const { SourceFile: source, ...found } = file as Record<string, unknown>;
    if (source !== path) return null;
    return Object.entries(found).flatMap(([key, value]) => {
      const [group = '', name = ''] = key.split(':');
      const isValue = typeof value === 'string' || typeof value === 'number';
      return isValue ? [[group, name, String(value)] as const] : [];
    });
  } catch {
    return null;
  }
}

/** A real time in UTC, or in nobody knows which zone. An encoder that knows no time writes zeros. */
function hasSomeTime(tags: Tags): boolean {
  const times = [...valuesOf(tags, 'CreateDate'), ...valuesOf(tags, 'DateTimeOriginal')];
  return times.some((time) => captureOf({ taken: time.replace(/Z$/, '') }).at !== undefined);
}

/**
 * The time of the shot in the camera's own time, from the first of these that says one:
 *
 * - Exif, in raws, HEIC and the videos of some makers
 * - `CreationDate` of QuickTime's keys, which Apple writes with its zone
 * - `DateTimeOriginal` of a maker (Canon, Nikon, Kodak, AVI, AVCHD, 3GP): with a zone, or local
 * - Sony's `CreationDateValue`, and `ContentCreateDate` (©day), where they have a zone
 * - `DateTimeOriginal` of XMP
 *
 * QuickTime's own `CreateDate` is none of them: "According to the specification, integer-format QuickTime date/time tags
 * should be stored as UTC. Unfortunately, digital cameras often store local time values instead" (ExifTool, TagNames,
 * "QuickTime Tags"). Which of the two it is nobody can tell, so that the file's own time is as good.
 */
function timeOf(tags: Tags): Pick<RawCapture, 'taken' | 'subSeconds' | 'zone'> {
  const inExif = tags.filter(([group]) => group === 'ExifIFD');
  const exif = {
    taken: find(inExif, 'DateTimeOriginal'),
    subSeconds: find(inExif, 'SubSecTimeOriginal'),
    zone: find(inExif, 'OffsetTimeOriginal'),
  };
  const zoned = (name: string) => valuesOf(tags, name).filter((value) => ZONED.test(value));
  const others = [
    ...zoned('CreationDate'),
    ...ofMaker(tags),
    ...zoned('CreationDateValue'),
    ...zoned('ContentCreateDate'),
    ...tags
      .filter(([group, name]) => group === 'XMP-exif' && name === 'DateTimeOriginal')
      .map(([, , v]) => v),
  ];
  const candidates = [exif, ...others.map((taken) => ({ taken }))];
  return candidates.find((each) => captureOf(each).at !== undefined) ?? {};
}

function ofMaker(tags: Tags): readonly string[] {
  return tags
    .filter(([group, name]) => name === 'DateTimeOriginal' && !NOT_THE_CAMERA.test(group))
    .map(([group, , value]) => (group === 'H264' ? value.replace(AVCHD_WITHOUT_ZONE, '') : value));
}

/** Those of Exif first: a maker's own note of the serial number may have words in it. */
function valuesOf(tags: Tags, name: string): readonly string[] {
  const found = tags.filter(([group, each]) => each === name && !NOT_THE_CAMERA.test(group));
  const [exif, others] = [found.filter(isExif), found.filter((tag) => !isExif(tag))];
  return [...exif, ...others].map(([, , value]) => value);
}

const isExif = ([group]: Tags[number]): boolean => group === 'IFD0' || group === 'ExifIFD';

/** The first of any of the names, in their order. */
const find = (tags: Tags, ...names: readonly string[]): string | undefined =>
  names.flatMap((name) => valuesOf(tags, name))[0];

function degrees(tags: Tags, name: string): number | undefined {
  const text = tags.find(([group, each]) => group === 'Composite' && each === name)?.[2];
  return text === undefined || text.trim() === '' ? undefined : Number(text);
}
