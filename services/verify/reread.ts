import { DriveError, isDriveError } from '../errors.ts';
import type { HashFormat } from '../manifest/mhl-reader.ts';
import type { Expected } from './expected.ts';
import type { Verdict } from './findings.ts';
import type { Pace } from './pace.ts';
import type { FolderReader } from './ports.ts';

export interface Reread {
  /** `new`: read, for nothing was known of it. */
  readonly finding: 'intact' | 'new' | Verdict;
  readonly sizeBytes: number;
  /** What was read, where it was read. */
  readonly value: string | null;
  /** In the second format, where it was asked for and read. */
  readonly also?: string;
}

/**
 * Reads one file from the medium and holds it against what a manifest says. `altered` is also a file that cannot be
 * read, and one that no usable hash vouches for. Throws `DriveError` `drive-lost`: a medium that was pulled has no
 * missing files; and the reason of a stop. `also`: beside XXH64, in the same reading.
 */
export async function reread(
  reader: FolderReader,
  { path, sizeBytes: expectedBytes, hash, isNew = false, readAs = 'xxh64' }: Expected,
  pace: Pace,
  also: HashFormat | null = null,
): Promise<Reread> {
  await pace.clear();
  const stat = await reader.stat(path);
  if (stat === null) {
    if (!(await reader.isPresent())) throw new DriveError('drive-lost', `${path}: the medium is gone`);
    return { finding: isNew ? 'new' : 'missing', sizeBytes: 0, value: null };
  }
  const unread: Reread = { finding: isNew ? 'new' : 'altered', sizeBytes: stat.sizeBytes, value: null };
  if (hash === null && !isNew) return unread;
  const before = pace.spentBytes;
  try {
    const format = hash?.format ?? readAs;
    const second = format === 'xxh64' ? also : null;
    const { value, sizeBytes, also: secondValue } = await reader.hash(path, format, pace.spend, second);
    const values = secondValue === undefined ? { value } : { value, also: secondValue };
    // A reader that does not tell of its blocks is held to the rate file by file.
    const untold = sizeBytes - (pace.spentBytes - before);
    if (untold > 0) await pace.spend(untold);
    if (hash === null) return { finding: 'new', sizeBytes, ...values };
    const same = value === hash.value && (expectedBytes === null || expectedBytes === sizeBytes);
    return { finding: same ? 'intact' : 'altered', sizeBytes, ...values };
  } catch (error) {
    if (!isDriveError(error) || error.reason === 'drive-lost') throw error;
    return unread;
  }
}
