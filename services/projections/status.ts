import type { Drive, FactRecord } from '../../machines/facts.ts';
import type { DriveId } from '../../machines/ids.ts';

/** What `status` shows beyond the charts: volumes that are not adopted too, and drives that run low on space. */
export interface StatusView {
  readonly drives: readonly Drive[];
  readonly lowSpace: readonly { readonly driveId: DriveId; readonly since: string }[];
}

export const EMPTY_STATUS_VIEW: StatusView = { drives: [], lowSpace: [] };

/** Pure fold; rebuilt from the journal it is what it was live. */
export function foldStatus(view: StatusView, { fact, at }: Pick<FactRecord, 'fact' | 'at'>): StatusView {
  switch (fact.type) {
    case 'DaemonStarted':
      return EMPTY_STATUS_VIEW;
    case 'DriveAttached':
      return { ...view, drives: [...without(view, fact.drive.id), fact.drive] };
    case 'DriveDetached':
      return { drives: without(view, fact.driveId), lowSpace: notLow(view, fact.driveId) };
    case 'DriveForgotten': {
      const drives = view.drives.map((drive) =>
        drive.id === fact.driveId ? { ...drive, adopted: false } : drive,
      );
      return { ...view, drives };
    }
    case 'SpaceChanged': {
      const others = notLow(view, fact.driveId);
      return { ...view, lowSpace: fact.low ? [...others, { driveId: fact.driveId, since: at }] : others };
    }
    default:
      return view;
  }
}

const without = (view: StatusView, id: DriveId) => view.drives.filter((drive) => drive.id !== id);
const notLow = (view: StatusView, id: DriveId) => view.lowSpace.filter((entry) => entry.driveId !== id);
