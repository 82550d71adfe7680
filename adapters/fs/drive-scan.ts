import { Buffer } from 'node:buffer';
import type { RelativePath } from '../../machines/ids.ts';
import { DriveError, isDriveError } from '../../services/errors.ts';
import type { ScannedEntry } from '../../services/media-ports.ts';
import type { DriveRoot } from './drive-root.ts';
import { leadsStraight } from './raw-path.ts';
import { scannedBelow } from './scanned.ts';
import { type TreeEntry, walkTree } from './tree.ts';

/** Everything below a folder of a drive. Throws `DriveError` when that folder cannot be listed, or the drive went away. */
export async function* scanDrive(root: DriveRoot, folder: RelativePath): AsyncGenerator<ScannedEntry> {
  const straight = await root.run(folder, () => leadsStraight(root.path, Buffer.from(folder)));
  if (straight !== true) throw new DriveError('drive-failing', `${folder}: no folder of this drive`);
  for await (const entry of walkTree(root.lane, root.absolute(folder))) {
    yield entry.kind === 'failed' ? await unreadable(root, folder, entry) : scannedBelow(folder, entry);
  }
  // A pulled drive lists as empty without an error.
  await root.ensureSame();
}

async function unreadable(
  root: DriveRoot,
  folder: RelativePath,
  { rel, error }: Extract<TreeEntry, { readonly kind: 'failed' }>,
): Promise<ScannedEntry> {
  const named = scannedBelow(folder, { kind: 'other', rel, special: null });
  // It alone, or the whole drive: only asking that tells.
  const failure = await root
    .run(named.path, () => Promise.reject<never>(error))
    .catch((mapped: unknown) => mapped);
  if (!isDriveError(failure) || failure.reason === 'drive-lost' || rel.length === 0) throw failure;
  return { ...named, kind: 'unreadable', detail: failure.message };
}
