import { contextOf, type DecisionState } from '../machines/decide.ts';
import type { DriveId } from '../machines/ids.ts';
import type { Drive } from '../machines/media.ts';
import type { DriveStore } from './media-ports.ts';

/** Every adopted, writable drive that is attached now, opened. Throws `DriveError`. */
export async function attachedStores(
  state: DecisionState,
  openDrive: (drive: Drive) => Promise<DriveStore>,
): Promise<ReadonlyMap<DriveId, DriveStore>> {
  const stores = new Map<DriveId, DriveStore>();
  for (const drive of contextOf(state).drives) stores.set(drive.id, await openDrive(drive));
  return stores;
}
