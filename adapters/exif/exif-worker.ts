import exifr from 'exifr';
import { type ExifAnswer, type ExifRequest, MAX_RAW_CHARS, READY } from './messages.ts';

/** Only the one tag, from EXIF alone, as text: everything else in a file is more to go wrong. */
const OPTIONS = {
  pick: ['DateTimeOriginal'],
  reviveValues: false,
  translateValues: false,
  xmp: false,
  icc: false,
  iptc: false,
  jfif: false,
  ifd1: false,
  gps: false,
  interop: false,
  makerNote: false,
  userComment: false,
};

/** The child's side: answers one request after the other until the channel to the daemon closes. */
export function serveExif(child: NodeJS.Process): void {
  child.on('message', (message: ExifRequest) => {
    void readRaw(message.path).then((raw) => {
      const answer: ExifAnswer = { id: message.id, raw };
      child.send?.(answer);
    });
  });
  child.on('disconnect', () => child.exit(0));
  child.send?.(READY);
}

/** Null for whatever exifr cannot read: it throws on most of what is damaged. */
async function readRaw(path: string): Promise<string | null> {
  try {
    const tags: unknown = await exifr.parse(path, OPTIONS);
    const raw =
      typeof tags === 'object' && tags !== null && 'DateTimeOriginal' in tags ? tags.DateTimeOriginal : null;
    return typeof raw === 'string' && raw.length <= MAX_RAW_CHARS ? raw : null;
  } catch {
    return null;
  }
}
