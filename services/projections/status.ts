import type { FactOf, FactRecord, HealthCheck } from '../../machines/facts.ts';
import type { DriveId } from '../../machines/ids.ts';

/** A check of the machine that is not good. */
export interface Ailment {
  readonly check: HealthCheck;
  readonly subject: string | null;
  readonly level: 'warning' | 'bad';
  readonly reading: string;
  readonly since: string;
}

/** What `status` shows beyond the charts: drives that run low on space, and what is wrong with the machine. */
export interface StatusView {
  readonly lowSpace: readonly { readonly driveId: DriveId; readonly since: string }[];
  readonly ailments: readonly Ailment[];
}

export const EMPTY_STATUS_VIEW: StatusView = { lowSpace: [], ailments: [] };

/** Pure fold; rebuilt from the journal it is what it was live. */
export function foldStatus(view: StatusView, { fact, at }: Pick<FactRecord, 'fact' | 'at'>): StatusView {
  if (fact.type === 'DaemonStarted') return EMPTY_STATUS_VIEW;
  if (fact.type === 'DriveDetached' || fact.type === 'DriveForgotten') {
    return { ...view, lowSpace: notLow(view, fact.driveId) };
  }
  if (fact.type === 'HealthChanged') return { ...view, ailments: foldHealth(view.ailments, fact, at) };
  if (fact.type !== 'SpaceChanged') return view;
  const others = notLow(view, fact.driveId);
  if (!fact.low) return { ...view, lowSpace: others };
  const since = view.lowSpace.find((entry) => entry.driveId === fact.driveId)?.since ?? at;
  return { ...view, lowSpace: [...others, { driveId: fact.driveId, since }] };
}

function foldHealth(
  ailments: readonly Ailment[],
  { check, subject, level, reading }: FactOf<'HealthChanged'>,
  since: string,
): readonly Ailment[] {
  const others = ailments.filter((other) => other.check !== check || other.subject !== subject);
  return level === 'good' ? others : [...others, { check, subject, level, reading, since }];
}

const notLow = (view: StatusView, id: DriveId) => view.lowSpace.filter((entry) => entry.driveId !== id);
