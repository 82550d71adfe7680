import type { DriveId } from '../../machines/ids.ts';
import type { EventLog } from '../ports.ts';
import type { OpenVerification } from './book.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/**
 * A box that runs on weekends only goes on where it was the week before; what was read earlier says too little of
 * today's disk to stand in today's answer.
 */
export const GOES_ON_FOR_MS = 7 * DAY_MS;

/**
 * Whether an interrupted verification may be gone on with: its last progress is at most seven days old by a clock that
 * was not set back since, and the drive came with nothing that another box wrote. Bad files are learned again, for the
 * journal dropped them: those are no news.
 */
export function isStillGood(
  open: OpenVerification,
  driveId: DriveId,
  { at, log }: { readonly at: string; readonly log: Pick<EventLog, 'read'> },
): boolean {
  const ageMs = Date.parse(at) - Date.parse(open.at);
  // No number is no age either.
  if (!(Math.abs(ageMs) <= GOES_ON_FOR_MS)) return false;
  for (const { fact } of log.read({ stream: 'appliance', after: open.startedSeq })) {
    if (fact.type !== 'DriveContentLearned' || fact.driveId !== driveId) continue;
    if (fact.files.some(({ to }) => !open.bad.has(to))) return false;
  }
  return true;
}
