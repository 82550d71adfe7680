import type { CardId, RelativePath } from '../../machines/ids.ts';
import { mediaKind } from '../library/media.ts';
import { fileName } from '../library/names.ts';

/** One file as it was just read from the card. */
export interface Content {
  readonly cardId: CardId;
  readonly path: RelativePath;
  readonly sizeBytes: number;
  readonly xxh64: string;
  /** `CardFile.file`. */
  readonly file: string;
}

/**
 * True for what is nothing without its name: an empty file, and the sidecar of a photo. Phones write the same edit
 * beside many photos, and a copy beside another photo is no copy of the edit of this one.
 */
export const isBoundToName = ({ path, sizeBytes }: Pick<Content, 'path' | 'sizeBytes'>): boolean =>
  sizeBytes === 0 || mediaKind(fileName(path)) === 'sidecar';
