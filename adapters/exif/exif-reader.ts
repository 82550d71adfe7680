import type { Capture } from '../../machines/media.ts';
import { captureOf } from '../../services/library/capture.ts';
import type { MediaFile, MetadataReader } from '../../services/media-ports.ts';
import type { OpenWorker } from '../../services/worker-ports.ts';
import { ExifChild } from './exif-child.ts';
import type { RawTags } from './messages.ts';

/** Questions, more at once than backups could ask: then something does not wait for its answers. */
const MAX_WAITING = 256;

const LIMITS = { timeoutMs: 5000, maxMemoryMb: 256, startMs: 30_000, idleMs: 30_000 };

export interface ExifReaderOptions extends Partial<typeof LIMITS> {
  readonly open: OpenWorker;
  /** `.build/exif-worker.js`, beside the daemon. */
  readonly workerPath: string;
}

/**
 * Reads JPEG and files made of TIFF (CR2, NEF, DNG, ARW) by exifr, in a child process. Only what stands in Exif is read:
 * XMP, and the camera's serial number where it stands in maker notes alone, are not.
 */
export function createExifReader({ open, ...options }: ExifReaderOptions): MetadataReader {
  const worker = open({ ...LIMITS, ...options });
  const child = new ExifChild(worker);
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  let stopped = false;

  const ask = async (files: readonly MediaFile[]): Promise<(Capture | null)[]> => {
    // `fork` itself throws when the machine is out of processes.
    const raws = stopped ? [] : await child.askAll(files.map(({ path }) => path)).catch(() => []);
    return files.map((_, at) => captureOfTags(raws[at] ?? null));
  };

  const captures = async (files: readonly MediaFile[]): Promise<readonly (Capture | null)[]> => {
    if (stopped || files.length === 0 || waiting >= MAX_WAITING) return files.map(() => null);
    waiting += 1;
    // One question at a time: a file that hangs is then the one that is known to hang.
    const answer = last.then(() => ask(files));
    last = answer;
    try {
      return await answer;
    } finally {
      waiting -= 1;
    }
  };

  const stop = async (): Promise<void> => {
    stopped = true;
    await worker.end();
    await last;
  };

  return { captures, stop };
}

function captureOfTags(tags: RawTags | null): Capture | null {
  if (tags === null) return null;
  // By hand: an object made of entries costs as much as the message.
  const [taken, subSeconds, zone, make, model, serial, latitude, longitude] = tags;
  return captureOf({ taken, subSeconds, zone, make, model, serial, latitude, longitude });
}
