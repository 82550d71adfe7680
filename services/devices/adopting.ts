import type { ErrorCode } from '../error-codes.ts';
import { messageOf, UserError } from '../errors.ts';
import type { Clock, Ids } from '../ports.ts';
import { identityOf, type Place, uuidOf } from './place.ts';
import type { DriveIdentities, DriveIdentity } from './ports.ts';
import { unreadable } from './targets.ts';

/** Why a place may not become a drive; null when it may. Checks in the order in which a person can mend them. */
export function refusal(
  place: Place,
  others: readonly Place[],
  force: boolean,
  writable: boolean,
): UserError | null {
  const { look, path } = place;
  if (place.volume.system && place.volume.path === path) {
    return refuse('system-disk', 77, `${path} is on the disk that runs this system`, 'choose another volume');
  }
  if (look === null) return unreadable(path);
  const { identity } = look;
  if (identity === 'damaged') {
    const what = 'is damaged, or of a newer imagetank';
    return refuse('drive-file-damaged', 65, `${path}/.imagetank/drive.json ${what}`, DAMAGED_HINT);
  }
  if (identity === 'unreadable') {
    const hint = 'check its cable, or move the file aside, then adopt again';
    return refuse('drive-file-unreadable', 65, `${path}/.imagetank/drive.json cannot be read`, hint);
  }
  if (identity !== null && others.some((other) => identityOf(other)?.id === identity.id)) {
    const hint = 'one is a copy of the other: detach one of them first';
    return refuse('drive-id-clash', 77, `${path} has the id of another attached drive`, hint);
  }
  // Nothing on a drive is ever overwritten: its owner has to say that the file is a left-over.
  if (identity !== null && identity.uuid !== uuidOf(place)) {
    const hint = 'if the other drive is no longer used, move this file aside, then adopt again';
    return refuse('drive-file-copied', 77, `${path}/.imagetank/drive.json is that of another volume`, hint);
  }
  if (look.cameraFolders && !force) {
    const hint = 'if it really is to become a drive, say --force';
    return refuse('camera-folders', 77, `${path} holds a camera's folders`, hint);
  }
  if (!writable) {
    return refuse('not-writable', 73, `${path} cannot be written`, 'check its lock switch and permissions');
  }
  return null;
}

/** Adopted anew it has a new id, so that is its owner's to say; what is on it is learned from its manifests. */
const DAMAGED_HINT =
  'its photos are untouched: update imagetank; if that does not help, move that file aside and adopt again';

const refuse = (code: ErrorCode, exitCode: 65 | 73 | 77, message: string, hint: string): UserError =>
  new UserError(code, exitCode, message, hint);

export interface AdoptionTools {
  readonly identities: DriveIdentities;
  readonly ids: Ids;
  readonly clock: Pick<Clock, 'stamp'>;
}

/**
 * Makes drive.json say that this is ours, durably, and returns what it says. An id that is there is kept, so that
 * the manifests of another imagetank go on describing it. Throws 73 when it cannot be written.
 */
export async function claim(place: Place, tools: AdoptionTools): Promise<DriveIdentity> {
  const found = identityOf(place);
  if (found !== null) return found;
  const identity: DriveIdentity = {
    format: 1,
    id: tools.ids.uuid(),
    uuid: uuidOf(place),
    label: place.label,
    adoptedAt: tools.clock.stamp().at,
  };
  try {
    await tools.identities.write(place.path, identity);
  } catch (error) {
    const message = `cannot write ${place.path}/.imagetank/drive.json: ${messageOf(error)}`;
    throw new UserError('cannot-create', 73, message, 'check its lock switch, room and permissions', error);
  }
  return identity;
}
