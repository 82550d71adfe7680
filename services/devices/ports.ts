/** What the device service needs from the outside beside `services/ports.ts`. */
import type { Hardware } from '../../machines/media.ts';
import type { Volume } from '../ports.ts';

/** Content of `.imagetank/drive.json`. */
export interface DriveIdentity {
  readonly format: 1;
  readonly id: string;
  /** Of the volume at adoption: a copy of the file on another volume does not make that one ours. Null for a folder. */
  readonly uuid: string | null;
  readonly label: string;
  /** ISO 8601 UTC. */
  readonly adoptedAt: string;
}

/** Implemented by the file-system adapter that also writes drives. */
export interface DriveIdentities {
  /** Null when there is no drive.json, `damaged` when it is not understood; throws when it cannot be read. */
  read(root: string): Promise<DriveIdentity | 'damaged' | null>;
  /** Durable when it resolves. Throws when it cannot be written, or when there is one already: never replaces. */
  write(root: string, identity: DriveIdentity): Promise<void>;
}

/** One volume that the kernel shows: a partition, or a whole disk with a file system. Mounted or not. */
export interface BlockVolume {
  /**
   * Tells two media apart that were in one slot one after the other: kernel name and disk sequence number, `sda1#17`;
   * before Linux 5.15 `sda1#i…`. Stays when the medium is formatted anew in its slot; means nothing after a reboot.
   */
  readonly key: string;
  readonly label: string | null;
  readonly uuid: string | null;
  /** As udev or blkid name it: `vfat`, `exfat`, `ext4`, …; null when nothing was recognised. */
  readonly fsType: string | null;
  readonly sizeBytes: number | null;
  /** The lock switch of the card or a write-protected device. */
  readonly readOnly: boolean;
  /** On a disk that the running system needs. */
  readonly system: boolean;
  /** Somebody mounted its disk outside of the roots: it has its place there, and is neither card nor drive. */
  readonly inUse: boolean;
  /** On a disk that can be pulled: USB, SD, or said to be removable. Only such a volume is announced, and mounted by us. */
  readonly removable: boolean;
  readonly hardware: Hardware;
}

/** The kernel or udev said something about a block device: a hint to look at it, never a fact. */
export interface BlockEvent {
  /** `kernel`: just now. `udev`: its rules have been run, so label and UUID are known. */
  readonly source: 'kernel' | 'udev';
  readonly action: 'add' | 'change' | 'remove' | 'other';
  /** Kernel name of the whole disk: `sda`, for an event of `sda1` too. */
  readonly disk: string;
  /** Number of the event since boot, the same from both sources. */
  readonly sequence: number;
  /** The kernel says that there is another medium in the slot, or none. */
  readonly mediumChanged: boolean;
}

/** What the kernel shows at one moment; complete. */
export interface DeviceListing {
  /**
   * Nodes of removable disks with a medium of which it is not known yet what is on them: `/dev/sda`. For 10 s at most
   * until udev is done, and as long again when `lsblk` does not answer.
   */
  readonly announced: readonly string[];
  /** Volumes that can hold photos or may once have; no swap, no boot partitions of installers, no empty slots. */
  readonly blocks: readonly BlockVolume[];
  /** Mounts at or below the roots, live, each with the key of its block volume. */
  readonly mounts: readonly MountedVolume[];
}

/** One mount. The id tells a volume that went away and came back between two listings from one that stayed. */
export interface MountedVolume extends Volume {
  /** First field of `/proc/self/mountinfo`, unique among the mounts of one moment. */
  readonly mountId: number;
  /**
   * `key` of the volume that is mounted here; null for tmpfs, network and others without a device. Not in `blocks` when
   * it is of a kind that never holds photos and somebody mounted it all the same.
   */
  readonly block: string | null;
}

/** Questions about folders and mounts; nothing here writes. */
export interface Places {
  /** Absolute, without symbolic links. Throws with the system's `code`. */
  realPath(path: string): Promise<string>;
  /**
   * Every path under which a folder, or what is mounted in it, can be seen: itself, and other mounts of the same file
   * system, bind mounts and subvolumes among them. Absolute, without links.
   */
  aliases(path: string): Promise<readonly string[]>;
  /** False when there is nothing, or something else. */
  isFolder(path: string): Promise<boolean>;
  /** A camera's folders lie at the top: DCIM, PRIVATE/M4ROOT, AVCHD, PRIVATE/AVCHD, XDROOT. Throws when it cannot be listed. */
  cameraFolders(root: string): Promise<boolean>;
  /** This process may create files there, and the mount is not read-only. */
  writable(root: string): Promise<boolean>;
  /** The volume on which a path stands. Throws when there is no such path. */
  volumeOf(path: string): Promise<Volume>;
  /** False once the mount went away, or its device did. */
  isMounted(mountId: number): Promise<boolean>;
  /** Where other file systems, or other parts of this one, are mounted below a folder; itself not among them. */
  mountsBelow(folder: string): Promise<readonly string[]>;
  /** Sectors written to a block device since it was attached; null when the kernel keeps no count of it. */
  sectorsWritten(node: string): Promise<number | null>;
  /** Bytes free for this process and bytes in all; null when the file system does not answer. */
  space(root: string): Promise<{ readonly freeBytes: number; readonly sizeBytes: number } | null>;
}

/** A drive.json is there and does not say whose it is: `damaged`, or of a later format; `unreadable`, the drive gives an error. */
export type IdentityTrouble = 'damaged' | 'unreadable';

/** What a look at the top of a volume or folder found. */
export interface Look {
  readonly identity: DriveIdentity | IdentityTrouble | null;
  readonly cameraFolders: boolean;
  readonly writable: boolean;
}

/** Why a volume was not mounted or unmounted. */
export type MountTrouble =
  /** No helper is installed, or it does not answer: volumes are used where somebody else mounts them. */
  | 'unavailable'
  /** The device went away, or another medium is in its slot now. */
  | 'gone'
  /** Part of the system, not removable, or its file system is not on the list. */
  | 'not-allowed'
  /** It is write-protected. */
  | 'read-only'
  /** Its file system is damaged: `detail` is the command that repairs it. */
  | 'needs-repair'
  /** Somebody uses it. */
  | 'busy'
  | 'failed';

export type MountAnswer =
  | { readonly ok: true; readonly path: string }
  | { readonly ok: false; readonly trouble: MountTrouble; readonly detail: string };

/** What is to be mounted: device node and the sequence number of its disk, so that no other medium is taken for it. */
export interface MountTarget {
  readonly node: string;
  /** `key` of the block volume, `sda1#17`. */
  readonly key: string;
}

/**
 * The root helper (`adapters/systemd/imagetank-mount`): three verbs, for removable volumes only. Never throws.
 * A volume has one mount point for as long as it is attached.
 */
export interface Mounter {
  /** Read-only, with the options of `threats.md`; a volume that is mounted there already is left as it is. */
  mountCard(target: MountTarget): Promise<MountAnswer>;
  /** Read-write; what was mounted as a card before is unmounted first. Never repairs. */
  mountDrive(target: MountTarget): Promise<MountAnswer>;
  /** Synced and unmounted; also what is left of a device that was pulled. Not mounted counts as done. */
  unmount(target: MountTarget): Promise<MountAnswer>;
}
