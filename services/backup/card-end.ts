import { SomeNames } from '../library/some-names.ts';
import type { PlannedFile } from './ports.ts';

/** Fewer may be a scratch on any card. */
const MIN_SUSPECTS = 4;
/** Of the newer files that are well, for one suspect: a sidecar, or a file in an older gap of the file system. */
const MAX_WELL_SHARE = 1 / 8;

export interface CardEnd {
  readonly label: string;
  /** Every file of the listing, in any order; listed twice. */
  readonly files: () => Iterable<PlannedFile>;
  /** Files that could not be read, or begin as flash that was never written, and folders that could not be listed. */
  readonly suspects: number;
  readonly isSuspect: (index: number) => boolean;
}

/**
 * One line when the newest files of a card are all bad and the older ones are well: a camera fills a card from its
 * beginning to its end, and behind the real end of a card that claims to be larger nothing can be read, or zeros come.
 * A scratch or a bad cell lies anywhere. Null where that is no sign.
 */
export function endsEarly({ label, files, suspects, isSuspect }: CardEnd): string | null {
  if (suspects < MIN_SUSPECTS) return null;
  let oldestMs = Number.POSITIVE_INFINITY;
  const bad = new SomeNames();
  for (const { index, mtimeMs, path } of files()) {
    if (!isSuspect(index)) continue;
    bad.add(path);
    oldestMs = Math.min(oldestMs, mtimeMs);
  }
  // A folder that could not be listed is no file, and lies anywhere.
  if (bad.count < MIN_SUSPECTS) return null;
  let older = 0;
  let newer = 0;
  for (const { index, mtimeMs } of files()) {
    if (isSuspect(index)) continue;
    if (mtimeMs > oldestMs) newer += 1;
    else older += 1;
  }
  if (older === 0 || newer > bad.count * MAX_WELL_SHARE) return null;
  return `${label}: its newest ${bad.count} files cannot be read or are blank (${bad}), the older ones are well: it may have less room than it says (fake flash); keep it as it is and use another card`;
}
