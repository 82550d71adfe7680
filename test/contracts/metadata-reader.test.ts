import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createExifReader } from '../../adapters/exif/exif-reader.ts';
import { createExiftoolReader } from '../../adapters/exiftool/exiftool-reader.ts';
import { openNodeWorker } from '../../adapters/node/worker.ts';
import { readersByName } from '../../services/library/metadata-readers.ts';
import type { MetadataReader } from '../../services/media-ports.ts';
import { buildExifWorker } from '../exif/build-worker.ts';
import { hasExiftool } from '../exiftool/installed.ts';
import { dayInContent } from '../metadata/day-in-content.ts';
import { EXIF_SAMPLES, OTHER_SAMPLES, type Sample } from '../metadata/samples.ts';
import { type MetadataSubject, metadataReaderContract } from './metadata-reader.contract.ts';

const exif = (workerPath: string) =>
  createExifReader({ open: openNodeWorker, workerPath, timeoutMs: 60_000 });
const exiftool = () => createExiftoolReader({ warn: () => undefined, timeoutMs: 60_000 });

async function ofSample(
  sample: Sample | undefined,
  make: (workerPath: string) => MetadataReader,
): Promise<MetadataSubject> {
  if (sample === undefined) throw new Error('no sample');
  const worker = await buildExifWorker();
  const folder = await mkdtemp(join(tmpdir(), 'imagetank-metadata-'));
  return {
    reader: make(worker.workerPath),
    folder,
    name: sample.file.name,
    content: await readFile(sample.file.path),
    capture: sample.capture,
    cleanUp: async () => {
      await rm(folder, { recursive: true });
      await worker.remove();
    },
  };
}

metadataReaderContract('by exifr', () => ofSample(EXIF_SAMPLES.at(-1), exif));
metadataReaderContract('by name, a JPEG', () =>
  ofSample(EXIF_SAMPLES.at(-1), (workerPath) =>
    readersByName({ exif: exif(workerPath), thorough: exiftool() }),
  ),
);
metadataReaderContract('of the tests', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'imagetank-metadata-'));
  return {
    reader: dayInContent(),
    folder,
    name: 'IMG_1.JPG',
    content: Buffer.from(`day:2026-11-21 ${'a photo '.repeat(20)}`),
    capture: { at: '2026-11-21T12:00:00' },
    cleanUp: () => rm(folder, { recursive: true }),
  };
});

if (hasExiftool()) {
  metadataReaderContract('by exiftool', () => ofSample(OTHER_SAMPLES[0], exiftool));
  metadataReaderContract('by name, a HEIC', () =>
    ofSample(OTHER_SAMPLES[0], (workerPath) =>
      readersByName({ exif: exif(workerPath), thorough: exiftool() }),
    ),
  );
}
