import type { DriveId } from '../../machines/ids.ts';
import type { Drive } from '../../machines/media.ts';
import type { Reason } from '../../machines/reasons.ts';
import type { Volume } from '../ports.ts';
import type { DriveBook } from './drive-book.ts';
import { type Eyes, lookAt } from './look.ts';
import type { BlockVolume, Look, MountAnswer, MountedVolume, Mounter, MountTarget } from './ports.ts';
import { isMountOf, isOurs, type Seen, targetOf } from './seen.ts';

/**
 * Who mounted a volume: the helper for us, somebody else where the listings show it, or somebody else outside the
 * roots, which only the helper knows.
 */
export type Holder = 'us' | 'listed' | 'elsewhere';

/** A volume that is there and cannot be used; it is not forgotten, or the light would be green over it. */
export interface Refusal {
  readonly device: string;
  readonly reason: Reason;
  readonly detail: string;
  /** Set for an adopted drive. */
  readonly driveId: DriveId | null;
}

/** What became of a volume that arrived. */
export type Arrival =
  | {
      readonly kind: 'open';
      readonly volume: Volume;
      readonly holder: Holder;
      readonly look: Look | null;
    }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** It went away meanwhile, or nobody is there who could mount it: the next listing tells. */
  | { readonly kind: 'waiting' };

export interface ArrivalTools extends Eyes {
  readonly mounter: Mounter;
  readonly book: DriveBook;
}

/** Makes a volume readable, by mounting it where nobody did, and looks at its top. Never throws. */
export async function arrive(seen: Seen, tools: ArrivalTools): Promise<Arrival> {
  const { block, mount } = seen;
  const target = targetOf(seen);
  // What the helper mounted for an earlier daemon may be of the medium that was in the slot before: only the helper knows.
  const mustAsk = mount === null || (isOurs(mount) && block?.system === false);
  if (!mustAsk) return lookWhereItIs(mount, tools);
  if (block === null || target === null) {
    return mount === null ? { kind: 'waiting' } : lookWhereItIs(mount, tools);
  }
  if (block.fsType === null && mount === null)
    return refused(block, 'mount-failed', 'no file system is recognised on it', null);
  const owner = tools.book.ownerOf(block);
  if (owner === null) return mountedCard(block, target, tools);
  return (await seenAsCard(block, target, tools)) ?? mountedDrive(block, target, owner, tools);
}

async function lookWhereItIs(mount: MountedVolume, tools: ArrivalTools): Promise<Arrival> {
  const { mountId, block: _, ...volume } = mount;
  const look = await lookAt(mount.path, tools);
  // Unreadable because it went away meanwhile is no error of a card.
  if (look === null && !(await tools.places.isMounted(mountId))) return { kind: 'waiting' };
  return { kind: 'open', volume, holder: isOurs(mount) ? 'us' : 'listed', look };
}

async function mountedCard(block: BlockVolume, target: MountTarget, tools: ArrivalTools): Promise<Arrival> {
  const answer = await tools.mounter.mountCard(target);
  if (!answer.ok) return notMounted(block, answer, null);
  const look = await lookAt(answer.path, tools);
  if (look === null) {
    // The helper tells a card that cannot be read from one that was pulled meanwhile.
    const again = await tools.mounter.mountCard(target);
    if (!again.ok) return notMounted(block, again, null);
  }
  // A drive that was resized since it was adopted is known by its drive.json only.
  const owner = tools.book.adoptedAs(look?.identity ?? null, block.uuid);
  if (owner !== null) return mountedDrive(block, target, owner, tools);
  return opened(block, answer.path, true, look, tools);
}

/**
 * Some cameras number all their cards alike, so UUID and size do not prove a drive: what a camera wrote to is looked at
 * read-only, and without the proof it stays so. Null when it may be mounted as a drive. A fixed disk is no card, and
 * what cannot be read is asked for as a drive, for then the answer says what mends it.
 */
async function seenAsCard(
  block: BlockVolume,
  target: MountTarget,
  tools: ArrivalTools,
): Promise<Arrival | null> {
  if (!block.removable) return null;
  const answer = await tools.mounter.mountCard(target);
  if (!answer.ok) return null;
  const look = await lookAt(answer.path, tools);
  const isProven = tools.book.isAdopted(look?.identity ?? null, block.uuid);
  return look?.cameraFolders && !isProven ? opened(block, answer.path, true, look, tools) : null;
}

async function mountedDrive(
  block: BlockVolume,
  target: MountTarget,
  owner: Drive,
  tools: ArrivalTools,
): Promise<Arrival> {
  const answer = await tools.mounter.mountDrive(target);
  if (!answer.ok) return notMounted(block, answer, owner);
  return opened(block, answer.path, false, await lookAt(answer.path, tools), tools, owner);
}

async function opened(
  block: BlockVolume,
  path: string,
  readOnly: boolean,
  look: Look | null,
  tools: ArrivalTools,
  owner: Drive | null = null,
): Promise<Arrival> {
  if (look !== null && !(await isMountOf(path, block.hardware.node, tools.places))) {
    const reason = owner === null ? 'mount-failed' : 'drive-not-writable';
    return refused(block, reason, `mounted at ${path}, which is not seen here`, owner);
  }
  if (isOurs({ path })) return { kind: 'open', volume: volumeAt(block, path, readOnly), holder: 'us', look };
  // How somebody else mounted it is not known: taken for writable, it is read with more care.
  return { kind: 'open', volume: volumeAt(block, path, false), holder: 'elsewhere', look };
}

function notMounted(
  block: BlockVolume,
  answer: Extract<MountAnswer, { readonly ok: false }>,
  owner: Drive | null,
): Arrival {
  if (answer.trouble === 'gone' || answer.trouble === 'unavailable') return { kind: 'waiting' };
  const reason = owner === null ? 'mount-failed' : 'drive-not-writable';
  return refused(block, reason, troubleText(answer), owner);
}

/** For people: what is wrong and, where one is known, the command that mends it. */
export function troubleText({ trouble, detail }: Extract<MountAnswer, { readonly ok: false }>): string {
  if (trouble === 'needs-repair') return `its file system is damaged, repair it with: ${detail}`;
  return detail === '' ? trouble : detail;
}

function refused(block: BlockVolume, reason: Reason, detail: string, owner: Drive | null): Arrival {
  const device = block.hardware.node;
  const name = owner?.label ?? block.label;
  const text = name === null || owner === null ? detail : `${name}: ${detail}`;
  return { kind: 'refused', refusal: { device, reason, detail: text, driveId: owner?.id ?? null } };
}

export function volumeAt(block: BlockVolume, path: string, readOnly: boolean): Volume {
  const { label, uuid, fsType, sizeBytes, system, hardware } = block;
  return {
    path,
    label,
    uuid,
    device: hardware.node,
    sizeBytes,
    fsType,
    readOnly: readOnly || block.readOnly,
    system,
    hardware,
  };
}
