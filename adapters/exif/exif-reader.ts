import { extname } from 'node:path';
import type { CaptureTime, MetadataReader } from '../../services/ports.ts';
import { captureDay } from './capture-day.ts';
import { ExifChild, type ExifChildOptions } from './exif-child.ts';

/** Kinds of files that exifr reads; what else a camera writes (CR3, RAF, video) goes by its modification time for now. */
export const EXIF_EXTENSIONS: readonly string[] = [
  'jpg',
  'jpeg',
  'heic',
  'heif',
  'tif',
  'tiff',
  'dng',
  'nef',
  'cr2',
  'arw',
];
/** A file on its way has no name of its own yet: the child looks at its first bytes. */
const ASKED: readonly string[] = [...EXIF_EXTENSIONS, 'part'];
/** More at once than backups could ask for: then something does not wait for its answers. */
const MAX_WAITING = 256;

export interface ExifReaderOptions extends Partial<Omit<ExifChildOptions, 'workerPath'>> {
  /** `.build/exif-worker.js`, beside the daemon. */
  readonly workerPath: string;
  /** A child that has nothing to do for so long gives its memory back. Default 30 s. */
  readonly idleMs?: number;
}

export function createExifReader(options: ExifReaderOptions): MetadataReader {
  const { workerPath, timeoutMs = 5000, maxMemoryMb = 256, startMs = 30_000, idleMs = 30_000 } = options;
  const child = new ExifChild({ workerPath, timeoutMs, maxMemoryMb, startMs });
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  let idle: NodeJS.Timeout | undefined;
  let stopped = false;

  const next = async (path: string): Promise<CaptureTime | null> => {
    if (stopped) return null;
    // `fork` itself throws when the machine is out of processes.
    const day = captureDay(await child.ask(path).catch(() => null));
    return day === null ? null : { day };
  };

  const captureTime = async (path: string): Promise<CaptureTime | null> => {
    const extension = extname(path).slice(1).toLowerCase();
    if (stopped || !ASKED.includes(extension) || waiting >= MAX_WAITING) return null;
    clearTimeout(idle);
    waiting += 1;
    // One at a time: a file that hangs is then the one that is known to hang.
    const answer = last.then(() => next(path));
    last = answer;
    try {
      return await answer;
    } finally {
      waiting -= 1;
      if (waiting === 0) idle = setTimeout(() => child.kill(), idleMs).unref();
    }
  };

  const stop = async (): Promise<void> => {
    stopped = true;
    clearTimeout(idle);
    await child.end();
    await last;
    clearTimeout(idle);
  };

  const captureTimes = async (paths: readonly string[]): Promise<(CaptureTime | null)[]> => {
    const times: (CaptureTime | null)[] = [];
    for (const path of paths) times.push(await captureTime(path));
    return times;
  };

  return { captureTime, captureTimes, stop };
}
