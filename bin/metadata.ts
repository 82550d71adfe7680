import { fileURLToPath } from 'node:url';
import { createExifReader } from '../adapters/exif/exif-reader.ts';
import { createExiftoolReader } from '../adapters/exiftool/exiftool-reader.ts';
import { openNodeWorker } from '../adapters/node/worker.ts';
import { readersByName } from '../services/library/metadata-readers.ts';
import type { MetadataReader } from '../services/media-ports.ts';

/** Beside the program: `npm run build` bundles both into one folder. */
const EXIF_WORKER = fileURLToPath(new URL('./exif-worker.js', import.meta.url));

/** What reads the metadata of photos, in children of its own. */
export const metadataReader = (warn: (text: string) => void): MetadataReader =>
  readersByName({
    exif: createExifReader({ open: openNodeWorker, workerPath: EXIF_WORKER }),
    thorough: createExiftoolReader({ warn }),
  });
