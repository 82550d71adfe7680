import type { CardId, DriveId } from '../../machines/ids.ts';
import type { Card, Drive } from '../../machines/media.ts';

/** A drive as it is shown: without an id while nobody has given it one. */
export type ShownDrive = Omit<Drive, 'id'> & {
  readonly id: DriveId | null;
  /** Its drive.json does not say whose it is: it is not written. */
  readonly identityTrouble?: 'damaged' | 'unreadable';
};

/** What the control asks of the device service. Throws `UserError` 64, 65, 66, 73, 77. */
export interface Devices {
  readonly attached: { readonly cards: readonly Card[]; readonly drives: readonly ShownDrive[] };
  attachFolderCard(dir: string, label: string | null, start: 'auto' | 'manual'): Promise<Card>;
  /** A folder to read as a card without making it one; the card itself where it is one. Throws 64 for a drive, 66. */
  folderToRead(dir: string): Promise<Card>;
  detachCard(id: CardId): Promise<void>;
  attachFolderDrive(dir: string): Promise<ShownDrive>;
  detachDrive(target: string): Promise<ShownDrive>;
  adopt(target: string, options: { readonly force: boolean }): Promise<ShownDrive>;
  adoptCandidate(): Promise<ShownDrive | null>;
  forget(target: string): Promise<ShownDrive>;
  /** Unmounts what the helper mounted; returns what could not be, in words. */
  letGo(): Promise<readonly string[]>;
}
