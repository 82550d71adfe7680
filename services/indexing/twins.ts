import type { DriveId, RelativePath } from '../../machines/ids.ts';
import type { Drive } from '../../machines/media.ts';
import type { Sighting } from '../media-ports.ts';
import type { Catalogue } from '../ports.ts';

export interface TwinParts {
  readonly catalogue: Pick<Catalogue, 'findEverywhere'>;
  /** Where each drive lies that was ever adopted: as attached now, else as it was. */
  readonly drives: () => ReadonlyMap<DriveId, Pick<Drive, 'path'>>;
  /** `Sighting.file` of an absolute path; null when there is nothing. */
  readonly fileAt: (path: string) => Promise<string | null>;
}

interface Read extends Pick<Sighting, 'file' | 'sizeBytes'> {
  readonly xxh64: string;
}

/**
 * Where the copy on another drive is this very file under another name (hard link, bind mount, a folder within a folder):
 * the two are one copy, and who erases the card has to know. Null where it is a file of its own.
 */
export async function twinOf(
  { file, sizeBytes, xxh64 }: Read,
  driveId: DriveId,
  { catalogue, drives, fileAt }: TwinParts,
): Promise<RelativePath | null> {
  // Nothing is lost with an empty file, and thousands may be alike.
  if (sizeBytes === 0) return null;
  const all = drives();
  for (const copy of catalogue.findEverywhere(sizeBytes, xxh64)) {
    const drive = all.get(copy.driveId);
    if (copy.driveId === driveId || drive === undefined) continue;
    if ((await fileAt(`${drive.path}/${copy.to}`)) === file) return copy.to;
  }
  return null;
}
