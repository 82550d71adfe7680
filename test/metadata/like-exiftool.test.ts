import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createExifReader } from '../../adapters/exif/exif-reader.ts';
import { createExiftoolReader } from '../../adapters/exiftool/exiftool-reader.ts';
import { openNodeWorker } from '../../adapters/node/worker.ts';
import { isRead, readersByName } from '../../services/library/metadata-readers.ts';
import type { MediaFile, MetadataReader } from '../../services/media-ports.ts';
import { type BuiltWorker, buildExifWorker } from '../exif/build-worker.ts';
import { hasExiftool } from '../exiftool/installed.ts';
import { differences } from './compare.ts';

/** Where they differ, and why that is right. */
const LISTED: Readonly<Record<string, string>> = {
  'DSC_0010.JPG at: none, exiftool 0000-00-00T00:00:00': 'the camera’s clock stood at zero',
  'DSC_0011.NEF serial: none, exiftool No= 1005a431': 'maker notes are not read',
  'DSC_0012.NEF serial: none, exiftool No= 1005a431': 'maker notes are not read',
  'EOS1D3.JPG serial: none, exiftool 556769': 'XMP of a JPEG is not read',
  'BAD_0013.FUZZED at: none, exiftool': 'no date but damaged bytes',
  'BAD_0014.FUZZED at: none, exiftool': 'no date but damaged bytes',
};

const FOLDERS = ['../cards', 'beginnings'].map((folder) => join(import.meta.dirname, folder));

/** What is fuzzed is called a video: most of them are. */
const files: readonly MediaFile[] = FOLDERS.flatMap((folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile() && !each.name.endsWith('.md'))
    .map((each) => ({
      path: join(each.parentPath, each.name),
      name: basename(each.name).replace('.FUZZED', '.MP4'),
    })),
);

describe.skipIf(!hasExiftool())('over all files of real cameras', () => {
  let worker: BuiltWorker;
  let reader: MetadataReader;
  beforeAll(async () => {
    worker = await buildExifWorker();
    reader = readersByName({
      exif: createExifReader({ open: openNodeWorker, workerPath: worker.workerPath, timeoutMs: 60_000 }),
      thorough: createExiftoolReader({ warn: () => undefined, timeoutMs: 60_000 }),
    });
  });
  afterAll(async () => {
    await reader.stop();
    await worker.remove();
  });

  test('dates, cameras and places are those of exiftool, or it is known why not', async () => {
    expect(files.length).toBeGreaterThan(25);
    expect(files.every(({ name }) => isRead(name))).toBe(true);
    const found = await differences(reader, files);
    const unlisted = found.filter((line) => !Object.keys(LISTED).some((listed) => line.startsWith(listed)));
    expect(unlisted).toEqual([]);
    expect(found).toHaveLength(Object.keys(LISTED).length);
  });
});
