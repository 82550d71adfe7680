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
    void answerAll(child, message);
  });
  child.on('disconnect', () => child.exit(0));
  child.send?.(READY);
}

/** Answers at once after each file: the daemon then knows which one hangs. */
async function answerAll(child: NodeJS.Process, { id, paths }: ExifRequest): Promise<void> {
  for (const [at, path] of paths.entries()) {
    const answer: ExifAnswer = { id, at, raw: await readRaw(path) };
    child.send?.(answer);
  }
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
