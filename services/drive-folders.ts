/** Folders at the top of a drive that are no part of the library (contract.md, section 4). */

/** Where imagetank keeps what is its own. */
export const OWN_FOLDER = '.imagetank';
/** Made by the drive's owner: files appear in it and are moved into the library. */
export const INBOX_FOLDER = 'inbox';
