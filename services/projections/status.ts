import type { FactRecord } from '../../machines/facts.ts';
import type { DriveId } from '../../machines/ids.ts';

/** What `status` shows beyond the charts: drives that run low on space. */
export interface StatusView {
  readonly lowSpace: readonly { readonly driveId: DriveId; readonly since: string }[];
}

export const EMPTY_STATUS_VIEW: StatusView = { lowSpace: [] };

/** Pure fold; rebuilt from the journal it is what it was live. */
export function foldStatus(view: StatusView, { fact, at }: Pick<FactRecord, 'fact' | 'at'>): StatusView {
  if (fact.type === 'DaemonStarted') return EMPTY_STATUS_VIEW;
  if (fact.type === 'DriveDetached' || fact.type === 'DriveForgotten') {
    return { lowSpace: notLow(view, fact.driveId) };
  }
  if (fact.type !== 'SpaceChanged') return view;
  const others = notLow(view, fact.driveId);
  if (!fact.low) return { lowSpace: others };
  const since = view.lowSpace.find((entry) => entry.driveId === fact.driveId)?.since ?? at;
  return { lowSpace: [...others, { driveId: fact.driveId, since }] };
}

const notLow = (view: StatusView, id: DriveId) => view.lowSpace.filter((entry) => entry.driveId !== id);
