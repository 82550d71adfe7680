import { Buffer } from 'node:buffer';
import fs from 'node:fs';
import exifr from 'exifr';
import { READY } from '../../services/worker-ports.ts';
import { type ExifAnswer, type ExifRequest, MAX_RAW_CHARS, type RawTags } from './messages.ts';

/** Exif 2.32, 4.6.5: the body's number; exifr has no name of the standard's for it. */
const BODY_SERIAL_NUMBER = 0xa431;

/** Only these tags, from EXIF alone, as they stand: everything else in a file is more to go wrong. */
const OPTIONS = {
  pick: [
    'DateTimeOriginal',
    'SubSecTimeOriginal',
    'OffsetTimeOriginal',
    'Make',
    'Model',
    BODY_SERIAL_NUMBER,
    'GPSLatitudeRef',
    'GPSLatitude',
    'GPSLongitudeRef',
    'GPSLongitude',
  ],
  reviveValues: false,
  translateValues: false,
  xmp: false,
  icc: false,
  iptc: false,
  jfif: false,
  ifd1: false,
  interop: false,
  makerNote: false,
  userComment: false,
};

/** Where cameras put it; what lies further behind is read by exifr itself. */
const head = Buffer.alloc(64 * 1024);
/** How long answers are gathered: a message for each file costs more than the reading of it. */
const TOGETHER_MS = 20;

/** The child's side: answers one request after the other until the channel to the daemon closes. */
export function serveExif(child: NodeJS.Process): void {
  child.on('message', (message: ExifRequest) => {
    void answerAll(child, message);
  });
  child.on('disconnect', () => child.exit(0));
  child.send?.(READY);
}

async function answerAll(child: NodeJS.Process, { id, paths, each }: ExifRequest): Promise<void> {
  let raws: (RawTags | null)[] = [];
  let sentMs = performance.now();
  for (const [at, path] of paths.entries()) {
    raws.push(await readRaw(path));
    const isLast = at === paths.length - 1;
    if (!each && !isLast && performance.now() - sentMs < TOGETHER_MS) continue;
    const answer: ExifAnswer = { id, at: at + 1 - raws.length, raws };
    child.send?.(answer);
    raws = [];
    sentMs = performance.now();
  }
}

/** Null for whatever exifr cannot read: it throws on most of what is damaged. */
async function readRaw(path: string): Promise<RawTags | null> {
  try {
    const beginning = beginningOf(path);
    const found: unknown = await exifr.parse(beginning, OPTIONS).catch(() => null);
    if (hasDate(found) || beginning.length < head.length) return rawTags(found);
    const inAll: unknown = await exifr.parse(path, OPTIONS).catch(() => null);
    return rawTags(hasDate(inAll) ? inAll : found);
  } catch {
    return null;
  }
}

/** One read costs a tenth of exifr's own way to a file, which is a promise for each piece. */
function beginningOf(path: string): Buffer {
  const fd = fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
  try {
    return head.subarray(0, fs.readSync(fd, head, 0, head.length, 0));
  } finally {
    fs.closeSync(fd);
  }
}

type Tags = Readonly<Record<string, unknown>>;

const isTags = (found: unknown): found is Tags => typeof found === 'object' && found !== null;

const hasDate = (found: unknown): boolean => isTags(found) && typeof found['DateTimeOriginal'] === 'string';

function rawTags(found: unknown): RawTags | null {
  if (!isTags(found)) return null;
  const { latitude, longitude, GPSLatitudeRef: north, GPSLongitudeRef: east } = found;
  // Without a hemisphere exifr takes the northern and the eastern one.
  const isPlace = isOne(north, 'NS') && isOne(east, 'EW');
  const tags = [
    text(found['DateTimeOriginal']),
    text(found['SubSecTimeOriginal']),
    text(found['OffsetTimeOriginal']),
    text(found['Make']),
    text(found['Model']),
    text(found['SerialNumber']),
    isPlace ? number(latitude) : null,
    isPlace ? number(longitude) : null,
  ];
  return tags.some((tag) => tag !== null) ? tags : null;
}

const isOne = (value: unknown, letters: string): boolean =>
  typeof value === 'string' && value.length === 1 && letters.includes(value);

const text = (value: unknown): string | null =>
  typeof value === 'string' ? value.slice(0, MAX_RAW_CHARS) : null;

const number = (value: unknown): number | null => (typeof value === 'number' ? value : null);
