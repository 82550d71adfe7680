declare const brand: unique symbol;
type Brand<Name extends string> = string & { readonly [brand]: Name };

/**
 * Volume UUID and device size (`3A4F-1B2C+31914983424`), a folder's real path, `insertion-<n>` for a volume without UUID,
 * or `inbox-<drive id>`.
 */
export type CardId = Brand<'CardId'>;
/** Random UUID written to `.imagetank/drive.json` when the owner adopts the drive. */
export type DriveId = Brand<'DriveId'>;
/** `<UTC day>-<seq of the fact that asked for it>[-<n>]`, for example `20261121-57`: unique in one journal. */
export type BackupId = Brand<'BackupId'>;
/**
 * POSIX path below a root: no leading slash, no `.` or `..` segment, never normalised.
 * Bytes that are not UTF-8 are shown as U+FFFD; the raw bytes then stand beside it as `pathBase64`.
 */
export type RelativePath = Brand<'RelativePath'>;

export const cardId = (text: string): CardId => text as CardId;
export const driveId = (text: string): DriveId => text as DriveId;
const INBOX = 'inbox-';

/** The inbox of a drive as a card: the same wherever the drive is mounted. */
export const inboxCardId = (drive: DriveId): CardId => `${INBOX}${drive}` as CardId;
export const isInboxCard = (id: CardId): boolean => id.startsWith(INBOX);

export const backupId = (text: string): BackupId => text as BackupId;

/** Takes a path as it is; throws a `RangeError` when it is absolute, empty or climbs out of its root. */
export function relativePath(text: string): RelativePath {
  const climbs = text.split('/').some((part) => part === '' || part === '.' || part === '..');
  if (climbs) throw new RangeError(`not a relative path: ${JSON.stringify(text)}`);
  return text as RelativePath;
}
