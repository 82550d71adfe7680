import { basename, sep } from 'node:path';
import { type CardId, cardId, type DriveId, driveId } from '../../machines/ids.ts';
import type { Card, Drive } from '../../machines/media.ts';
import type { Volume } from '../ports.ts';
import type { Holder } from './arrival.ts';
import { type Classification, classify, type DeviceSettings } from './classify.ts';
import type { DriveBook } from './drive-book.ts';
import type { DriveIdentity, IdentityTrouble, Look, MountedVolume, MountTarget } from './ports.ts';

interface PlaceBase {
  /** Distinguishes two insertions of one volume: `sda1#17`, `mount 42`, or `folder /home/pi/photos`. */
  readonly key: string;
  readonly path: string;
  readonly label: string;
  /** The volume itself, or the one on which the folder stands. */
  readonly volume: Volume;
  /** Null when it could not be read although it is there. */
  readonly look: Look | null;
  /** The id that it has, or would have, as a card. */
  readonly cardId: CardId;
}

export interface VolumePlace extends PlaceBase {
  readonly kind: 'volume';
  readonly holder: Holder;
  /** For the helper; null without a block device. */
  readonly target: MountTarget | null;
  /** The mount as it was listed when it was looked at; null for what the helper mounted. */
  readonly listed: MountedVolume | null;
  /** The device itself refuses writing: a lock switch, for example. */
  readonly locked: boolean;
  /** What its owner said since it was mounted. `drive`: adopt it; `released`: ejected, leave it alone. */
  readonly word: 'none' | 'drive' | 'released';
}

/** A folder is what its owner said that it is; `inbox`: of an adopted drive, and files arrive in it. */
export interface FolderPlace extends PlaceBase {
  readonly kind: 'folder';
  readonly word: 'card' | 'drive' | 'inbox';
  readonly start: 'auto' | 'manual';
}

export type Place = VolumePlace | FolderPlace;

/** A drive as it is shown: without an id while nobody has given it one. */
export type DriveView = Omit<Drive, 'id'> & {
  readonly id: DriveId | null;
  /** Absent when its drive.json is well, or when there is none. */
  readonly identityTrouble?: IdentityTrouble;
};

export type Standing = Classification | { readonly kind: 'unreadable' };

/** It can be written, or will be once the helper mounts it as a drive. */
export function couldBeWritten(place: Place): boolean {
  if (place.look?.writable === true) return true;
  return place.kind === 'volume' && place.holder === 'us' && place.volume.readOnly && !place.locked;
}

export function standingOf(place: Place, settings: DeviceSettings, book: DriveBook): Standing {
  if (place.kind === 'folder' && place.word !== 'drive') return { kind: 'card', start: place.start };
  if (place.word === 'released') return { kind: 'ignored' };
  if (place.look === null) return place.volume.system ? { kind: 'ignored' } : { kind: 'unreadable' };
  if (place.word === 'none') {
    return classify(place.volume, { ...place.look, writable: couldBeWritten(place) }, settings, book);
  }
  const adopted = book.isAdopted(place.look.identity, uuidOf(place));
  return adopted ? { kind: 'drive' } : { kind: 'candidate', adoptNow: false };
}

export const folderKey = (path: string): string => `folder ${path}`;

/** The label, or the name of the mount point or folder: people must be able to call it something. */
export function labelOf(path: string, label: string | null): string {
  return label !== null && label !== '' ? label : basename(path) || path;
}

/** Volume UUID and device size; null when either is unknown, and a new id is needed at each insertion. */
export function volumeCardId(volume: Volume): CardId | null {
  if (volume.uuid === null || volume.sizeBytes === null) return null;
  return cardId(`${volume.uuid}+${volume.sizeBytes}`);
}

export function cardOf(place: Place): Card {
  const { volume } = place;
  return {
    id: place.cardId,
    label: place.label,
    uuid: uuidOf(place),
    path: place.path,
    kind: place.kind,
    sizeBytes: place.kind === 'volume' ? volume.sizeBytes : null,
    fsType: volume.fsType,
    readOnly: volume.readOnly,
    hardware: place.kind === 'volume' ? volume.hardware : null,
  };
}

/** A folder has none: it may move to another disk and still be the same folder. */
export const uuidOf = (place: Place): string | null => (place.kind === 'volume' ? place.volume.uuid : null);

export function identityOf(place: Place): DriveIdentity | null {
  const identity = place.look?.identity ?? null;
  return typeof identity === 'string' ? null : identity;
}

/** As shown: the id of another imagetank's drive.json, null where there is none. */
export function driveView(place: Place, adopted: boolean): DriveView {
  const { volume } = place;
  const identity = identityOf(place);
  const found = place.look?.identity;
  return {
    ...(typeof found === 'string' ? { identityTrouble: found } : {}),
    id: identity === null ? null : driveId(identity.id),
    label: place.label,
    uuid: uuidOf(place),
    path: place.path,
    kind: place.kind,
    sizeBytes: volume.sizeBytes,
    fsType: volume.fsType,
    adopted,
    writable: place.look?.writable ?? false,
    hardware: place.kind === 'volume' ? volume.hardware : null,
  };
}

/** One path is the other, or lies below it. */
export function overlap(one: string, other: string): boolean {
  const below = (inner: string, outer: string) =>
    inner === outer || inner.startsWith(outer.endsWith(sep) ? outer : outer + sep);
  return below(one, other) || below(other, one);
}
