import type { Status } from '../../../services/shapes.ts';
import type { CheckResult, WorkProgress } from '../../../services/work-shapes.ts';

/** A check of one card, as far as it is. */
export type Checking =
  | { readonly type: 'running'; readonly progress: WorkProgress | null }
  | { readonly type: 'ended'; readonly result: CheckResult; readonly at: string; readonly seen: string };

/** What a line of the stream of `POST /check` holds. */
export type CheckLine =
  | { readonly progress: WorkProgress }
  | { readonly result: CheckResult }
  | { readonly error: { readonly detail: string; readonly code: string; readonly hint: string } };

/** What a yes rests on: when any of it changes, the yes is of the past. */
export function groundsOf({ cards, drives, problems }: Status, cardId: string): string {
  const card = cards.find(({ id }) => id === cardId);
  return JSON.stringify([
    card?.backedUp ?? null,
    // In the camera there may have come new photos.
    card?.insertion ?? null,
    drives.map(({ id, adopted, mounted }) => [id, adopted, mounted]),
    problems.filter(({ blinks }) => blinks > 0).map(({ code, since }) => [code, since]),
  ]);
}

/** A no stays as long as it is shown; a yes only while all is as it was when the check ended, and the box is heard. */
export function isOld(checking: Checking, status: Status | null, cardId: string, live: boolean): boolean {
  if (checking.type === 'running' || !checking.result.safe) return false;
  return !live || status === null || groundsOf(status, cardId) !== checking.seen;
}
