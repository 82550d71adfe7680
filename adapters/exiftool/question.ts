import { mediaKind } from '../../services/library/media.ts';
import type { MediaFile } from '../../services/media-ports.ts';

/**
 * By ExifTool's names (Image::ExifTool::TagNames): what Exif says, what Apple, Sony and phones write into videos, and
 * that a video has a date of its own at all. `#` stands for the number instead of the text for people.
 */
const TAGS = [
  'DateTimeOriginal',
  'SubSecTimeOriginal',
  'OffsetTimeOriginal',
  'CreationDate',
  'CreationDateValue',
  'ContentCreateDate',
  'QuickTime:CreateDate',
  'Make',
  'DeviceManufacturer',
  'Model',
  'DeviceModelName',
  'SerialNumber',
  'DeviceSerialNo',
  'Composite:GPSLatitude#',
  'Composite:GPSLongitude#',
];

/** Every tag with the group that tells where it stands, all of them where several have one name; files over 2 GB too. */
const OPTIONS = ['-json', '-G1', '-a', '-api', 'largefilesupport=1', ...TAGS.map((tag) => `-${tag}`)];

/**
 * A line is an argument (exiftool(1), `-@`): a line break in a name would begin another one, and a name that ends in
 * `|` is a command to some versions (CVE-2022-23935).
 */
const PLAIN_PATH = /^\/[^\p{Cc}]*[A-Za-z0-9]$/u;

/** What `exiftool -stay_open` is told for one file; null for a path that it must not be told. */
export function questionOf({ path, name }: MediaFile): string | null {
  if (!PLAIN_PATH.test(path)) return null;
  return [...OPTIONS, speedOf(name), path, '-execute', ''].join('\n');
}

/**
 * `-fast2` passes over maker notes, which are most of the work of a raw file, and over all that follows `mdat`; there
 * most cameras put what they know of a video, and phones of a HEIC. `-fast` reads that (exiftool(1), `-fast`).
 */
function speedOf(name: string): string {
  return mediaKind(name) === 'raw' ? '-fast2' : '-fast';
}
