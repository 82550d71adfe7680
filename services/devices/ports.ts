/** What the device service needs from the outside beside `services/ports.ts`. */
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
  /** Null when there is no drive.json, or none that is understood; throws when it is there and cannot be read. */
  read(root: string): Promise<DriveIdentity | null>;
  /** Durable when it resolves. Throws when it cannot be written, or when there is one already: never replaces. */
  write(root: string, identity: DriveIdentity): Promise<void>;
}

/** One mount. The id tells a volume that went away and came back between two listings from one that stayed. */
export interface MountedVolume extends Volume {
  /** First field of `/proc/self/mountinfo`, unique among the mounts of one moment. */
  readonly mountId: number;
}

/** Questions about folders and mounts; nothing here writes. */
export interface Places {
  /** Absolute, without symbolic links. Throws with the system's `code`. */
  realPath(path: string): Promise<string>;
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
  /** Bytes free for this process and bytes in all; null when the file system does not answer. */
  space(root: string): Promise<{ readonly freeBytes: number; readonly sizeBytes: number } | null>;
}

/** What a look at the top of a volume or folder found. */
export interface Look {
  /** `unreadable`: a drive.json is there and cannot be read. */
  readonly identity: DriveIdentity | 'unreadable' | null;
  readonly cameraFolders: boolean;
  readonly writable: boolean;
}
