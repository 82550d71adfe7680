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
/** Questions, more at once than backups could ask: then something does not wait for its answers. */
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

  const ask = async (paths: readonly string[]): Promise<(CaptureTime | null)[]> => {
    // `fork` itself throws when the machine is out of processes.
    const raws = stopped ? [] : await child.askAll(paths).catch(() => []);
    return paths.map((_, at) => {
      const day = captureDay(raws[at]);
      return day === null ? null : { day };
    });
  };

  const captureTimes = async (paths: readonly string[]): Promise<readonly (CaptureTime | null)[]> => {
    const asked = paths.filter((path) => ASKED.includes(extname(path).slice(1).toLowerCase()));
    if (stopped || asked.length === 0 || waiting >= MAX_WAITING) return paths.map(() => null);
    clearTimeout(idle);
    waiting += 1;
    // One question at a time: a file that hangs is then the one that is known to hang.
    const answer = last.then(() => ask(asked));
    last = answer;
    try {
      const times = new Map(asked.map((path, at): [string, number] => [path, at]));
      const found = await answer;
      return paths.map((path) => found[times.get(path) ?? -1] ?? null);
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

  return { captureTimes, stop };
}
