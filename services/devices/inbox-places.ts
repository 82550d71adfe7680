import { type DriveId, driveId, inboxCardId } from '../../machines/ids.ts';
import { INBOX_FOLDER } from '../drive-folders.ts';
import { UserError } from '../errors.ts';
import { inboxLabel } from '../inbox-label.ts';
import { type FolderPlace, identityOf, type Place } from './place.ts';
import type { PlaceList } from './place-list.ts';

const inboxOf = (drive: Place): DriveId | null => {
  const id = identityOf(drive)?.id;
  return id === undefined ? null : driveId(id);
};

const pathOf = (drive: Place): string => `${drive.path}/${INBOX_FOLDER}`;

const inboxes = (list: PlaceList): readonly Place[] =>
  list.all().filter((place) => place.kind === 'folder' && place.word === 'inbox');

/**
 * Makes the inbox of an attached drive a card; with another `round` the same inbox comes anew, as a card does that
 * somebody wrote to. `round` null, or a drive that is not attached: it is no card any more.
 */
export function showInbox(list: PlaceList, id: DriveId, round: number | null): void {
  const drives = list.of('drive').filter((place) => inboxOf(place) === id);
  const [drive] = drives;
  const key = `inbox ${id} ${round}`;
  const before = inboxes(list).filter((place) => place.cardId === inboxCardId(id));
  const wanted = drive !== undefined && drives.length === 1 && round !== null;
  for (const place of before) {
    if (!wanted || place.key !== key || place.path !== pathOf(drive)) list.drop(place.key);
  }
  if (wanted && list.get(key) === null) list.put(inboxPlace(drive, key, id));
}

/** Throws `UserError` 66 for the inbox of one of these drives: as a folder beside the drive nobody can read it. */
export function refuseInbox(path: string, drives: readonly Place[]): void {
  const drive = drives.find((place) => pathOf(place) === path);
  if (drive === undefined) return;
  throw new UserError(
    'no-such-card',
    66,
    `${path}: the inbox of ${drive.label} holds no file that waits to be copied`,
    'imagetank library list shows what was uploaded; with inbox = false nothing is copied from there',
  );
}

/** Throws `UserError` 66 where `path`, the inbox of one of these drives, is a link to `real`: it is never followed. */
export function refuseLinkedInbox(path: string, real: string, drives: readonly Place[]): void {
  const drive = drives.find((place) => pathOf(place) === path);
  if (drive === undefined || real === path) return;
  throw new UserError(
    'no-such-card',
    66,
    `${path}: the inbox of ${drive.label} is a link, which is never followed`,
    'make a folder `inbox` there, or name the folder to which the link leads',
  );
}

/** An inbox goes with its drive, also where its folder is still there. */
export function dropLostInboxes(list: PlaceList): void {
  const attached = new Set(list.of('drive').map(inboxOf));
  for (const place of inboxes(list)) {
    if (![...attached].some((id) => id !== null && inboxCardId(id) === place.cardId)) list.drop(place.key);
  }
}

function inboxPlace(drive: Place, key: string, id: DriveId): FolderPlace {
  return {
    kind: 'folder',
    word: 'inbox',
    // Its files have to be complete first: `services/inbox` asks for its backups.
    start: 'manual',
    key,
    path: pathOf(drive),
    label: inboxLabel(drive.label),
    volume: drive.volume,
    look: drive.look === null ? null : { ...drive.look, identity: null, cameraFolders: false },
    cardId: inboxCardId(id),
  };
}
