import type { RelativePath } from '../../machines/ids.ts';
import { DriveError, isDriveError } from '../errors.ts';
import type { HashValue } from '../manifest/mhl-reader.ts';
import type { FolderReader } from './ports.ts';

export type Finding = 'intact' | 'altered' | 'missing';

export interface Reread {
  readonly finding: Finding;
  readonly sizeBytes: number;
  /** What was read, where it was read. */
  readonly value: string | null;
}

/**
 * Reads one file from the medium and holds it against what a manifest says. `altered` is also a file that cannot be
 * read, and one that no usable hash vouches for. Throws `DriveError` `drive-lost`: a medium that was pulled has no
 * missing files.
 */
export async function reread(
  reader: FolderReader,
  path: RelativePath,
  expected: { readonly sizeBytes: number | null; readonly hash: HashValue | null },
): Promise<Reread> {
  const stat = await reader.stat(path);
  if (stat === null) {
    if (!(await reader.isPresent())) throw new DriveError('drive-lost', `${path}: the medium is gone`);
    return { finding: 'missing', sizeBytes: 0, value: null };
  }
  const altered = { finding: 'altered', sizeBytes: stat.sizeBytes, value: null } as const;
  if (expected.hash === null) return altered;
  try {
    const { value, sizeBytes } = await reader.hash(path, expected.hash.format);
    const same =
      value === expected.hash.value && (expected.sizeBytes === null || expected.sizeBytes === sizeBytes);
    return { finding: same ? 'intact' : 'altered', sizeBytes, value };
  } catch (error) {
    if (!isDriveError(error) || error.reason === 'drive-lost') throw error;
    return altered;
  }
}
