/** The number of red blinks, `contract.md` section 1. The lowest latched code is the one shown. */
export type ErrorCode = 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;

/** Every way in which something fails that a person can do something about, and the code it blinks. */
export const CODE_OF_REASON = {
  'no-drive': 2,
  'too-few-copies': 2,
  'drive-full': 3,
  'file-too-large': 3,
  'card-unreadable': 4,
  'file-changed': 4,
  'verify-mismatch': 5,
  'card-altered': 5,
  'card-removed': 6,
  interrupted: 6,
  'drive-lost': 7,
  'drive-failing': 7,
  'drive-not-writable': 7,
  'drive-id-clash': 7,
  'mount-failed': 8,
  'weak-power': 8,
  internal: 9,
  'journal-damaged': 9,
  'state-disk-full': 9,
} as const satisfies Record<string, ErrorCode>;

export type Reason = keyof typeof CODE_OF_REASON;

/** Why a backup ended before its end although nothing was wrong with the files: it can go on later. */
export type Interruption = 'card-removed' | 'shutdown' | 'power-cut' | 'weak-power';

/** What to do about it, in words that end up on the screen of a phone. */
export const ADVICE = {
  'no-drive': 'No drive to copy to: attach an adopted drive, the backup then starts by itself.',
  'too-few-copies': 'Fewer drives than copies asked for: attach another adopted drive.',
  'drive-full': 'The card does not fit on the drive: attach a drive with more room, or use --fit.',
  'file-too-large':
    'A file is larger than the drive’s file system allows (4 GiB on FAT32): use exFAT or ext4.',
  'card-unreadable':
    'Some files could not be read, all others are copied: try another reader, keep the card.',
  'file-changed': 'A file kept changing while it was read: stop the camera from writing, then back up again.',
  'verify-mismatch': 'What was read back differs from what was written: do not trust this drive or cable.',
  'card-altered':
    'A file is not what the card’s own manifest says: it is copied as it is; try another reader, keep the card.',
  'card-removed': 'The card was removed too early: insert it again, the backup goes on where it stopped.',
  interrupted: 'A backup was interrupted and its card is not attached: insert it again to finish.',
  'drive-lost': 'The drive went away or failed in mid copy: check cable and power, attach it again.',
  'drive-failing': 'The drive reports write errors: use another drive.',
  'drive-not-writable': 'The drive cannot be written: check its lock switch and its file system.',
  'drive-id-clash': 'Two attached drives carry the same id (a cloned disk?): detach one of them.',
  'mount-failed': 'The card’s file system could not be mounted: try another reader.',
  'weak-power': 'The power supply is too weak: use the one made for the Pi.',
  internal: 'Something went wrong inside imagetank: see `imagetank log tail` and report it.',
  'journal-damaged': 'The journal was damaged and moved aside: content is learned again from the drives.',
  'state-disk-full': 'The disk that holds the journal is full: free some space on it.',
} as const satisfies Record<Reason, string>;
