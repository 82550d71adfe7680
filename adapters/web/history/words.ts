import { TEXTS, type TextKey } from '../texts.ts';

/** Text of why a backup did not end well; null for a reason of a newer server, which is shown as it is. */
export function reasonKey(reason: string): TextKey | null {
  const keys = [`reason.${reason}`, `problem.${reason}`];
  return (keys.find((key) => Object.hasOwn(TEXTS, key)) as TextKey | undefined) ?? null;
}

/** Null when one of the two is not known. */
export function secondsBetween(startedAt: string, finishedAt: string | null): number | null {
  const ms = finishedAt === null ? Number.NaN : Date.parse(finishedAt) - Date.parse(startedAt);
  return Number.isFinite(ms) && ms >= 0 ? ms / 1000 : null;
}
