import type { HistoryLine } from '../../../services/shapes.ts';
import { TEXTS, type TextKey } from '../texts.ts';
import { type Language, translate } from '../translate.ts';

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

export function reasonText(reason: string, language: Language): string {
  const key = reasonKey(reason);
  return key === null ? reason : translate(language, key);
}

type Share = HistoryLine['drives'][number];

/** ` to SSD-A, SSD-B`, also of drives that are not attached now; empty where nothing was planned. */
export function drivesText(drives: readonly Pick<Share, 'label'>[], language: Language): string {
  const labels = drives.map(({ label }) => label).join(', ');
  return labels === '' ? '' : ` ${translate(language, 'toDrives', { drives: labels })}`;
}

/** `SSD-B: failed. The drive went away`. */
export function shareText(
  { label, outcome, reason }: Pick<Share, 'label' | 'outcome' | 'reason'>,
  language: Language,
): string {
  const ended = translate(language, `outcome.${outcome ?? 'running'}`);
  return reason === null ? `${label}: ${ended}` : `${label}: ${ended}. ${reasonText(reason, language)}`;
}
