import type { Capture } from '../../machines/media.ts';
import type { MediaFile, MetadataReader } from '../media-ports.ts';
import { extensionOf, type MediaKind, mediaKind } from './media.ts';

/** JPEG, and raw files that are TIFF: what reads nothing else is a hundred times as fast with them. */
const EXIF_EXTENSIONS: ReadonlySet<string> = new Set(
  'arw cr2 dng insp jpe jpeg jpg nef nrw pef srw tif tiff'.split(' '),
);
const READ_KINDS: ReadonlySet<MediaKind | null> = new Set(['raw', 'photo', 'video']);

/**
 * Asks `exif` of files whose metadata is plain Exif, `thorough` of all other photos, raws and videos, nobody of the
 * rest. One public HEIC makes exifr loop for ever, so that the name on the card decides, not what a file claims to be.
 */
export function readersByName(readers: {
  readonly exif: MetadataReader;
  readonly thorough: MetadataReader;
}): MetadataReader {
  const captures = async (files: readonly MediaFile[]): Promise<readonly (Capture | null)[]> => {
    const found: (Capture | null)[] = files.map(() => null);
    const ask = async (reader: MetadataReader, isIts: (name: string) => boolean): Promise<void> => {
      const places = files.flatMap(({ name }, at) => (isIts(name) ? [at] : []));
      if (places.length === 0) return;
      const answers = await reader.captures(places.flatMap((at) => files[at] ?? []));
      for (const [nth, at] of places.entries()) found[at] = answers[nth] ?? null;
    };
    await Promise.all([
      ask(readers.exif, (name) => isRead(name) && isExif(name)),
      ask(readers.thorough, (name) => isRead(name) && !isExif(name)),
    ]);
    return found;
  };
  const stop = async (): Promise<void> => {
    await Promise.all([readers.exif.stop(), readers.thorough.stop()]);
  };
  return { captures, stop };
}

/** True for what a camera writes into: then somebody should be able to read it. */
export const isRead = (name: string): boolean => READ_KINDS.has(mediaKind(name));

const isExif = (name: string): boolean => EXIF_EXTENSIONS.has(extensionOf(name).slice(1).toLowerCase());
