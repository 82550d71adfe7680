import { type DriveError, isDriveError } from '../errors.ts';
import { keyOf } from './content.ts';
import type { ReadFile } from './drive-context.ts';
import type { DriveCopy } from './drive-copy.ts';
import type { GroupState, PlannedFile } from './ports.ts';

/** What one group is to one drive. */
export interface Share {
  readonly drive: DriveCopy;
  readonly state: GroupState;
  /** Members that the drive's file system can hold. */
  readonly files: readonly PlannedFile[];
}

export type SmallFile = ReadFile & { readonly bytes: Uint8Array };

export function membersOf<File extends ReadFile>(
  { files }: Share,
  read: ReadonlyMap<PlannedFile, File>,
): readonly File[] {
  return files.flatMap((file) => read.get(file) ?? []);
}

/**
 * What is not on the drive yet, in one call as far as possible. Returns what the drive did not take in one call: one by
 * one, it is told which file is at fault, and what still fits. Throws `DriveError`.
 */
export async function writeShares(
  drive: DriveCopy,
  shares: readonly Share[],
  read: ReadonlyMap<PlannedFile, SmallFile>,
): Promise<readonly Share[]> {
  let pending: Share[] = [];
  let keys = new Set<string>();
  const refused: Share[] = [];
  const writePending = async (): Promise<void> => {
    const together = pending;
    pending = [];
    keys = new Set();
    if (together.length === 0) return;
    try {
      await drive.writeAll(together.map((share) => membersOf(share, read)));
    } catch (error) {
      if (!isDriveError(error) || !TAKES_LESS.has(error.reason)) throw error;
      refused.push(...together);
    }
  };
  for (const share of shares) {
    const members = membersOf(share, read);
    // A twin in this very chunk has to lie on the drive before anything can be held against it.
    if (members.some(({ content }) => content.sizeBytes > 0 && keys.has(keyOf(content))))
      await writePending();
    if (await drive.takeDuplicate(members)) continue;
    pending.push(share);
    for (const { content } of members) keys.add(keyOf(content));
  }
  await writePending();
  return refused;
}

/** It does not take all of it, but may take some. */
const TAKES_LESS: ReadonlySet<DriveError['reason']> = new Set(['drive-full', 'file-too-large']);
