import { driveId } from '../../machines/ids.ts';
import type { Volume } from '../ports.ts';
import type { DriveBook } from './drive-book.ts';
import type { Look } from './ports.ts';

/** Configuration keys `auto`, `cards`, `card_max`, `drives` (contract section 3). */
export interface DeviceSettings {
  readonly auto: 'dcim' | 'any' | 'known' | 'off';
  /** Labels or UUIDs that are backed up automatically when `auto = "known"`. */
  readonly cards: readonly string[];
  /** Largest volume that is backed up automatically; null for no limit. */
  readonly cardMaxBytes: number | null;
  /** Labels or UUIDs that are adopted when first seen. */
  readonly drives: readonly string[];
}

/** A volume with this label asks to be adopted: three short presses do it (contract section 1). */
export const CANDIDATE_LABEL = 'IMAGETANK';

export type Classification =
  /** Adopted: may be written. */
  | { readonly kind: 'drive' }
  /** Looks like a drive, is not ours: shown, never written, never a card. `adoptNow`: the configuration names it. */
  | { readonly kind: 'candidate'; readonly adoptNow: boolean }
  | { readonly kind: 'card'; readonly start: 'auto' | 'manual' }
  /** Part of the running system. */
  | { readonly kind: 'ignored' };

/**
 * Says what an attached volume is. When in doubt a volume is a card that waits for a person: the light is then
 * `attention`, whereas a card taken for a drive would leave the green light on over photos that are nowhere else.
 */
export function classify(
  volume: Volume,
  look: Look,
  settings: DeviceSettings,
  book: DriveBook,
): Classification {
  if (volume.system) return { kind: 'ignored' };
  if (book.isAdopted(look.identity, volume.uuid)) return { kind: 'drive' };
  const configured = isNamed(settings.drives, volume);
  if (look.identity !== null) {
    const adoptNow = configured && look.writable && !look.cameraFolders && isNew(look.identity, book);
    return { kind: 'candidate', adoptNow };
  }
  // The journal says that it is ours and drive.json is missing: one without the other is neither drive nor card, unless
  // a camera's folders are on it, over which no light may be green.
  if (book.hasVolume(volume.uuid) && !look.cameraFolders) return { kind: 'candidate', adoptNow: false };
  const likeDrive = configured || volume.label === CANDIDATE_LABEL;
  if (likeDrive && !look.cameraFolders) {
    return { kind: 'candidate', adoptNow: configured && look.writable };
  }
  return { kind: 'card', start: likeDrive ? 'manual' : startOf(volume, look, settings) };
}

/** Labels are compared as they are, UUIDs without case: FAT serials are written in both. */
export function isNamed(names: readonly string[], volume: Pick<Volume, 'label' | 'uuid'>): boolean {
  const uuid = volume.uuid?.toLowerCase();
  return names.some((name) => name === volume.label || name.toLowerCase() === uuid);
}

/** Neither forgotten by its owner nor known under another UUID: then a person must say what it is. */
function isNew(identity: Exclude<Look['identity'], null>, book: DriveBook): boolean {
  if (typeof identity === 'string') return false;
  const id = driveId(identity.id);
  return book.get(id) === null && !book.isForgotten(id);
}

function startOf(volume: Volume, look: Look, settings: DeviceSettings): 'auto' | 'manual' {
  const limit = settings.cardMaxBytes;
  const fits = limit === null || (volume.sizeBytes !== null && volume.sizeBytes <= limit);
  return fits && wants(volume, look, settings) ? 'auto' : 'manual';
}

function wants(volume: Volume, look: Look, settings: DeviceSettings): boolean {
  switch (settings.auto) {
    case 'dcim':
      return look.cameraFolders;
    case 'any':
      return true;
    case 'known':
      return isNamed(settings.cards, volume);
    case 'off':
      return false;
  }
}
